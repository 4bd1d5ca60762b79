// Keys of the scoring grid: 0-9 mark, X abstain, N not my field, J K next and previous cell, [ ] page before and after,
// U next open cell, R reason, E quote the evidence, Ctrl+Enter save and next, Esc leaves the field. They work on:
//   <div class="score-grid" data-scoring> with one .bidder each, which holds the marks (radios, or a field and buttons
//   [data-absence]), a textarea for the reason, [data-save] and perhaps [data-quote];
//   <div data-besides>: what to read beside each .bidder, named by its data-beside; only the current one is shown;
//   links with rel="prev" and rel="next" and [data-open-cell] inside [data-criteria].
(() => {
  "use strict";
  const grid = document.querySelector("[data-scoring]");
  if (!grid) { return; }
  const cells = [...grid.querySelectorAll(".bidder")];
  const besides = document.querySelector("[data-besides]");
  const current = () => cells.find((part) => part.classList.contains("cur")) || cells[0];
  const beside = (part) => document.getElementById(part.dataset.beside);
  const press = (selector) => current().querySelector(selector)?.click();
  const follow = (selector) => document.querySelector(`[data-criteria] ${selector}`)?.click();

  // ---------- the current cell, and what is read beside it ----------
  const choose = (part) => {
    cells.forEach((other) => other.classList.toggle("cur", other === part));
    besides?.querySelectorAll(".beside").forEach((other) => other.classList.toggle("on", other === beside(part)));
  };
  const enter = (part) => {
    choose(part);
    // only here: a page that scrolls under a pressed mouse button loses the click
    part.scrollIntoView({ block: "nearest" });
    (part.querySelector("input:checked:not(:disabled)") || part.querySelector("input:not(:disabled, [type=hidden])"))?.focus();
  };
  const move = (by) => {
    const part = cells[cells.indexOf(current()) + by];
    if (part) { enter(part); }
    return part;
  };
  const named = () => cells.find((part) => location.hash === `#${part.id}`);
  besides?.classList.add("one-beside");
  if (named()) { enter(named()); } else { choose(cells.find((part) => part.querySelector(".is-invalid, .errorlist")) || cells[0]); }
  window.addEventListener("hashchange", () => { if (named()) { enter(named()); } });
  // While a mouse button is down nothing may move: the cells are chosen anew once it is up, and the click is made.
  let pressed = false;
  const release = () => {
    pressed = false;
    setTimeout(() => {
      const part = document.activeElement.closest(".bidder");
      if (part && part !== current()) { choose(part); }
    });
  };
  document.addEventListener("pointerdown", () => { pressed = true; }, true);
  document.addEventListener("pointerup", release, true);
  document.addEventListener("pointercancel", release, true);
  grid.addEventListener("focusin", (event) => {
    const part = event.target.closest(".bidder");
    if (part && !pressed) { choose(part); }
  });

  // ---------- marks ----------
  const mark = (value) => {
    const radio = current().querySelector(`input[type=radio][value="${value}"]:not(:disabled)`);
    if (radio) { radio.focus(); radio.click(); return true; }
    press(`[data-absence="${value}"]`);
    return true;
  };
  const digit = (value) => {
    const field = current().querySelector("input[name=mark]:not([type=radio])");
    if (!field) { return mark(value); }
    field.focus();
    field.select();
    return false; // the key itself is typed into the field
  };
  // A reason that is typed before the mark is not sent: there is nothing to keep yet.
  const isMarked = (form) => form.querySelector("input[name=mark]:checked")
    || form.querySelector("input[name=mark]:not([type=radio])")?.value;
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (grid.contains(elt) && requestConfig.triggeringEvent?.type === "change" && !isMarked(elt)) { event.preventDefault(); }
  });

  // ---------- quoting: what is selected in the evidence, else its first note ----------
  const quotable = (part) => [...(beside(part)?.querySelectorAll("[data-quotable]") || [])];
  const quote = (part) => {
    const selection = window.getSelection();
    const notes = quotable(part);
    const chosen = notes.find((note) => String(selection).trim() && selection.containsNode(note, true)) || notes[0];
    if (!chosen) { return; }
    const words = chosen.contains(selection.anchorNode) && String(selection).trim() || chosen.textContent.trim();
    const field = part.querySelector("textarea");
    const lead = field.value.trim() ? `${field.value.trimEnd()}\n` : "";
    field.value = `${lead}${chosen.dataset.quotable}: “${words}”`.slice(0, field.maxLength);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  cells.filter((part) => quotable(part).length).forEach((part) => {
    const button = part.querySelector("[data-quote]");
    button.hidden = false;
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    button.addEventListener("click", () => quote(part));
  });

  // ---------- keys ----------
  const saveAndNext = () => {
    const part = current();
    press("[data-save]");
    if (!move(1)) {
      part.querySelector("form").addEventListener("htmx:afterRequest", (event) => {
        if (event.detail.successful) { follow("a[rel=next]") ?? follow("[data-open-cell]"); }
      }, { once: true });
    }
  };
  const keys = {
    x: () => mark("x"),
    n: () => mark("n"),
    j: () => move(1),
    k: () => move(-1),
    "[": () => follow("a[rel=prev]"),
    "]": () => follow("a[rel=next]"),
    u: () => follow("[data-open-cell]"),
    r: () => current().querySelector("textarea")?.focus(),
    e: () => press("[data-quote]"),
  };
  document.addEventListener("keydown", (event) => {
    if (localStorage.getItem("assay-keys") === "off" || document.querySelector("dialog[open]")) { return; }
    const typing = event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      saveAndNext();
    } else if (event.key === "Escape" && typing && grid.contains(event.target)) {
      event.target.blur();
      current().querySelector("input[type=radio]:checked, input[type=radio]:not(:disabled)")?.focus();
    } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const action = /^\d$/.test(event.key) ? () => digit(event.key) : keys[event.key.toLowerCase()];
      if (action && action() !== false) { event.preventDefault(); }
    }
  });
})();
