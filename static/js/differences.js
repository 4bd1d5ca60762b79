// Keys of the list of differences: J K next and previous row; Enter opens its detail, being a link. On a narrow
// window an opened detail stands below the list and is scrolled to.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll(".splits .item")];
  const move = (by) => {
    const all = rows();
    const here = all.indexOf(document.activeElement);
    const from = here < 0 ? all.findIndex((row) => row.hasAttribute("aria-current")) : here;
    all[Math.min(Math.max(from + by, 0), all.length - 1)]?.focus();
  };
  const keys = { j: () => move(1), k: () => move(-1) };
  document.addEventListener("keydown", (event) => {
    if (localStorage.getItem("assay-keys") === "off" || document.querySelector("dialog[open]")) { return; }
    const typing = event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
    const action = !typing && !event.ctrlKey && !event.metaKey && !event.altKey && keys[event.key.toLowerCase()];
    if (action) { event.preventDefault(); action(); }
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.id === "differences" && matchMedia("(max-width: 1100px)").matches) {
      document.getElementById("detail").scrollIntoView();
    }
  });
})();
