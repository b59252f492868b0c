/* The address is the state. Controls say what they change in it (data-op, data-change); this script changes it
   at once, so that quick presses never overtake each other, and tells each part of the page what it depends on. */
(function () {
  "use strict";

  const meta = document.querySelector('meta[name="yuantu"]');
  if (!meta) return;
  const config = JSON.parse(meta.content);
  const texts = config.texts;
  const root = document.documentElement;
  const yt = (window.yt = { config, texts });
  const dash = () => window.dash_clientside;
  const no = () => window.dash_clientside.no_update;
  const say = (key, values) => (texts[key] || "").replace(/\{(\w+)\}/g, (_, k) => (values || {})[k] ?? "");
  yt.say = say;

  // ── what never changes stands at once where Dash has made its place ───────────────────────────
  const still = JSON.parse((document.getElementById("still") || { textContent: "[]" }).textContent);
  const stand = () => {
    for (const place of document.querySelectorAll("[data-still]")) {
      place.innerHTML = still[place.dataset.still];
      place.removeAttribute("data-still");
    }
  };
  const standing = new MutationObserver(stand);
  standing.observe(document.body, { childList: true, subtree: true });

  // ── reading and changing the address ─────────────────────────────────────────────────────────
  const params = () => new URLSearchParams(location.search);
  const text = (p) => {
    const s = p.toString().replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%7E/g, "~").replace(/%2F/g, "/");
    return s ? "?" + s : "";
  };
  const list = (p, key) => (p.has(key) ? p.get(key).split(",").filter(Boolean) : (config.defaults[key] || []).slice());
  const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

  const steps = {
    set(p, key, value) {
      if (value === "" || value === null || value === undefined) p.delete(key);
      else p.set(key, value);
    },
    only(p, key, value) {
      const now = list(p, key);
      steps.set(p, key, now.length === 1 && now[0] === value ? "" : value);
    },
    toggle(p, key, value) {
      const now = list(p, key);
      const next = now.includes(value) ? now.filter((x) => x !== value) : now.concat(value);
      steps.list(p, key, next);
    },
    add(p, key, value) {
      const now = list(p, key);
      if (!now.includes(value)) steps.list(p, key, now.concat(value));
    },
    list(p, key, next) {
      const usual = config.defaults[key];
      if (usual && same([...next].sort(), [...usual].sort()) && key !== "order") p.delete(key);
      else if (usual && same(next, usual)) p.delete(key);
      else if (!next.length && !usual) p.delete(key);
      else p.set(key, next.join(","));
    },
    put(p, key, name, value) {
      const now = list(p, key).filter((x) => !x.startsWith(name + ":"));
      now.push(name + ":" + value);
      p.set(key, now.join(","));
    },
    move(p, key, value, by) {
      const now = list(p, key);
      const at = now.indexOf(value);
      const to = Math.max(0, Math.min(now.length - 1, at + by));
      now.splice(to, 0, now.splice(at, 1)[0]);
      steps.list(p, key, now);
    },
    before(p, key, value, other) {
      const now = list(p, key).filter((x) => x !== value);
      now.splice(other ? now.indexOf(other) : now.length, 0, value);
      steps.list(p, key, now);
    },
    drop(p, prefix) {
      for (const key of [...p.keys()]) if (key === prefix || (prefix.endsWith(".") && key.startsWith(prefix))) p.delete(key);
    },
  };

  /** Do steps on the address; `$` in them is `value`. */
  function act(ops, value, replace) {
    const p = params();
    const before = text(p);
    for (const [name, ...args] of ops) steps[name](p, ...args.map((x) => (x === "$" ? value : x)));
    const after = text(p);
    if (after === before) return;
    go(location.pathname + after, replace);
  }
  yt.act = act;

  function go(address, replace) {
    if (address === location.pathname + location.search) return;
    history[replace ? "replaceState" : "pushState"](null, "", address);
    sync();
  }
  yt.go = go;

  // ── telling the parts ────────────────────────────────────────────────────────────────────────
  const sent = {};
  let ready = false;
  let bounds = null;

  function slice(name) {
    const keys = config.slices[name];
    const p = params();
    const kept = new URLSearchParams();
    const names = [...new Set(p.keys())].filter((k) => keys.some((x) => (x.endsWith(".") ? k.startsWith(x) : k === x)));
    for (const k of names.sort()) kept.set(k, p.get(k));
    return location.pathname + text(kept);
  }

  function wanted() {
    const page = location.pathname.split("/")[1] || "map";
    if (page === "map") return config.mapSlices;
    return Object.keys(config.slices).includes(page) ? [page] : [];
  }

  function tell(id, data) {
    dash().set_props(id, { data });
  }

  // ── asking for panels ────────────────────────────────────────────────────────────────────────
  const kept = {}; // properties that a panel asks for: "grid-layer.data"
  const PATIENCE_MS = 400;
  const asking = {};
  const early = []; // answers that are here before Dash has made the places they go to

  async function ask(name, at, first = false) {
    if (asking[name]) asking[name].abort();
    const mine = (asking[name] = new AbortController());
    document.dispatchEvent(new CustomEvent("yt:asked", { detail: name }));
    if (name === "model" && ready) mapSince = performance.now();
    const query = new URLSearchParams({ at });
    if (config.panels[name].length) query.set("was", JSON.stringify(config.panels[name].map((x) => kept[x] ?? null)));
    try {
      const got = await fetch(`/panels/${name}?${query}`, { signal: mine.signal });
      if (!got.ok) throw new Error(got.status);
      const answer = await got.json();
      if (mine.signal.aborted) return;
      answer.name = name;
      if (ready && first) drop(name), take(answer);
      else if (ready) name === "model" ? (take(answer), mapFirst()) : soon(answer);
      else early.push(answer), prepare(answer);
    } catch (error) {
      if (mine.signal.aborted) return;
      mapSince = 0;
      together();
      document.dispatchEvent(new CustomEvent("yt:answer", { detail: name }));
      yt.outage({ kind: "database", text: say("server_away"), cure: say("recovers") });
    }
  }
  /* A change is seen on the map first: panels wait till its things are here, then follow one after another. */
  const waiting = [];
  let mapSince = 0;
  function soon(answer) {
    waiting.push(answer);
    if (!mapSince) next();
  }
  function drop(name) {
    for (let i = waiting.length - 1; i >= 0; i--) if (waiting[i].name === name) waiting.splice(i, 1);
  }
  function next() {
    if (mapSince || !waiting.length) return;
    take(waiting.shift());
    setTimeout(next, 0);
  }
  function mapFirst() {
    const since = mapSince;
    const look = () => {
      if (mapSince !== since) return;
      if (performance.now() - since < PATIENCE_MS && window.yuantu && !window.yuantu.settled()) return void setTimeout(look, 8);
      mapSince = 0;
      requestAnimationFrame(() => setTimeout(next, 0));
    };
    look();
  }

  function take(answer) {
    const answered = () => document.dispatchEvent(new CustomEvent("yt:answer", { detail: answer.name }));
    if (answer.outage) {
      yt.outage(answer.outage);
      together();
      return answered();
    }
    said[answer.name] = answer.notes || [];
    note();
    yt.paint(answer.html);
    const props = {};
    for (const [id, name, value] of answer.props || []) {
      kept[id + "." + name] = value;
      if (id === "map-model") yt.model(value);
      else if (name === "className" || name === "href") document.getElementById(id)?.setAttribute(PLAIN[name] || name, value);
      else if (id !== "grid-layer") (props[id] = props[id] || {})[name] = value;
    }
    if (answer.name === "layers") whole = yt.modelNow;
    for (const id in props) if (!listed(id, props[id])) dash().set_props(id, props[id]);
    answered();
  }
  /* What the address asks and is not done: one line each, and a button that takes it out of the address. */
  const said = {};
  function note() {
    const box = document.getElementById("notes");
    if (!box) return;
    const notes = new Map(wanted().flatMap((name) => said[name] || []).map((x) => [x.text, x]));
    if (box.dataset.said === [...notes.keys()].join("\n")) return;
    box.dataset.said = [...notes.keys()].join("\n");
    box.replaceChildren(
      ...[...notes.values()].map(({ text, key, value }) => {
        const line = document.createElement("p");
        const drop = Object.assign(document.createElement("button"), { type: "button", textContent: say("note_drop") });
        drop.onclick = () => forget(key, value);
        line.append(text, drop);
        return line;
      }),
    );
  }
  function forget(key, value) {
    const p = params();
    const lost = value.split(",");
    const rest = (p.get(key) || "").split(",").filter((x) => !lost.includes(x));
    act([["set", key, rest.join(",")]], null, true);
  }
  /* The database went away half-way: the map keeps the colours that its legend states, till both can be had. */
  let whole = null;
  function together() {
    if (whole && yt.modelNow && yt.modelNow !== whole) yt.model(whole);
  }
  const PLAIN = { className: "class" };
  /** New rows under the same columns go to the table itself: Dash's renderer would go over the whole page for them. */
  function listed(id, props) {
    if (id !== "grid" || props.columnDefs || !props.rowData) return false;
    const api = gridNow();
    if (api) api.setGridOption("rowData", props.rowData);
    return Boolean(api);
  }
  function gridNow() {
    try {
      const api = window.dash_ag_grid.getApi("grid");
      return api && !api.isDestroyed() && api.getColumns() && api.getColumns().length ? api : null;
    } catch (_) {
      return null; // it is not there yet
    }
  }
  /** What the map will ask for as soon as it stands is on its way by then. */
  function prepare(answer) {
    const found = (answer.props || []).find(([id]) => id === "map-model");
    const model = found && found[2];
    if (!model) return;
    const urls = [model.basemap && model.basemap.url, model.choropleth && model.choropleth.url, ...model.layers.map((x) => x.url)];
    for (const href of urls.filter(Boolean))
      document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "fetch", crossOrigin: "anonymous", href }));
  }

  let picked = "";
  function sync(force) {
    const page = location.pathname.split("/")[1] || "map";
    root.dataset.page = page;
    document.title = config.titles[location.pathname] || document.title;
    for (const a of document.querySelectorAll("a[data-page]")) {
      const on = a.dataset.page === page;
      a.classList.toggle("on", on);
      if (on) a.setAttribute("aria-current", "page");
      else a.removeAttribute("aria-current");
    }
    const theme = params().get("theme");
    if (theme && theme !== root.dataset.theme) setTheme(theme);
    // who picks a thing waits for its card, and for nothing that the map still does
    const pick = params().get("sel") || "";
    const first = ready && pick !== "" && pick !== picked;
    picked = pick;
    for (const name of first ? [...wanted()].sort((a, b) => (b === "side") - (a === "side")) : wanted()) {
      let data = slice(name);
      if (name === "table" && params().get("follow") === "1") data += "&box=" + (bounds || []).map((x) => x.toFixed(4)).join(",");
      if (force || sent[name] !== data) {
        sent[name] = data;
        if (config.panels[name]) {
          if (name === "side" && first) ask(name, data, true);
          else if (ready && config.later[name]) setTimeout(() => sent[name] === data && ask(name, data), config.later[name]);
          else ask(name, data);
        } else if (ready) tell("s-" + name, force ? data + (data.includes("?") ? "&" : "?") + "again=" + Date.now() : data);
        else delete sent[name];
      }
    }
    note();
    if (page === "map") {
      yt.drawTime && yt.drawTime();
      yt.markRow && yt.markRow();
      if (window.yuantu) requestAnimationFrame(() => window.yuantu.invalidate());
    }
  }
  yt.sync = sync;

  yt.boot = function () {
    ready = true;
    stand();
    standing.disconnect();
    for (const answer of early.splice(0)) take(answer);
    sync();
    setTheme(root.dataset.theme);
    sheet(root.dataset.sheet || "side");
    return no();
  };
  window.addEventListener("popstate", () => {
    sync();
    const at = viewOf();
    if (at && placed && root.dataset.page === "map") window.yuantu.flyTo({ ...at, animate: false });
  });

  // ── painting panels ──────────────────────────────────────────────────────────────────────────
  // Elements that this page fills itself: their attributes change, their children are theirs.
  const OWN =
    "[data-day],[data-range],[data-dual],[data-input],[data-time],[data-columns],[data-slide],[data-entry],[data-pic],[data-box],[data-find],[data-tick],[data-place],span[data-edit]";

  /** Make `old` like `next`, changing only what differs, so that focus, scroll and open lists stay. */
  function morph(old, next) {
    for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes])
      if (!next.hasAttribute(name) && name !== "open" && name !== "data-made" && name !== "draggable") old.removeAttribute(name);
    if (!next.matches(OWN)) morphChildren(old, next);
  }
  function morphChildren(old, next) {
    let at = old.firstChild;
    for (const b of [...next.childNodes]) {
      if (at && at.nodeType === b.nodeType && at.nodeName === b.nodeName && at.id === b.id && alike(at, b)) {
        if (b.nodeType === 1) morph(at, b);
        else if (at.nodeValue !== b.nodeValue) at.nodeValue = b.nodeValue;
        at = at.nextSibling;
      } else if (at) {
        old.insertBefore(b, at);
      } else old.append(b);
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  }
  /** A slider or a list of one thing never turns into that of another. */
  const alike = (a, b) => a.nodeType !== 1 || (a.dataset.drag === b.dataset.drag && a.matches(OWN) === b.matches(OWN) && (a.tagName !== "DETAILS" || (a.firstChild || a).textContent === (b.firstChild || b).textContent));

  yt.paint = function (parts) {
    for (const [id, html] of Object.entries(parts || {})) {
      const place = document.getElementById(id);
      if (!place) continue;
      const next = document.createElement("template");
      next.innerHTML = html;
      morphChildren(place, next.content);
      place.removeAttribute("aria-busy");
    }
    yt.upgrade && yt.upgrade(document);
    return no();
  };

  // ── the map ──────────────────────────────────────────────────────────────────────────────────
  let placed = false;
  let touched = false; // whether a person has moved the map: only then does the address hold the view
  for (const kind of ["pointerdown", "wheel", "keydown"])
    document.addEventListener(kind, (e) => (touched = touched || (placed && Boolean(e.target.closest("#map-box")))), { capture: true, passive: true });
  function viewOf() {
    const at = (params().get("v") || "").split("/").map(Number);
    return at.length === 3 && at.every(Number.isFinite) ? { zoom: at[0], lat: at[1], lon: at[2] } : null;
  }
  yt.model = function (model) {
    if (!model || !window.yuantu) return no();
    const view = placed ? undefined : viewOf() || undefined;
    window.yuantu.setModel({ ...model, theme: root.dataset.theme, view });
    placed = true;
    yt.modelNow = model;
    return model.layers.length;
  };

  /** Select a thing and list its layer. */
  function choose(layer, id) {
    const active = params().get("layer") || config.first;
    act([["set", "sel", `${layer}:${id}`], ["set", "tab", layer === active ? "" : layer]]);
  }

  let seen = 0;
  yt.mapEvent = function (e) {
    if (!e || e.n === seen || root.dataset.page !== "map") return no();
    seen = e.n;
    if (e.kind === "view") {
      bounds = e.bounds;
      kept["map-box-bounds.data"] = bounds;
      const c = e.lat !== undefined ? [e.zoom, e.lat, e.lon] : [e.zoom, (bounds[1] + bounds[3]) / 2, (bounds[0] + bounds[2]) / 2];
      if (touched) act([["set", "v", `${+c[0].toFixed(2)}/${c[1].toFixed(4)}/${c[2].toFixed(4)}`]], null, true);
      if (params().get("follow") === "1") sync();
    } else if (e.kind === "click") {
      if (e.layer === "boundary") return no();
      choose(e.layer, e.id);
    } else if (e.kind === "area") {
      if (e.code && params().get("axis") !== "unit") act([["set", "sel", ""], ["only", "area", e.code]]);
      else act([["set", "sel", ""]]);
    } else if (e.kind === "background") {
      act([["set", "sel", ""]]);
    }
    return e.n;
  };

  // ── theme, folds, sizes: remembered on this machine ──────────────────────────────────────────
  function remember(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch (_) {
      /* a browser that keeps nothing still works */
    }
  }
  yt.remember = remember;

  function setTheme(theme) {
    root.dataset.theme = theme;
    root.dataset.mantineColorScheme = theme;
    if (ready) dash().set_props("mantine", { forceColorScheme: theme });
  }

  function fold(name) {
    const on = root.classList.toggle("fold-" + name);
    remember("yt-fold-" + name, on ? "1" : "0");
    setTimeout(() => window.yuantu && window.yuantu.invalidate(), 0);
  }

  function resize(e, name) {
    const box = name === "table" ? document.querySelector(".bot") : document.querySelector(".panel.r");
    const start = name === "table" ? e.clientY : e.clientX;
    const size = name === "table" ? box.offsetHeight : box.offsetWidth;
    const limit = name === "table" ? [96, innerHeight - 220] : [280, Math.min(640, innerWidth - 700)];
    const move = (m) => {
      const now = size + start - (name === "table" ? m.clientY : m.clientX);
      const px = Math.max(limit[0], Math.min(limit[1], now)) + "px";
      root.style.setProperty("--" + name, px);
      remember("yt-size-" + name, px);
    };
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      document.body.classList.remove("resizing");
      window.yuantu && window.yuantu.invalidate();
    };
    document.body.classList.add("resizing");
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    e.preventDefault();
  }

  // ── pressing ─────────────────────────────────────────────────────────────────────────────────
  const isPage = (a) => a.origin === location.origin && config.pages.concat("/login").includes(a.pathname) && !a.hasAttribute("data-file");

  document.addEventListener("click", (e) => {
    const hit = e.target.closest("[data-op],a[href],[data-fold],[data-theme-toggle],[data-sheet],[data-follow],[data-fly],[data-copy],[data-sketch],[data-search],[data-dialog-close],[data-sketch-save]");
    for (const open of document.querySelectorAll("details.drop[open]")) if (!open.contains(e.target)) open.open = false;
    if (!e.target.closest(".srch")) root.classList.remove("searching");
    if (!hit) return;
    const d = hit.dataset;
    if (d.op) {
      if (hit.matches(".chips:not(.held) .chip")) hit.classList.toggle("on"); // seen at once; the answer confirms it
      act(JSON.parse(d.op));
      e.preventDefault();
    } else if (d.fold) fold(d.fold);
    else if ("themeToggle" in d) {
      const next = root.dataset.theme === "dark" ? "light" : "dark";
      remember("yt-theme", next);
      if (params().has("theme")) act([["set", "theme", ""]], null, true);
      setTheme(next);
    } else if (d.sheet) sheet(d.sheet);
    else if ("follow" in d) act([["set", "follow", params().get("follow") === "1" ? "" : "1"]]);
    else if (d.fly) fly(d.fly);
    else if ("copy" in d) copy(hit);
    else if (d.sketch) startSketch(d.sketch);
    else if ("search" in d) {
      root.classList.add("searching");
      document.getElementById("search").focus();
    } else if ("sketchSave" in d) {
      const value = (id) => document.getElementById(id).value;
      tell("sketch-ask", { at: Date.now(), reason: value("sketch-reason"), who: value("sketch-who") });
    } else if (d.dialogClose) document.getElementById(d.dialogClose).close();
    else if (hit.tagName === "A" && isPage(hit) && !e.metaKey && !e.ctrlKey && !e.shiftKey && hit.target !== "_blank") {
      e.preventDefault();
      const samePage = hit.pathname === location.pathname;
      go(hit.pathname + (hit.dataset.page ? along(hit.pathname) : hit.search));
      if (hit.dataset.flyTo) flyTo(hit.dataset.flyTo);
      if (hit.closest("#search-results")) {
        document.getElementById("search").value = "";
        seek("");
        closeSearch();
      }
      if (!samePage) scrollTo(0, 0);
    }
  });

  let parked = {}; // what only siting's address says, while another page is shown
  /** The address to take along to a page: a siting task is long and stays behind, and is there again on return. */
  function along(pathname) {
    const p = params();
    const others = Object.entries(config.slices).flatMap(([name, keys]) => (name === "site" ? [] : keys));
    const own = (config.slices.site || []).filter((k) => !others.includes(k));
    if (location.pathname === "/site" && pathname !== "/site") {
      parked = Object.fromEntries(own.filter((k) => p.has(k)).map((k) => [k, p.get(k)]));
      for (const k of own) p.delete(k);
    } else if (pathname === "/site" && location.pathname !== "/site") {
      for (const k in parked) if (!p.has(k)) p.set(k, parked[k]);
    }
    return text(p);
  }

  document.addEventListener("change", (e) => {
    const ops = e.target.dataset && e.target.dataset.change;
    if (ops) {
      const value = e.target.value;
      const first = e.target.options ? e.target.options[0].value : null;
      act(JSON.parse(ops), e.target.hasAttribute("data-first-is-none") && value === first ? "" : value);
    }
  });

  document.addEventListener("pointerdown", (e) => {
    const grip = e.target.closest("[data-resize]");
    if (grip) resize(e, grip.dataset.resize);
  });

  function sheet(name) {
    root.dataset.sheet = name;
    for (const b of document.querySelectorAll("[data-sheet]")) if (b !== root) b.classList.toggle("on", b.dataset.sheet === name);
  }
  root.dataset.sheet = "side";
  yt.sheet = sheet;

  function fly(what) {
    const [layer, id] = what.split(":");
    touched = true;
    if (window.yuantu) window.yuantu.flyTo({ layer, id: Number(id) });
  }

  function flyTo(place) {
    const [lon, lat] = place.split(",").map(Number);
    touched = true;
    if (window.yuantu && Number.isFinite(lon)) window.yuantu.flyTo({ lon, lat, zoom: 12 });
  }

  function copy(button) {
    const done = () => {
      const was = button.lastChild.textContent;
      button.lastChild.textContent = button.dataset.done;
      setTimeout(() => (button.lastChild.textContent = was), 1500);
    };
    if (navigator.clipboard) navigator.clipboard.writeText(location.href).then(done, done);
    else done();
  }

  // ── sketching ────────────────────────────────────────────────────────────────────────────────
  let sketching = null;
  function startSketch(what) {
    sketching = what;
    const [layer, id] = what.split(":");
    fly(what);
    window.yuantu.sketch.start();
    tell("sketch-target", { layer, id: Number(id) });
  }
  yt.sketched = function (geometry) {
    if (!geometry || !sketching) return no();
    dash().set_props("sketch-result", { children: "" });
    document.getElementById("sketch-what").textContent = (document.querySelector(".ch .name") || {}).textContent || "";
    document.getElementById("sketch-dialog").showModal();
    return no();
  };
  yt.sketchSaved = function (answer) {
    if (!answer) return no();
    if (answer.ok) {
      document.getElementById("sketch-dialog").close();
      sketching = null;
      tell("sketch-geometry", null);
      if (window.yuantu.refresh) window.yuantu.refresh();
      sync(true);
      banner({ kind: "done", text: answer.text, cure: "" });
    }
    return no();
  };

  // ── search ───────────────────────────────────────────────────────────────────────────────────
  let typing = 0;
  document.addEventListener("input", (e) => {
    if (e.target.id !== "search" || e.isComposing) return;
    clearTimeout(typing);
    typing = setTimeout(() => seek(e.target.value), 150);
  });
  document.addEventListener("compositionend", (e) => {
    if (e.target.id === "search") seek(e.target.value);
  });
  function seek(words) {
    tell("address", location.pathname + location.search); // the results' links begin from here
    tell("search-text", words);
  }
  function closeSearch() {
    root.classList.remove("searching");
    document.getElementById("search").blur();
  }
  document.addEventListener("focusin", (e) => {
    if (e.target.id === "search") root.classList.add("searching");
  });
  function searchKeys(e) {
    const found = [...document.querySelectorAll("#search-results a")];
    const at = found.findIndex((x) => x.classList.contains("cur"));
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      const next = Math.max(0, Math.min(found.length - 1, at + (e.key === "ArrowDown" ? 1 : -1)));
      found.forEach((x, i) => x.classList.toggle("cur", i === next));
      e.preventDefault();
    } else if (e.key === "Enter" && found.length) {
      found[Math.max(0, at)].click();
      e.preventDefault();
    } else if (e.key === "Escape") closeSearch();
  }

  // ── keyboard ─────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("keydown", (e) => {
    if (e.target.id === "search") return searchKeys(e);
    const typing = e.target.closest("input:not([type=range]),textarea,select,[contenteditable]");
    if (typing || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (e.key === "/") {
      root.classList.add("searching");
      document.getElementById("search").focus();
    } else if (/^[1-6]$/.test(e.key)) go(config.pages[e.key - 1] + along(config.pages[e.key - 1]));
    else if (e.key === "[") fold("left");
    else if (e.key === "]") fold("right");
    else if (e.key === "Escape") {
      if (document.querySelector(".yt-drawing")) return;
      if (document.activeElement) document.activeElement.blur();
      const p = params();
      if (p.has("sel")) act([["set", "sel", ""]]);
      else if (p.has("area")) act([["set", "area", ""]]);
      else return;
    } else if ((e.key === "ArrowLeft" || e.key === "ArrowRight") && root.dataset.page === "map") {
      if (e.target.closest(".leaflet-container,input,.ag-root,[role=tablist],[role=slider]")) return;
      yt.stepTime(e.key === "ArrowLeft" ? -1 : 1);
    } else return;
    e.preventDefault();
  });

  // ── faults: a sentence, and recovery by itself ───────────────────────────────────────────────
  let polling = 0;
  function banner(what) {
    const box = document.getElementById("banner");
    if (!box) return;
    box.replaceChildren();
    box.className = "banner" + (what ? " on " + what.kind : "");
    if (!what) return;
    const line = document.createElement("span");
    line.textContent = [what.text, what.cure].filter(Boolean).join(" ");
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", say("close"));
    close.onclick = () => banner(null);
    box.append(line, close);
    if (what.kind === "done") setTimeout(() => banner(null), 6000);
  }
  function recover() {
    clearInterval(polling);
    polling = setInterval(() => {
      realFetch("/readyz", { cache: "no-store" })
        .then((r) => {
          if (!r.ok) return;
          clearInterval(polling);
          polling = 0;
          banner(null);
          window.yuantu && window.yuantu.refresh && window.yuantu.refresh();
          sync(true);
        })
        .catch(() => undefined);
    }, 2000);
  }
  yt.outage = function (what) {
    if (!what) return no();
    banner(what);
    if (what.kind === "database" && !polling) recover();
    return no();
  };
  const realFetch = window.fetch.bind(window);
  window.fetch = function (input, init) {
    const url = String((input && input.url) || input);
    return realFetch(input, init).catch((error) => {
      if (url.includes("_dash-update-component") && error.name !== "AbortError") {
        yt.outage({ kind: "database", text: say("server_away"), cure: say("recovers") });
        return new Response("{}", { status: 204 });
      }
      throw error;
    });
  };

  sync();
})();
