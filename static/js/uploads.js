// Files on their way up: how much of one has arrived, and a word before one is sent that is too large to be taken.
//   <form data-upload data-too-large="..." data-most-bytes="..."> with hx-post, whose file field is joined by form="...".
// Files that arrived before stay where they are, whatever becomes of this one.
(() => {
  "use strict";
  const form = (event) => event.detail.elt.closest?.("form[data-upload]");
  const field = (of) => [...of.elements].find((node) => node.type === "file");

  const note = (of, text) => {
    const beside = field(of);
    let line = beside.parentElement.parentElement.querySelector(".upload-note");
    if (!line) {
      line = document.createElement("p");
      line.className = "upload-note invalid-feedback";
      line.setAttribute("role", "alert");
      beside.parentElement.after(line);
    }
    line.textContent = text;
  };

  const bar = (of) => {
    const beside = field(of);
    let shown = beside.parentElement.querySelector("progress");
    if (!shown) {
      shown = document.createElement("progress");
      shown.setAttribute("aria-label", of.dataset.progress);
      beside.parentElement.append(shown);
    }
    return shown;
  };

  document.body.addEventListener("htmx:confirm", (event) => {
    const of = form(event);
    const file = of && field(of)?.files[0];
    if (!file) { return; }
    const most = Number(of.dataset.mostBytes);
    if (file.size <= most) { note(of, ""); return; }
    event.preventDefault();
    note(of, of.dataset.tooLarge.replace("{name}", file.name));
  });
  document.body.addEventListener("htmx:xhr:progress", (event) => {
    const of = form(event);
    if (!of || !field(of) || !event.detail.lengthComputable) { return; }
    const shown = bar(of);
    shown.max = event.detail.total;
    shown.value = event.detail.loaded;
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const of = form(event);
    if (of) { field(of)?.parentElement.querySelector("progress")?.remove(); }
  });
})();
