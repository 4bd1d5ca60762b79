// Runs every <time data-deadline data-now> by the server's clock: `data-now` is what the server's clock said when it
// wrote the page, and only the time that has passed since then is taken from the browser.
(() => {
  "use strict";
  const loaded = new Map();

  const left = (node) => {
    if (loaded.get(node)?.now !== node.dataset.now) {
      loaded.set(node, { now: node.dataset.now, at: performance.now() });
    }
    const now = Date.parse(node.dataset.now) + performance.now() - loaded.get(node).at;
    return Math.max(Math.ceil((Date.parse(node.dataset.deadline) - now) / 1000), 0);
  };

  const write = (node, seconds) => {
    const [d, h, m, s] = node.dataset.units.split(" ");
    const days = Math.floor(seconds / 86400);
    const parts = [[days, d], [Math.floor(seconds / 3600) % 24, h], [Math.floor(seconds / 60) % 60, m], [seconds % 60, s]];
    const shown = days ? parts.slice(0, 3) : parts.slice(1);
    node.replaceChildren(...shown.flatMap(([value, unit], i) => {
      const small = document.createElement("small");
      small.textContent = unit;
      return [i ? String(value).padStart(2, "0") : String(value), small];
    }));
  };

  // At zero the fields freeze; the draft is kept and nothing is sent.
  const close = (node) => {
    node.textContent = node.dataset.over;
    node.classList.add("over");
    document.querySelectorAll("[data-until-deadline]:enabled").forEach((part) => {
      part.disabled = true;
      part.dataset.stopped = "";
    });
    const live = document.getElementById("live");
    if (live) { live.textContent = node.dataset.over; }
  };

  // The deadline was moved to a later time: what the clock froze goes on.
  const goOn = () => {
    document.querySelectorAll("[data-stopped]").forEach((part) => {
      part.disabled = false;
      delete part.dataset.stopped;
    });
  };

  const tick = () => {
    document.querySelectorAll("time[data-deadline]:not(.over)").forEach((node) => {
      const seconds = left(node);
      node.classList.toggle("soon", seconds <= 3600);
      if (seconds) { write(node, seconds); goOn(); } else { close(node); }
    });
  };

  tick();
  setInterval(tick, 1000);
})();
