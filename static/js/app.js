// What every page does beyond links and forms. Without this file everything still works.
(() => {
  "use strict";
  const body = document.body;
  const live = document.getElementById("live");
  const say = (text) => { live.textContent = ""; live.textContent = text; };
  const isField = (node) => node.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

  // ---------- keys: / find, g w work, g t tenders, ? list of keys; off inside fields, can be switched off ----------
  const dialog = document.getElementById("keys");
  const keysOn = () => localStorage.getItem("assay-keys") !== "off";
  const find = () => [...document.querySelectorAll("input[type=search]")].find((node) => node.checkVisibility());
  let afterG = 0;
  const go = (selector) => document.querySelector(`.topbar ${selector}`)?.click();
  const keys = {
    "/": () => find()?.focus(),
    "?": () => dialog.showModal(),
    g: () => { afterG = Date.now(); },
  };
  const afterGKeys = { w: () => go(".brand"), t: () => go(`nav a[href="${body.dataset.tenders}"]`) };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target) || dialog.open || !keysOn()) { return; }
    const wasG = Date.now() - afterG < 1500;
    afterG = 0;
    const action = (wasG && afterGKeys[event.key]) || keys[event.key];
    if (action) { event.preventDefault(); action(); }
  });
  const keySwitch = dialog.querySelector("[data-keys-switch]");
  keySwitch.checked = keysOn();
  keySwitch.addEventListener("change", () => localStorage.setItem("assay-keys", keySwitch.checked ? "on" : "off"));
  document.querySelectorAll("[data-keys-opener]").forEach((part) => {
    part.hidden = false;
    part.querySelector("button").addEventListener("click", () => dialog.showModal());
  });

  // ---------- menus close on Escape and on a click elsewhere ----------
  const closeMenus = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) { menu.open = false; }
  });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // ---------- a button that is not available now says why and does nothing ----------
  document.addEventListener("click", (event) => {
    if (event.target.closest("[aria-disabled=true]")) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  // ---------- forms: warn before typed text is lost, keep it over a lost session ----------
  // <form data-guard>: asks before leaving with unsaved changes.
  // <form data-keep="a-name">: text is kept in this tab until the form was accepted, and offered again.
  const person = body.dataset.person;
  const slot = (form) => `assay-kept:${person}:${form.dataset.keep}`;
  const kept = (form) => JSON.parse(sessionStorage.getItem(slot(form)) || "null");
  const worthKeeping = (node) => node.name && !node.closest("[data-not-kept]")
    && !["password", "file", "hidden", "submit", "button"].includes(node.type) && node.autocomplete !== "one-time-code";
  const value = (node) => (["checkbox", "radio"].includes(node.type) ? node.checked : node.value);
  const name = (node) => (node.type === "radio" || node.type === "checkbox" ? `${node.name}=${node.value}` : node.name);
  const snapshot = (form) => Object.fromEntries([...form.elements].filter(worthKeeping).map((node) => [name(node), value(node)]));
  const differs = (form, values) => [...form.elements].filter(worthKeeping)
    .some((node) => name(node) in values && values[name(node)] !== value(node));

  const forget = () => Object.keys(sessionStorage).filter((key) => key.startsWith("assay-")).forEach((key) => sessionStorage.removeItem(key));
  if (person && sessionStorage.getItem("assay-person") !== person) {
    if (sessionStorage.getItem("assay-person")) { forget(); }
    sessionStorage.setItem("assay-person", person);
  }
  document.querySelectorAll("form[data-sign-out]").forEach((form) => form.addEventListener("submit", forget));

  // A form that was sent and whose next page is neither the sign-in page nor the same form with faults was accepted.
  const sent = sessionStorage.getItem("assay-sent");
  const failed = document.querySelector(".is-invalid, .alert-danger, [data-stale-page]");
  if (sent && !body.hasAttribute("data-sign-in")) {
    if (!failed && person) { sessionStorage.removeItem(sent); }
    sessionStorage.removeItem("assay-sent");
  }
  if (body.hasAttribute("data-sign-in")) { sessionStorage.removeItem("assay-sent"); }

  const button = (text, action) => {
    const node = document.createElement("button");
    node.type = "button";
    node.className = "btn btn-line btn-sm";
    node.textContent = text;
    node.addEventListener("click", action);
    return node;
  };
  const note = (kind, text, ...actions) => {
    const node = document.createElement("div");
    node.className = `note ${kind} script-note`;
    const line = document.createElement("div");
    line.append(text, " ", ...actions);
    node.append(line);
    return node;
  };
  const restore = (form, values) => [...form.elements].filter((node) => worthKeeping(node) && name(node) in values).forEach((node) => {
    if (["checkbox", "radio"].includes(node.type)) { node.checked = values[name(node)]; } else { node.value = values[name(node)]; }
    node.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const offer = (form, values) => {
    const box = note("warn", body.dataset.kept,
      button(body.dataset.restore, () => { restore(form, values); box.remove(); form.elements[0]?.focus(); }), " ",
      button(body.dataset.discard, () => { sessionStorage.removeItem(slot(form)); box.remove(); }));
    form.before(box);
    say(body.dataset.kept);
  };

  const dirty = new Set();
  document.querySelectorAll("form[data-keep]").forEach((form) => {
    const values = kept(form);
    if (values && differs(form, values)) { offer(form, values); }
  });
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-guard]")) { dirty.add(form); }
    if (form?.matches("[data-keep]")) { sessionStorage.setItem(slot(form), JSON.stringify(snapshot(form))); }
  });
  document.addEventListener("submit", (event) => {
    dirty.delete(event.target);
    if (event.target.matches("[data-keep]")) { sessionStorage.setItem("assay-sent", slot(event.target)); }
  });
  // A form that saves itself (hx-post) is sent off: the save under way ends first and no other begins, because one's
  // own save would count as somebody else's.
  const leaving = new Set();
  const sameButton = (form, old) => [...form.elements].find((node) => node.type === "submit"
    && ["name", "value", "formaction"].every((key) => node.getAttribute(key) === old.getAttribute(key)));
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || !form.matches("[hx-post]")) { return; }
    leaving.add(form);
    if (form.classList.contains("htmx-request")) {
      event.preventDefault();
      // The save may have put a new button in the place of the pressed one.
      form.addEventListener("htmx:afterRequest", () => form.requestSubmit(submitter && sameButton(form, submitter)), { once: true });
    }
  });
  document.addEventListener("input", (event) => leaving.delete(event.target.form));
  window.addEventListener("pageshow", () => leaving.clear());
  window.addEventListener("beforeunload", (event) => {
    if ([...dirty].some((form) => form.isConnected)) { event.preventDefault(); }
  });

  // ---------- focus: the first fault of a form; wide tables can be scrolled by key ----------
  const firstFault = document.querySelector("main .is-invalid");
  firstFault?.focus();
  const reachable = (root) => root.querySelectorAll(".sec, .scroll, .tabs").forEach((part) => {
    if (part.scrollWidth > part.clientWidth + 1 && !part.querySelector("a[href], button, input, select, textarea")) {
      part.tabIndex = 0;
    }
  });
  reachable(document);
  const tab = document.querySelector(".tabs [aria-current]");
  if (tab) { tab.parentElement.scrollLeft = tab.offsetLeft + tab.offsetWidth - tab.parentElement.clientWidth + 24; }
  window.addEventListener("resize", () => reachable(document));

  // ---------- htmx regions: busy, failed, stale, session ended, announced ----------
  const waits = new WeakMap();
  body.addEventListener("htmx:beforeRequest", (event) => {
    if (leaving.has(event.detail.elt)) { event.preventDefault(); return; }
    const region = event.detail.target;
    region.setAttribute("aria-busy", "true");
    region.previousElementSibling?.matches(".script-note") && region.previousElementSibling.remove();
    waits.set(region, setTimeout(() => {
      const text = document.createElement("p");
      text.className = "updating";
      text.textContent = body.dataset.updating;
      region.append(text);
    }, 400));
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    const region = event.detail.target;
    clearTimeout(waits.get(region));
    region.removeAttribute("aria-busy");
    region.querySelector(":scope > .updating")?.remove();
    if (event.detail.successful) { dirty.delete(event.detail.elt.closest("form")); }
  });
  body.addEventListener("htmx:beforeSwap", (event) => {
    // The session ended: the answer is the sign-in page, which must not land inside a region.
    if (/<body[^>]* data-sign-in/.test(event.detail.xhr.responseText)) {
      event.detail.shouldSwap = false;
      dirty.clear();
      location.reload();
    }
  });
  const broken = (event) => {
    const { target, elt, xhr } = event.detail;
    const stale = xhr?.status === 409;
    // What the site cannot do at the moment it says in a sentence, and no page.
    const isSentence = xhr?.getResponseHeader("Content-Type")?.startsWith("text/plain");
    const text = stale ? body.dataset.stale : (isSentence && xhr.responseText) || body.dataset.failed;
    const { verb, path } = event.detail.requestConfig;
    const again = stale ? button(body.dataset.reload, () => location.reload())
      : button(body.dataset.again, () => window.htmx.ajax(verb, path, { source: elt, target }));
    target.before(note("no", text, again));
    say(text);
  };
  body.addEventListener("htmx:responseError", broken);
  body.addEventListener("htmx:sendError", broken);
  body.addEventListener("htmx:afterSettle", (event) => {
    const text = event.detail.elt.dataset?.announce;
    if (text) { say(text); }
    reachable(event.detail.elt);
  });
})();
