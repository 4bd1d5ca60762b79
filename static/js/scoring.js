// Keys of the scoring grid: 0-9 mark, X not marked, J K bidder, [ ] criterion, R reason, E quote the evidence,
// Ctrl+Enter save and next, Esc leaves the field. They work on:
//   <div class="score-grid" data-scoring> with one .bidder each, which holds the radios (value: the mark, or "x"),
//   a textarea for the reason, and perhaps [data-quote] and [data-save] buttons;
//   links with rel="prev" and rel="next" inside [data-criteria] lead to the criterion before and after.
(() => {
  "use strict";
  const grid = document.querySelector("[data-scoring]");
  if (!grid) { return; }
  const bidders = [...grid.querySelectorAll(".bidder")];
  const current = () => bidders.find((part) => part.classList.contains("cur")) || bidders[0];

  const choose = (part) => bidders.forEach((other) => other.classList.toggle("cur", other === part));
  const move = (by) => {
    const part = bidders[bidders.indexOf(current()) + by];
    if (!part) { return; }
    choose(part);
    // only here: a page that scrolls under a pressed mouse button loses the click
    part.scrollIntoView({ block: "nearest" });
    (part.querySelector("input:checked:not(:disabled)") || part.querySelector("input:not(:disabled)"))?.focus();
  };
  const mark = (value) => {
    const radio = current().querySelector(`input[type=radio][value="${value}"]:not(:disabled)`);
    if (radio) { radio.focus(); radio.click(); }
  };
  const follow = (rel) => document.querySelector(`[data-criteria] a[rel=${rel}]`)?.click();
  const press = (selector) => current().querySelector(selector)?.click();
  const keys = {
    x: () => mark("x"),
    j: () => move(1),
    k: () => move(-1),
    "[": () => follow("prev"),
    "]": () => follow("next"),
    r: () => current().querySelector("textarea")?.focus(),
    e: () => press("[data-quote]"),
  };

  grid.addEventListener("focusin", (event) => {
    const part = event.target.closest(".bidder");
    if (part) { choose(part); }
  });
  document.addEventListener("keydown", (event) => {
    if (localStorage.getItem("assay-keys") === "off" || document.querySelector("dialog[open]")) { return; }
    const typing = event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      press("[data-save]");
      move(1);
    } else if (event.key === "Escape" && typing && grid.contains(event.target)) {
      (current().querySelector("input:checked") || current().querySelector("input"))?.focus();
    } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const action = /^\d$/.test(event.key) ? () => mark(event.key) : keys[event.key.toLowerCase()];
      if (action) { event.preventDefault(); action(); }
    }
  });
})();
