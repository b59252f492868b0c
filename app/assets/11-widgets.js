/* Native controls made from a description in an attribute: sliders, the two ends of a range, the day, the order. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const make = (tag, props, ...children) => {
    const el = Object.assign(document.createElement(tag), props);
    el.append(...children);
    return el;
  };
  yt.make = make;
  /** Who works at this machine: remembered, else asked for when there is a question. */
  yt.who = (question) => {
    let known = "";
    try {
      known = localStorage.getItem("yt-who") || "";
    } catch (_) {
      /* nothing is remembered here */
    }
    if (known || !question) return known;
    const given = window.prompt(question) || "";
    if (given) yt.remember("yt-who", given);
    return given;
  };
  const params = () => new URLSearchParams(location.search);

  // ── one value ────────────────────────────────────────────────────────────────────────────────
  function slider(box) {
    const what = JSON.parse(box.dataset.range);
    let input = box.querySelector("input");
    if (!input) {
      input = make("input", { type: "range" });
      box.append(input);
      input.addEventListener("input", () => {
        const now = JSON.parse(box.dataset.range);
        paint(input);
        const shown = box.parentElement.querySelector(".pct");
        if (shown) shown.textContent = yt.say("percent", { value: input.value });
        const layer = now.live[0][2];
        const model = yt.modelNow;
        if (model && window.yuantu) {
          for (const x of model.layers) if (x.id === layer) x.opacity = input.value / 100;
          if (layer === "area" && model.choropleth) model.choropleth.opacity = input.value / 100;
          window.yuantu.setModel({ ...model, layers: model.layers.map((x) => ({ ...x })), choropleth: model.choropleth && { ...model.choropleth } });
        }
      });
      input.addEventListener("change", () => yt.act(JSON.parse(box.dataset.range).live, input.value, true));
    }
    Object.assign(input, { min: what.min, max: what.max, step: what.step });
    input.setAttribute("aria-label", what.label);
    if (document.activeElement !== input) input.value = what.value;
    paint(input);
  }
  function paint(input) {
    const part = (100 * (input.value - input.min)) / (input.max - input.min || 1);
    input.style.setProperty("--part", part + "%");
  }

  // ── two ends of a range, on the edges of its histogram; boxes for exact numbers ──────────────
  function dual(box) {
    const what = JSON.parse(box.dataset.dual);
    if (box.dataset.made === box.dataset.dual) return;
    box.dataset.made = box.dataset.dual;
    const last = what.edges.length - 1;
    const near = (v) => what.edges.reduce((best, x, i) => (Math.abs(x - v) < Math.abs(what.edges[best] - v) ? i : best), 0);
    const low = make("input", { type: "range", min: 0, max: last, step: 1, value: what.low === null ? 0 : near(what.low), className: "a" });
    const high = make("input", { type: "range", min: 0, max: last, step: 1, value: what.high === null ? last : near(what.high), className: "b" });
    const from = make("input", { type: "text", inputMode: "decimal", placeholder: what.low_hint, value: what.low === null ? "" : String(what.low / what.factor) });
    const to = make("input", { type: "text", inputMode: "decimal", placeholder: what.high_hint, value: what.high === null ? "" : String(what.high / what.factor) });
    for (const [x, label] of [[low, what.low_label], [high, what.high_label], [from, what.low_label], [to, what.high_label]]) x.setAttribute("aria-label", label);
    const send = (a, b) => yt.act([["set", what.key, a === null && b === null ? "" : `${a === null ? "" : a}~${b === null ? "" : b}`]]);
    const slid = () => {
      const a = Math.min(+low.value, +high.value);
      const b = Math.max(+low.value, +high.value);
      send(a <= 0 ? null : what.edges[a], b >= last ? null : what.edges[b]);
    };
    const read = (x) => {
      const n = Number(x.value.replace(/[^\d.-]/g, ""));
      return x.value.trim() && Number.isFinite(n) ? n * what.factor : null;
    };
    const typed = () => send(read(from), read(to));
    const show = () => {
      box.style.setProperty("--a", (100 * Math.min(+low.value, +high.value)) / last + "%");
      box.style.setProperty("--b", (100 * Math.max(+low.value, +high.value)) / last + "%");
    };
    for (const x of [low, high]) {
      x.addEventListener("input", show);
      x.addEventListener("change", slid);
    }
    for (const x of [from, to]) {
      x.addEventListener("change", typed);
      x.addEventListener("keydown", (e) => e.key === "Enter" && typed());
    }
    box.replaceChildren(make("div", { className: "rails" }, low, high), make("div", { className: "row gap1" }, from, make("span", { textContent: "–", className: "cap" }), to, make("span", { textContent: what.unit, className: "cap" })));
    show();
  }

  // ── the day: text, months, steps ─────────────────────────────────────────────────────────────
  const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10); // the date in China
  const iso = (y, m) => {
    const d = new Date(Date.UTC(y, m + 1, 0));
    return d.toISOString().slice(0, 10);
  };
  const asOf = () => params().get("as_of") || today;
  function setDay(day) {
    yt.act([["set", "as_of", day >= today ? "" : day]]);
  }
  // the slider spans eight years of month ends, up to this month
  const SPAN = 96;
  const monthsBack = (d) => 12 * (+today.slice(0, 4) - +d.slice(0, 4)) + (+today.slice(5, 7) - +d.slice(5, 7));
  const monthEnd = (at) => {
    const d = iso(+today.slice(0, 4), +today.slice(5, 7) - 1 - (SPAN - at));
    return d < today ? d : today;
  };
  yt.stepTime = function (by) {
    const [y, m, d] = asOf().split("-").map(Number);
    const end = iso(y, m - 1);
    if (by > 0) setDay(asOf() < end ? end : iso(y, m));
    else setDay(iso(y, m - 2 + (d < 1 ? 1 : 0)));
  };
  function timebar() {
    const box = document.querySelector("[data-time]");
    if (!box) return;
    if (!box.firstChild) {
      const day = make("input", { type: "text", inputMode: "numeric", maxLength: 10, className: "day" });
      day.setAttribute("aria-label", yt.say("day_label"));
      const back = make("button", { type: "button", className: "ib sm", title: yt.say("earlier") }, make("i", { className: "ic sm i-left" }));
      const on = make("button", { type: "button", className: "ib sm", title: yt.say("later") }, make("i", { className: "ic sm i-right" }));
      const months = make("input", { type: "range", min: 0, max: SPAN, step: 1 });
      months.setAttribute("aria-label", yt.say("month_label"));
      const note = make("button", { type: "button", className: "cap now" });
      box.append(make("span", { textContent: yt.say("as_of"), className: "dim" }), day, back, make("span", { className: "rng" }, months), on, note);
      back.setAttribute("aria-label", back.title);
      on.setAttribute("aria-label", on.title);
      back.onclick = () => yt.stepTime(-1);
      on.onclick = () => yt.stepTime(1);
      note.onclick = () => setDay(today);
      months.addEventListener("input", () => paint(months));
      months.addEventListener("input", () => (day.value = monthEnd(+months.value)));
      months.addEventListener("change", () => setDay(monthEnd(+months.value)));
      const typed = () => {
        const given = day.value.trim().replace(/\D+/g, "-").replace(/-$/, "");
        const found = /^(\d{4})-?(\d{1,2})-?(\d{1,2})$/.exec(given);
        const date = found && new Date(Date.UTC(+found[1], found[2] - 1, +found[3]));
        if (date && date.getUTCMonth() === found[2] - 1) setDay(date.toISOString().slice(0, 10));
        yt.drawTime();
      };
      day.addEventListener("change", typed);
      day.addEventListener("keydown", (e) => e.key === "Enter" && day.blur());
    }
    const now = asOf();
    const [day] = box.querySelectorAll("input.day");
    const months = box.querySelector("input[type=range]");
    if (document.activeElement !== day) day.value = now;
    months.value = SPAN - monthsBack(now);
    months.setAttribute("aria-valuetext", now);
    paint(months);
    const note = box.querySelector(".now");
    const isNow = !params().get("as_of");
    note.textContent = isNow ? yt.say("latest") : yt.say("to_latest");
    note.disabled = isNow;
    box.querySelectorAll("button.ib")[1].disabled = isNow;
    box.classList.toggle("past", !isNow);
  }
  yt.drawTime = timebar;

  // ── order by dragging ────────────────────────────────────────────────────────────────────────
  let dragged = null;
  document.addEventListener("dragstart", (e) => {
    const ly = e.target.closest && e.target.closest("[data-drag]");
    if (!ly || e.target.closest("input")) return;
    dragged = ly.dataset.drag;
    e.dataTransfer.effectAllowed = "move";
    e.dataTransfer.setData("text/plain", dragged);
  });
  const over = (e) => dragged && e.target.closest && e.target.closest("[data-drag]");
  document.addEventListener("dragover", (e) => {
    const ly = over(e);
    if (!ly) return;
    e.preventDefault();
    document.querySelectorAll(".dropat").forEach((x) => x.classList.remove("dropat"));
    ly.classList.add("dropat");
  });
  document.addEventListener("drop", (e) => {
    const ly = over(e);
    if (ly && ly.dataset.drag !== dragged) yt.act([["before", "order", dragged, ly.dataset.drag]]);
    e.preventDefault();
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    document.querySelectorAll(".dropat").forEach((x) => x.classList.remove("dropat"));
  });
  document.addEventListener("pointerdown", (e) => {
    const ly = e.target.closest && e.target.closest("[data-drag]");
    if (ly) ly.draggable = !e.target.closest("input,select,.rng,.lgd");
  });

  // ── a text box ───────────────────────────────────────────────────────────────────────────────
  function box(place) {
    if (place.firstChild) return;
    const what = JSON.parse(place.dataset.input);
    const input = make("input", { type: "text", id: what.id, placeholder: what.placeholder, autocomplete: "off", spellcheck: false });
    input.setAttribute("aria-label", what.label);
    if (what.remembered) {
      try {
        input.value = localStorage.getItem("yt-" + what.id) || "";
      } catch (_) {
        /* nothing kept */
      }
      input.addEventListener("change", () => yt.remember("yt-" + what.id, input.value));
    }
    place.append(input);
  }

  // ── what the server has drawn anew ───────────────────────────────────────────────────────────
  function upgrade(scope) {
    for (const x of scope.querySelectorAll("[data-range]")) slider(x);
    for (const x of scope.querySelectorAll("[data-dual]")) dual(x);
    for (const x of scope.querySelectorAll("[data-input]")) box(x);
    for (const x of scope.querySelectorAll("select[data-value]")) if (document.activeElement !== x || x.value !== x.dataset.value) x.value = x.dataset.value;
  }
  yt.upgrade = upgrade;
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      upgrade(document);
    });
  }).observe(document.body || document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-range", "data-dual", "data-value"] });
})();
