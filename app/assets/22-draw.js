/* Drawing areas: what is drawn goes into the address as text (geo/drawn.py); the server reads it from there. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const params = () => new URLSearchParams(location.search);
  const menu = () => document.getElementById("draw-menu");
  const hints = { u: yt.say("draw_op_u"), i: yt.say("draw_op_i"), d: yt.say("draw_op_d"), second: yt.say("draw_op_second") };
  let op = ""; // what becomes of the next shape: "" a new area, u, i, d on the present one, "second" beside it

  function choose(next) {
    op = next;
    const box = menu();
    if (!box) return;
    box.dataset.pending = op;
    document.getElementById("draw-hint").textContent = op ? hints[op] : "";
    for (const b of document.querySelectorAll("[data-draw-op]")) b.setAttribute("aria-pressed", String(b.dataset.drawOp === op));
    if (op) open();
  }

  /** Put a shape into the address, by what was chosen for it. */
  function take(shape) {
    const now = params().get("draw");
    const joined = now && op && op !== "second" ? `${now}~${op}.${shape}` : shape;
    yt.act([["set", op === "second" && now ? "draw2" : "draw", joined], ["set", "near", ""], ["set", "sel", ""]]);
    choose("");
    menu().open = false;
    if (yt.sheet) yt.sheet("side");
  }

  function draw(kind) {
    menu().open = false;
    window.yuantu.draw(kind, (shape) => {
      if (shape === null) return choose("");
      if (kind !== "point") return take(shape);
      yt.act([["set", "near", shape], ["set", "sel", ""]]);
      if (yt.sheet) yt.sheet("side");
    });
  }

  // ── the menu's own lists ─────────────────────────────────────────────────────────────────────
  async function open() {
    menu().open = true;
    const counties = document.getElementById("draw-county");
    if (counties.options.length < 2) {
      const found = await fetch("/api/v1/areas/county").then((r) => (r.ok ? r.json() : { features: [] }));
      if (counties.options.length < 2)
        for (const f of found.features) counties.add(new Option(f.properties.name, "area:" + f.properties.code));
    }
    await list();
  }

  async function list() {
    const place = document.getElementById("draw-saved");
    const found = await fetch("/api/v1/drawn/saved").then((r) => (r.ok ? r.json() : { areas: [] }));
    place.replaceChildren();
    if (!found.areas.length) place.append(Object.assign(document.createElement("div"), { className: "cap", textContent: place.dataset.none }));
    for (const area of found.areas) {
      const row = Object.assign(document.createElement("div"), { className: "row" });
      const name = Object.assign(document.createElement("button"), { type: "button", textContent: area.name, title: area.name });
      name.dataset.drawAdd = "saved:" + area.id;
      const drop = Object.assign(document.createElement("button"), { type: "button", className: "ib sm", title: place.dataset.drop });
      drop.setAttribute("aria-label", place.dataset.drop);
      drop.append(Object.assign(document.createElement("i"), { className: "ic i-close sm" }));
      drop.dataset.drawDrop = area.id;
      row.append(name, drop);
      place.append(row);
    }
  }

  async function ask(url, options) {
    const answer = await fetch(url, options);
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(body.detail || String(answer.status));
    return body;
  }
  const say = (text, kind) => yt.outage({ kind: kind || "input", text, cure: "" });

  async function save(button) {
    const name = document.getElementById("draw-name").value;
    const line = document.getElementById("draw-result");
    try {
      const body = JSON.stringify({ name, area: button.dataset.drawSave });
      const kept = await ask("/api/v1/drawn/saved", { method: "POST", headers: { "Content-Type": "application/json" }, body });
      say(yt.say("draw_saved"), "done");
      yt.act([["set", "draw", kept.area]]);
    } catch (error) {
      line.textContent = yt.say("draw_failed") + error.message;
    }
  }

  async function drop(id) {
    await ask("/api/v1/drawn/saved/" + id, { method: "DELETE" });
    await list();
    const place = document.getElementById("draw-saved");
    const line = Object.assign(document.createElement("div"), { className: "row cap", textContent: yt.say("draw_removed") });
    const back = Object.assign(document.createElement("button"), { type: "button", className: "lk", textContent: yt.say("draw_undo") });
    back.onclick = async () => {
      await ask(`/api/v1/drawn/saved/${id}/restore`, { method: "POST" });
      await list();
    };
    line.append(back);
    place.append(line);
  }

  function upload() {
    const input = Object.assign(document.createElement("input"), { type: "file", accept: ".geojson,.json,.kml,.kmz,.gpkg,.zip" });
    input.onchange = async () => {
      const file = input.files[0];
      if (!file) return;
      document.getElementById("draw-hint").textContent = yt.say("draw_uploading");
      try {
        take((await ask("/api/v1/drawn/upload?" + new URLSearchParams({ file: file.name }), { method: "POST", body: file })).area);
      } catch (error) {
        document.getElementById("draw-hint").textContent = yt.say("draw_failed") + error.message;
      }
    };
    input.click();
  }

  // ── pressing ─────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("click", (e) => {
    const hit = e.target.closest && e.target.closest("[data-draw],[data-draw-op],[data-draw-add],[data-draw-drop],[data-draw-thing],[data-draw-upload],[data-draw-save]");
    if (!hit) return;
    const d = hit.dataset;
    if (d.draw) draw(d.draw);
    else if (d.drawOp) {
      e.stopPropagation();
      choose(op === d.drawOp ? "" : d.drawOp);
    } else if (d.drawAdd) take(d.drawAdd);
    else if (d.drawDrop) void drop(d.drawDrop);
    else if ("drawSave" in d) void save(hit);
    else if ("drawUpload" in d) upload();
    else {
      const chosen = params().get("sel");
      if (chosen) take(`near:${chosen.replace(":", ",")},2000`);
      else document.getElementById("draw-hint").textContent = d.drawThing;
    }
  }, true);
  document.addEventListener("toggle", (e) => {
    if (e.target.id === "draw-menu" && e.target.open) void open();
  }, true);
  document.addEventListener("change", (e) => {
    if (!e.target.matches || !e.target.matches("[data-draw-pick]") || !e.target.value) return;
    const shape = e.target.value;
    e.target.value = "";
    take(shape);
  });

  // before the page's own keys: Esc takes the area away only when nothing else is to be taken away
  document.addEventListener("keydown", (e) => {
    if (document.documentElement.dataset.page !== "map" || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.target.closest("input,textarea,select,[contenteditable]") || document.querySelector("dialog[open],.yt-drawing")) return;
    const p = params();
    if (e.key === "d" || e.key === "D") {
      void open();
      menu().querySelector("[data-draw]").focus();
      e.preventDefault();
    } else if (e.key === "Escape" && menu() && menu().open) {
      menu().open = false;
      choose("");
      e.stopPropagation();
    } else if (e.key === "Escape" && !p.has("sel") && !p.has("area") && (p.has("near") || p.has("draw")))
      yt.act(p.has("near") ? [["set", "near", ""]] : [["set", "draw", ""], ["set", "draw2", ""]]);
  }, true);
})();
