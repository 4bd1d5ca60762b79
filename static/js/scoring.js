// Keys of the marks page: 0 to 9 mark, X not marked, J K next and previous bidder, [ ] criterion, R reason,
// Ctrl+Enter save and go to the next bidder, Esc leave the field. Without this file every mark can be given.
(() => {
  "use strict";
  const bidders = () => [...document.querySelectorAll(".bidder")];
  let here = 0;
  const current = () => bidders()[here];
  const show = (index) => {
    const all = bidders();
    if (!all.length) { return; }
    here = Math.min(Math.max(index, 0), all.length - 1);
    all.forEach((part, i) => part.classList.toggle("cur", i === here));
  };
  const go = (step) => {
    show(here + step);
    current()?.querySelector("input[type=radio]:checked, input[type=radio], input[name=mark]")?.focus();
    current()?.scrollIntoView({ block: "nearest" });
  };
  const mark = (value) => current()?.querySelector(`input[type=radio][value="${value}"]`)?.click();
  const open = (rel) => document.querySelector(`main a[rel=${rel}]`)?.click();
  const keys = {
    j: () => go(1), k: () => go(-1), x: () => mark("x"), r: () => current()?.querySelector("textarea")?.focus(),
    "[": () => open("prev"), "]": () => open("next"),
  };
  document.addEventListener("focusin", (event) => {
    const index = bidders().indexOf(event.target.closest(".bidder"));
    if (index >= 0) { show(index); }
  });
  document.addEventListener("keydown", (event) => {
    const field = event.target.matches("textarea, select, input:not([type=radio])");
    if (event.ctrlKey && event.key === "Enter" && event.target.closest(".bidder")) {
      event.preventDefault();
      event.target.form.requestSubmit();
      go(1);
    } else if (event.key === "Escape" && field) {
      event.target.blur();
    } else if (!field && !event.ctrlKey && !event.metaKey && !event.altKey && localStorage.getItem("assay-keys") !== "off"
      && !document.querySelector("dialog[open]")) {
      const action = keys[event.key.toLowerCase()] || (/^[0-9]$/.test(event.key) && (() => mark(event.key)));
      if (action) { event.preventDefault(); action(); }
    }
  });
})();
