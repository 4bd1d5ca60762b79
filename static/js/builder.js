// Choosing many rows at once, and their order by drag or Alt and an arrow key. Without it the buttons do the same.
(() => {
  "use strict";
  const live = document.getElementById("live");
  const say = (text) => { live.textContent = ""; live.textContent = text; };
  const boxes = (form) => [...form.querySelectorAll("tbody input[type=checkbox]")];

  // ---------- how many are chosen, all of them, and from one to another with Shift ----------
  const count = (form) => {
    const chosen = boxes(form).filter((box) => box.checked).length;
    form.querySelectorAll("[data-count]").forEach((node) => { node.textContent = chosen || ""; });
    const all = form.querySelector("[data-all]");
    if (all) {
      all.checked = chosen > 0 && chosen === boxes(form).length;
      all.indeterminate = chosen > 0 && !all.checked;
    }
  };
  let last = null;
  const start = (root) => root.querySelectorAll("form[data-picks]").forEach((form) => {
    const all = form.querySelector("[data-all]");
    if (all) { all.hidden = false; }
    form.querySelectorAll("tbody[data-rows] tr").forEach((row) => { row.draggable = true; });
    count(form);
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest("form[data-picks] tbody input[type=checkbox]");
    if (!box) { return; }
    const known = boxes(box.form);
    if (event.shiftKey && known.includes(last)) {
      const [from, to] = [known.indexOf(last), known.indexOf(box)].sort((a, b) => a - b);
      known.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    }
    last = box;
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-picks]");
    if (!form) { return; }
    if (event.target.matches("[data-all]")) { boxes(form).forEach((box) => { box.checked = event.target.checked; }); }
    count(form);
  });

  // ---------- order ----------
  const keysOf = (body) => [...body.querySelectorAll("tr[data-key]")].map((row) => row.dataset.key).join(",");
  let chosen = [];
  let focused = "";
  const store = (row) => {
    const body = row.closest("tbody[data-rows]");
    const form = body.closest("form");
    const order = keysOf(body);
    const seen = form.querySelector("input[name=seen]").value;
    if (order === seen) { return; }
    chosen = boxes(form).filter((box) => box.checked).map((box) => box.value);
    focused = row.dataset.key;
    say(`${row.querySelector(".code").textContent}: ${form.dataset.moved} ${[...body.children].indexOf(row) + 1}`);
    window.htmx.ajax("POST", form.dataset.order, { target: "#rows", select: "#rows", swap: "outerHTML", values: { seen, order } });
  };
  document.body.addEventListener("htmx:afterSettle", () => {
    const rows = document.getElementById("rows");
    if (!rows || !focused) { return; }
    start(rows);
    rows.querySelectorAll("tbody input[type=checkbox]").forEach((box) => { box.checked = chosen.includes(box.value); });
    rows.querySelectorAll("form[data-picks]").forEach(count);
    const row = document.getElementById(`row-${focused}`);
    row?.classList.add("dropped");
    row?.querySelector("input[type=checkbox]").focus();
    focused = "";
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("tbody[data-rows] tr[data-key]");
    if (!row || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) { return; }
    event.preventDefault();
    const other = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
    if (!other) { return; }
    if (event.key === "ArrowUp") { other.before(row); } else { other.after(row); }
    store(row);
  });
  let dragged = null;
  const rowAt = (event) => event.target.closest?.("tbody[data-rows] tr[data-key]");
  document.addEventListener("dragstart", (event) => {
    dragged = rowAt(event);
    if (!dragged) { return; }
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.key);
    dragged.classList.add("dragged");
  });
  document.addEventListener("dragover", (event) => {
    const over = rowAt(event);
    if (!dragged || !over || over.parentElement !== dragged.parentElement) { return; }
    event.preventDefault();
    if (over === dragged) { return; }
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) { over.before(dragged); } else { over.after(dragged); }
  });
  document.addEventListener("drop", (event) => { if (dragged) { event.preventDefault(); } });
  document.addEventListener("dragend", () => {
    if (!dragged) { return; }
    dragged.classList.remove("dragged");
    store(dragged);
    dragged = null;
  });

  start(document);
})();
