/* The page of siting. The task is held here; controls say in data-do what they do to it, the server answers with HTML
   and a model of the map. The old picture stays until the new one is there. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const root = document.documentElement;
  const $ = (id) => document.getElementById(id);
  const params = () => new URLSearchParams(location.search);
  const here = () => root.dataset.page === "site";
  const clone = (x) => JSON.parse(JSON.stringify(x));
  const make = yt.make;
  const LONGEST = 16000; // characters of a task in an address

  let task = null; // { profile, off, pairs, preset }
  let told = null; // the last answer
  let packed = ""; // the address's form of `task`
  const done = []; // tasks to go back to
  const undone = [];
  let held = null; // what is being dragged: the task before it

  // ── asking ───────────────────────────────────────────────────────────────────────────────────
  const VIEW = ["s", "cmp", "st", "rule", "crit", "wm", "all", "surf", "as_of", "known_at", "demo"];
  function question() {
    const p = params();
    const asked = Object.fromEntries(VIEW.filter((k) => p.has(k)).map((k) => [k, p.get(k)]));
    if (p.has("sc")) asked.sc = p.get("sc");
    if (held) asked.moving = true;
    asked.have = Object.keys(stock);
    if (task) asked.task = task;
    else for (const k of ["p", "preset"]) if (p.has(k)) asked[k] = p.get(k);
    return asked;
  }

  const stock = {}; // data of the map's layers by name: what is here is not sent again
  function fill(model) {
    const old = { ...stock };
    for (const k in stock) delete stock[k];
    for (const layer of model.layers) {
      if (layer.data) stock[layer.url] = layer.data;
      else if (old[layer.url]) stock[layer.url] = layer.data = old[layer.url];
    }
  }

  async function post(address, body, signal) {
    const answer = await fetch("/site/" + address, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal,
    });
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(found.detail || yt.say("site_failed")), { told: true });
    return found;
  }

  const ASK = { surface: askSurface, answer: askAnswer, hot: askHot };
  const running = { again: {} };
  /** Ask once the running question is answered: the newest is what counts, and none is thrown away half done. */
  function ask(what) {
    if (running[what]) {
      running.again[what] = true;
      return;
    }
    running[what] = ASK[what]().finally(() => {
      running[what] = null;
      if (running.again[what]) {
        running.again[what] = false;
        ask(what);
      } else if (what !== "hot" && !running.surface && !running.answer && !held) ask("hot");
    });
  }
  /** Picture and ranking of one state at once: the picture first, for it is what the eye follows. */
  function askAll() {
    if (outlining) outlining.abort();
    ask("surface");
    ask("answer");
  }

  let shown = ""; // what the panels show
  let painted = ""; // what the surface shows
  async function askAnswer() {
    const q = question();
    const key = JSON.stringify({ ...q, have: null });
    if (key === shown) return;
    busy(true);
    try {
      const found = await post("answer", q);
      shown = key;
      fault(null);
      take(found, !q.task);
    } catch (error) {
      shown = "";
      fault(error);
    } finally {
      busy(false);
    }
  }

  /** The question of the surface: what is looked at beside it does not change it. */
  function ground() {
    const q = question();
    for (const k of ["s", "cmp", "st", "rule", "crit", "wm", "all", "have", "moving"]) delete q[k];
    return q;
  }
  async function askSurface() {
    const q = ground();
    q.dark = root.dataset.theme === "dark";
    const key = JSON.stringify(q);
    if (key === painted) return;
    try {
      const found = await post("surface", q);
      painted = key;
      const other = outlined !== JSON.stringify(ground());
      overlay = { picture: found.picture, outlines: other ? [] : overlay.outlines };
      const list = $("site-hot");
      if (list) list.classList.toggle("stale", other);
      paint(found.html);
      draw();
    } catch (error) {
      painted = "";
      if (!error.told) fault(error);
    }
  }

  let outlined = ""; // what the outlines of hot areas belong to
  let outlining = null;
  async function askHot() {
    const q = ground();
    const key = JSON.stringify(q);
    if (key === outlined || !here() || !painted) return;
    outlining = new AbortController();
    try {
      const found = await post("hot", q, outlining.signal);
      if (key !== JSON.stringify(ground())) return;
      outlined = key;
      overlay.outlines = found.outlines;
      $("site-hot").classList.remove("stale");
      paint(found.html);
      draw();
    } catch (error) {
      if (error.name !== "AbortError" && !error.told) fault(error);
    } finally {
      outlining = null;
    }
  }

  function busy(on) {
    const page = $("page-site");
    if (page) page.classList.toggle("asking", on);
  }

  function fault(error) {
    const box = $("site-fault");
    if (!box) return;
    box.replaceChildren();
    box.classList.toggle("on", Boolean(error));
    if (!error) return;
    if (!error.told) {
      box.classList.remove("on");
      yt.outage({ kind: "database", text: yt.say("server_away"), cure: yt.say("recovers") });
      return;
    }
    box.append(make("p", { textContent: error.message }));
    const row = make("div", { className: "row gap2" });
    if (done.length && task) row.append(make("button", { type: "button", className: "btn sm", textContent: yt.say("site_undo_this"), onclick: undo }));
    row.append(make("button", { type: "button", className: "btn sm", textContent: yt.say("site_start_over"), onclick: startOver }));
    box.append(row);
    for (const id of ["site-brief", "site-ranking"]) if ($(id)) $(id).removeAttribute("aria-busy");
  }
  function startOver() {
    task = null;
    held = null;
    yt.act([["set", "p", ""], ["set", "sc", ""], ["set", "preset", ""], ["set", "s", ""], ["set", "cmp", ""]]);
    shown = painted = "";
    ask("answer");
  }

  // ── taking answers ───────────────────────────────────────────────────────────────────────────
  let overlay = { picture: null, outlines: [] };
  let map = null;
  function take(found, fresh) {
    told = found;
    fill(found.map);
    if (!found.html["site-brief"])
      document.querySelectorAll("#site-brief .crit .wv").forEach((x, i) => (x.textContent = (100 * found.shares[i]).toFixed(0)));
    if (fresh) task = found.task;
    else if (JSON.stringify(task.profile.criteria) !== JSON.stringify(found.task.profile.criteria) && params().get("wm") === "ahp") task = found.task;
    packed = found.p;
    paint(found.html);
    const page = $("page-site");
    page.classList.toggle("with-card", params().has("s"));
    page.classList.toggle("with-compare", found.compared > 0);
    $("site-scenario").textContent = found.scenario ? found.scenario.name : "";
    if (found.scenario) scenario = found.scenario;
    buttons();
    draw();
    if (fresh) ask("surface");
  }

  function paint(parts) {
    yt.paint(parts);
    controls();
  }

  function draw() {
    if (!told || !here() || !window.yuantu) return;
    if (!map) {
      const box = $("site-map");
      if (!box) return;
      map = window.yuantu.open(box, { event: heard, sketch: sketched });
      yt.siteMap = map;
    }
    const o = told.map.overlays;
    map.setModel({ ...told.map, theme: root.dataset.theme, overlays: { ...o, picture: overlay.picture, outlines: overlay.outlines } });
    requestAnimationFrame(() => map.invalidate());
  }

  function heard(e) {
    if (!here()) return;
    if (e.kind === "click" && (e.layer === "site" || e.layer === "site-shape")) {
      yt.act([["set", "s", String(e.id)]]);
      cellShut();
    } else if (e.kind === "area" || e.kind === "click") cell(e.lon, e.lat);
    else if (e.kind === "background") {
      cellShut();
      if (params().has("s") && e.code === null) yt.act([["set", "s", ""]]);
    }
  }

  async function cell(lon, lat) {
    if (params().get("surf") === "0" || !overlay.picture) return;
    const q = question();
    try {
      const found = await post("cell", { ...q, lon, lat });
      const box = $("site-cell");
      box.innerHTML = found.html;
      box.hidden = false;
    } catch (error) {
      if (!error.told) fault(error);
    }
  }
  function cellShut() {
    const box = $("site-cell");
    if (box) box.hidden = true;
  }

  // ── the address ──────────────────────────────────────────────────────────────────────────────
  /** Called with each change of the page's part of the address. */
  yt.siteAddress = function () {
    if (!here()) return window.dash_clientside.no_update;
    const p = params();
    const page = $("page-site");
    if (page) page.classList.toggle("with-card", p.has("s"));
    const wanted = p.get("p") || "";
    const from = [wanted, p.get("sc") || "", p.get("preset") || ""].join("|");
    if (task && !held && from !== source) {
      if (wanted !== packed || !wanted) {
        task = null; // another task was opened: by a link, or by going back
        done.length = undone.length = 0;
      }
    }
    source = from;
    if (!p.has("sc")) scenario = null;
    ask("answer");
    if (task) ask("surface");
    draw();
    return window.dash_clientside.no_update;
  };
  let source = "";
  let scenario = null;

  /** Put the task into the address once its short form is known. */
  async function place(replace) {
    await settle();
    const p = params();
    const fits = packed.length <= LONGEST;
    const next = fits ? packed : "";
    if (!fits) yt.outage({ kind: "input", text: yt.say("site_too_long"), cure: "" });
    if ((p.get("p") || "") === next && !p.has("preset")) return;
    source = [next, p.get("sc") || "", ""].join("|");
    yt.act([["set", "p", next], ["set", "preset", ""]], null, replace);
  }
  async function settle() {
    while (running.answer || running.again.answer) await (running.answer || Promise.resolve()).catch(() => undefined);
  }

  // ── changing the task ────────────────────────────────────────────────────────────────────────
  const walk = (path, grow) => {
    const keys = path.split(".");
    const last = keys.pop();
    let at = task;
    for (const k of keys) {
      if (at[k] === undefined || at[k] === null) {
        if (!grow) return [null, last];
        at[k] = {};
      }
      at = at[k];
    }
    return [at, last];
  };
  const steps = {
    set(path, value) {
      const [at, key] = walk(path, true);
      if (value === null && path !== "profile.spread") delete at[key];
      else at[key] = value;
    },
    push(path, value) {
      const [at, key] = walk(path, true);
      at[key] = (at[key] || []).concat([value]);
    },
    cut(path, i) {
      const [at, key] = walk(path, false);
      if (at) at[key] = (at[key] || []).filter((_, k) => k !== i);
    },
    toggle(path, term) {
      const [at, key] = walk(path, true);
      const now = at[key] === undefined ? [] : [].concat(at[key]);
      at[key] = now.includes(term) ? now.filter((x) => x !== term) : now.concat(term);
    },
    off(i) {
      task.off = (task.off || []).concat(task.profile.limits.splice(i, 1));
    },
    on(i) {
      task.profile.limits = (task.profile.limits || []).concat(task.off.splice(i, 1));
    },
    layer(name) {
      const before = task.profile.alternatives || {};
      task.profile.alternatives = { layer: name };
      if (name === "drawn") task.profile.alternatives = before.layer === "drawn" ? before : { layer: "parcel" };
    },
    pair(a, b, ratio) {
      task.pairs = (task.pairs || []).filter(([x, y]) => !(x === a && y === b) && !(x === b && y === a));
      if (ratio !== null && ratio !== "") task.pairs.push([a, b, ratio]);
    },
    preset(name) {
      if (!name) return;
      task = null;
    },
  };

  /** Do steps on the task. `moving` while a slider is held: one entry of undo for the whole movement. */
  function change(ops, value, moving) {
    if (!task) return;
    const before = held || clone(task);
    const filled = ops.map((op) => op.map((x) => (x === "$" ? value : x)));
    if (filled[0][0] === "preset") {
      if (!filled[0][1]) return;
      done.push(before);
      undone.length = 0;
      task = null;
      yt.act([["set", "preset", filled[0][1]], ["set", "p", ""], ["set", "sc", ""], ["set", "s", ""], ["set", "cmp", ""], ["set", "crit", ""]]);
      return;
    }
    for (const [name, ...args] of filled) steps[name](...args);
    if (moving) {
      held = before;
      askAll();
      return;
    }
    if (filled[0][0] === "layer") yt.act([["set", "s", ""], ["set", "cmp", ""]], null, true);
    commit(before);
  }
  function commit(before) {
    held = null;
    if (JSON.stringify(before) !== JSON.stringify(task)) {
      done.push(before);
      if (done.length > 100) done.shift();
      undone.length = 0;
    }
    buttons();
    askAll();
    place(false);
  }
  function goTo(from, to) {
    if (!from.length) return;
    if (task) to.push(clone(task));
    task = from.pop();
    buttons();
    askAll();
    place(true);
  }
  const undo = () => goTo(done, undone);
  const redo = () => goTo(undone, done);
  function buttons() {
    const set = (what, off) => document.querySelectorAll(`#page-site [data-site=${what}]`).forEach((b) => (b.disabled = off));
    set("undo", !done.length);
    set("redo", !undone.length);
  }
  /** Work on another task: a file's, a scenario's, one with drawn sites. */
  function adopt(next) {
    const before = task ? clone(task) : null;
    task = next;
    if (before) commit(before);
    else {
      askAll();
      place(false);
    }
  }

  // ── controls made from descriptions ──────────────────────────────────────────────────────────
  const READ = {
    text: (s) => s.trim(),
    json: (s) => (s ? JSON.parse(s) : undefined),
    number(s) {
      const plain = s.normalize("NFKC").replace(/[,\s]/g, "");
      if (plain === "") return null;
      const n = Number(plain);
      if (!Number.isFinite(n)) throw new Error(yt.say("site_wrong_number", { text: s }));
      return n;
    },
    share(s) {
      const n = READ.number(s.normalize("NFKC").replace(/%/g, ""));
      return n === null ? null : n / 100;
    },
    points(s) {
      const made = s.normalize("NFKC").split(/[;\n]/).filter((x) => x.trim()).map((x) => x.split(":").map(Number));
      if (made.length < 2 || made.some((p) => p.length !== 2 || p.some((v) => !Number.isFinite(v)))) throw new Error(yt.say("site_wrong_points"));
      return made.sort((a, b) => a[0] - b[0]);
    },
  };
  function controls() {
    const page = $("page-site");
    if (!page) return;
    for (const box of page.querySelectorAll("[data-entry]")) entry(box);
    for (const box of page.querySelectorAll("[data-slide]")) slide(box);
    for (const x of page.querySelectorAll("select[data-value]")) if (document.activeElement !== x || x.dataset.kind === "json") x.value = x.dataset.value;
  }
  function entry(box) {
    const what = JSON.parse(box.dataset.entry);
    let input = box.querySelector("input");
    if (!input) {
      input = make("input", { type: "text", autocomplete: "off", spellcheck: false });
      if (what.kind !== "text" && what.kind !== "points") input.inputMode = "decimal";
      box.append(input);
      const send = () => {
        const now = JSON.parse(box.dataset.entry);
        if (input.value === now.value) return;
        try {
          change(JSON.parse(box.dataset.do), READ[now.kind](input.value));
          input.setCustomValidity("");
        } catch (error) {
          input.setCustomValidity(error.message);
          input.reportValidity();
        }
      };
      input.addEventListener("change", send);
      input.addEventListener("input", () => input.setCustomValidity(""));
      input.addEventListener("keydown", (e) => {
        if (e.key === "Enter") input.blur();
        else if (e.key === "Escape") {
          input.value = JSON.parse(box.dataset.entry).value;
          input.blur();
          e.stopPropagation();
        }
      });
    }
    input.placeholder = what.hint || "";
    input.setAttribute("aria-label", what.label);
    if (document.activeElement !== input) input.value = what.value;
  }
  function slide(box) {
    const what = JSON.parse(box.dataset.slide);
    let input = box.querySelector("input");
    if (!input) {
      input = make("input", { type: "range" });
      box.append(input);
      let frame = 0;
      input.addEventListener("input", () => {
        part(input);
        cancelAnimationFrame(frame);
        frame = requestAnimationFrame(() => change(JSON.parse(box.dataset.do), Number(input.value), true));
      });
      input.addEventListener("change", () => {
        cancelAnimationFrame(frame);
        change(JSON.parse(box.dataset.do), Number(input.value));
      });
    }
    Object.assign(input, { min: what.min, max: what.max, step: what.step });
    input.setAttribute("aria-label", what.label);
    if (!held || document.activeElement !== input) input.value = what.value;
    part(input);
  }
  function part(input) {
    input.style.setProperty("--part", (100 * (input.value - input.min)) / (input.max - input.min || 1) + "%");
  }

  // ── pressing ─────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("click", (e) => {
    const page = e.target.closest("#page-site");
    if (!page) return;
    const control = e.target.closest("button[data-do]");
    if (control) {
      change(JSON.parse(control.dataset.do));
      return;
    }
    const link = e.target.closest("a[data-open]");
    if (link) $("site-scenarios").close();
    const hit = e.target.closest("[data-site]");
    if (!hit || hit.disabled) return;
    const drop = hit.closest("details.drop");
    if (drop) drop.open = false;
    if (ACTS[hit.dataset.site]) ACTS[hit.dataset.site](hit);
  });
  document.addEventListener("change", (e) => {
    const select = e.target.closest && e.target.closest("#page-site select[data-do]");
    if (!select) return;
    let value;
    try {
      value = READ[select.dataset.kind || "text"](select.value);
    } catch (_) {
      return;
    }
    if (value === undefined) return;
    select.dataset.value = select.value;
    change(JSON.parse(select.dataset.do), value);
  });
  // folds stay as the person left them
  const folds = {};
  document.addEventListener("toggle", (e) => {
    const fold = e.target;
    if (fold.dataset && fold.dataset.keep && fold.closest("#page-site")) folds[fold.dataset.keep] = fold.open;
  }, true);
  new MutationObserver(() => {
    for (const fold of document.querySelectorAll("#page-site details[data-keep]"))
      if (fold.dataset.keep in folds && fold.open !== folds[fold.dataset.keep]) fold.open = folds[fold.dataset.keep];
  }).observe(document.body, { childList: true, subtree: true });

  new MutationObserver(() => here() && overlay.picture && ask("surface")).observe(root, { attributes: true, attributeFilter: ["data-theme"] });

  const say = (text) => yt.outage({ kind: "done", text, cure: "" });
  const sorry = (error) => yt.outage({ kind: "input", text: error.told ? error.message : yt.say("site_failed"), cure: "" });

  function pick(accept, then) {
    const input = make("input", { type: "file", accept, hidden: true });
    input.id = "site-file";
    document.querySelectorAll("#site-file").forEach((x) => x.remove());
    input.addEventListener("change", () => {
      if (input.files[0]) then(input.files[0]);
      input.remove();
    });
    document.body.append(input);
    input.click();
  }
  async function send(address, file, more) {
    say(yt.say("site_reading", { file: file.name }));
    const query = new URLSearchParams({ name: file.name, ...more });
    const answer = await fetch(`/site/${address}?${query}`, { method: "POST", body: file });
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(found.detail || yt.say("site_failed")), { told: true, candidates: found.candidates });
    return found;
  }
  async function readSites(file, datum) {
    try {
      const found = await send("sites", file, datum ? { datum } : {});
      const next = clone(task);
      next.profile.alternatives = found.alternatives;
      adopt(next);
      say(found.said);
    } catch (error) {
      if (!error.candidates || datum) return sorry(error);
      const buttons = error.candidates.map((c) => make("button", { type: "button", className: "btn", textContent: c.title, onclick() {
        $("site-datum").close();
        readSites(file, c.datum);
      } }));
      $("site-datum-choices").replaceChildren(...buttons);
      $("site-datum").showModal();
    }
  }
  async function download(address, body, fallback) {
    const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) {
      const found = await answer.json().catch(() => ({}));
      throw Object.assign(new Error(found.detail || yt.say("site_failed")), { told: true });
    }
    const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") || "");
    keep(await answer.blob(), name ? decodeURIComponent(name[1]) : fallback);
  }
  function keep(blob, name) {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  const dates = () => {
    const p = params();
    return new URLSearchParams(["as_of", "known_at", "demo"].filter((k) => p.has(k)).map((k) => [k, p.get(k)]));
  };

  const ACTS = {
    undo,
    redo,
    copy() {
      const finish = () => say(yt.say("site_copied"));
      if (navigator.clipboard) navigator.clipboard.writeText(location.href).then(finish, finish);
      else finish();
    },
    fly(hit) {
      map && map.flyTo({ layer: "site", id: Number(hit.dataset.id) });
    },
    hot(hit) {
      const at = Number(hit.dataset.at);
      if (!map || !overlay.outlines[at]) return;
      overlay.outlines = overlay.outlines.map((o, i) => ({ ...o, fill: i === at }));
      draw();
      const g = overlay.outlines[at].geometry;
      const flat = (g.type === "Polygon" ? [g.coordinates] : g.coordinates).flat(2);
      const [x, y] = [flat.map((c) => c[0]), flat.map((c) => c[1])];
      map.flyTo({ bounds: [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)] });
    },
    "cell-close": cellShut,
    draw() {
      map && map.sketch.start();
    },
    "upload-sites"() {
      pick(".xlsx,.xlsm,.xls,.csv,.tsv,.txt,.zip,.gpkg,.geojson,.json,.kml,.kmz,.dxf", (file) => readSites(file));
    },
    async auto(hit) {
      try {
        const found = await post("auto", { ...question(), how: hit.dataset.how });
        adopt(found.task);
        say(found.said);
      } catch (error) {
        sorry(error);
      }
    },
    template() {
      download("/site/brief.xlsx", question(), "brief.xlsx").catch(sorry);
    },
    "upload-brief"() {
      pick(".xlsx,.xlsm,.xls", async (file) => {
        try {
          const found = await send("brief", file);
          adopt(found.task);
          say(found.said);
        } catch (error) {
          sorry(error);
        }
      });
    },
    json() {
      const blob = new Blob([JSON.stringify(task.profile, null, 2)], { type: "application/json" });
      keep(blob, (told.title || "profile") + ".json");
    },
    "upload-json"() {
      pick(".json", async (file) => {
        try {
          const given = JSON.parse(await file.text());
          adopt(given.profile ? given : { profile: given, off: [], pairs: [], preset: "" });
        } catch (error) {
          sorry(error);
        }
      });
    },
    tif() {
      download(`/api/v1/site/surface?format=tif&${dates()}`, task.profile, "surface.tif").catch(sorry);
    },
    "report-dialog"() {
      $("site-report-state").textContent = "";
      $("site-report").showModal();
    },
    async report(hit) {
      const state = $("site-report-state");
      const from = hit.closest("dialog");
      if (from) state.textContent = yt.say("site_working");
      hit.disabled = true;
      try {
        await download(`/site/report.${hit.dataset.how}`, question(), `report.${hit.dataset.how}`);
        if (from) from.close();
      } catch (error) {
        if (from) state.textContent = error.told ? error.message : yt.say("site_failed");
        else sorry(error);
      } finally {
        hit.disabled = false;
      }
    },
    save() {
      $("site-save-result").textContent = "";
      const name = $("site-save-name");
      const note = $("site-save-note");
      name.value = scenario ? scenario.name : told ? told.title : "";
      note.value = scenario ? scenario.note || "" : "";
      $("site-save-copy").hidden = !scenario;
      $("site-save").showModal();
      name.focus();
      name.select();
    },
    "save-now": () => store(scenario ? scenario.id : ""),
    "save-copy": () => store(""),
    async scenarios() {
      $("site-scenarios").showModal();
      await list();
    },
    tick(hit) {
      const on = hit.classList.toggle("on");
      hit.setAttribute("aria-checked", String(on));
      const n = document.querySelectorAll("#site-scenario-list .ck.on").length;
      document.querySelector("[data-site=compare-scenarios]").disabled = n < 2 || n > 4;
    },
    async "compare-scenarios"() {
      const ids = [...document.querySelectorAll("#site-scenario-list .ck.on")].map((x) => x.dataset.id);
      try {
        const found = await post("scenarios/compare", { ...question(), ids });
        $("site-scenario-compared").innerHTML = found.html;
        $("site-scenario-compared").scrollIntoView({ block: "nearest" });
      } catch (error) {
        sorry(error);
      }
    },
    async delete(hit) {
      if (!window.confirm(yt.say("site_delete_ask", { name: hit.dataset.name }))) return;
      try {
        const found = await post(`scenarios/${hit.dataset.id}/delete`, {});
        if (scenario && scenario.id === hit.dataset.id) scenario = null;
        await list();
        say(found.said);
      } catch (error) {
        sorry(error);
      }
    },
  };
  async function list() {
    try {
      const answer = await fetch("/site/scenarios?sc=" + (scenario ? scenario.id : ""));
      $("site-scenario-list").innerHTML = (await answer.json()).html;
    } catch (error) {
      sorry(error);
    }
  }
  async function store(id) {
    const value = (x) => $(x).value.trim();
    const result = $("site-save-result");
    try {
      const found = await post("scenarios", { ...question(), id, name: value("site-save-name"), note: value("site-save-note"), who: value("site-save-who") });
      scenario = { id: found.id, name: value("site-save-name"), note: value("site-save-note") };
      $("site-scenario").textContent = scenario.name;
      $("site-save").close();
      source = ["", found.id, ""].join("|");
      yt.act([["set", "sc", found.id], ["set", "p", ""], ["set", "preset", ""]]);
      say(found.said);
    } catch (error) {
      result.textContent = error.told ? error.message : yt.say("site_failed");
    }
  }

  function sketched(polygon) {
    if (!polygon || !task) return;
    const next = clone(task);
    const now = next.profile.alternatives || {};
    const features = now.layer === "drawn" ? now.sites.features : [];
    const name = yt.say("site_drawn", { n: features.length + 1 });
    features.push({ type: "Feature", properties: { name }, geometry: polygon });
    next.profile.alternatives = { layer: "drawn", sites: { type: "FeatureCollection", features } };
    adopt(next);
    if (features.length === 1) say(yt.say("site_draw_first"));
  }

  // ── keys, pointing ───────────────────────────────────────────────────────────────────────────
  document.addEventListener("keydown", (e) => {
    if (!here() || e.isComposing || document.querySelector("dialog[open]")) return;
    const typing = e.target.closest("input:not([type=range]),textarea,select,[contenteditable]");
    if ((e.ctrlKey || e.metaKey) && !typing) {
      const key = e.key.toLowerCase();
      if (key === "z" && !e.shiftKey) undo();
      else if (key === "y" || (key === "z" && e.shiftKey)) redo();
      else if (key === "s") ACTS.save();
      else return;
      e.preventDefault();
      return;
    }
    if (typing || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Escape") {
      if (document.querySelector("#site-map.yt-drawing")) return;
      const box = $("site-cell");
      if (box && !box.hidden) cellShut();
      else if (params().has("s")) yt.act([["set", "s", ""]]);
      else if (params().has("cmp")) yt.act([["set", "cmp", ""]]);
      else return;
      e.stopImmediatePropagation();
      e.preventDefault();
    } else if ((e.key === "ArrowDown" || e.key === "ArrowUp") && !e.target.closest(".leaflet-container,input,[role=tablist],.scroll,.sbrief")) {
      const rows = told ? told.map.layers[0].data.features.filter((f) => f.properties.rank).sort((a, b) => a.properties.rank - b.properties.rank) : [];
      if (!rows.length) return;
      const at = rows.findIndex((f) => String(f.id) === params().get("s"));
      const next = rows[Math.max(0, Math.min(rows.length - 1, at + (e.key === "ArrowDown" ? 1 : -1)))];
      yt.act([["set", "s", String(next.id)]], null, at >= 0);
      e.preventDefault();
    }
  }, true);
  for (const [kind, on] of [["pointerover", true], ["pointerout", false]])
    document.addEventListener(kind, (e) => {
      const row = e.target.closest && e.target.closest("#page-site [data-row]");
      if (row && map) map.highlight(on ? "site" : null, Number(row.dataset.row));
    });
})();
