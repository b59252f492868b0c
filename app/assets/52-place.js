/* The place of one record in its form: a small map that is pressed where the record lies, beside the pair of degrees. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const root = document.documentElement;
  const box = () => document.querySelector("#page-data .pmap");
  const input = () => document.querySelector("#page-data span[data-edit=place] input");
  const how = () => document.querySelector("#page-data select[data-edit=place_how]");
  let map = null;
  let inner = null;
  let shown = "";
  let escaping = false;

  const read = (text) => {
    const pair = (text || "").split(/[,\uff0c;\uff1b\s]+/).filter(Boolean).map(Number);
    if (pair.length !== 2 || !pair.every(Number.isFinite)) return null;
    const [a, b] = pair;
    return a <= 54 && b >= 73 ? [b, a] : [a, b];
  };
  const at = (id, name, pair, color) => ({
    id, title: name, visible: true, opacity: 1, url: id + ":" + pair.join(","),
    style: { symbol: "circle", color, label_from_zoom: 0 },
    data: { type: "FeatureCollection", features: [{ type: "Feature", id: 1, properties: { name, location_accuracy: "", is_demo: false }, geometry: { type: "Point", coordinates: pair } }] },
  });

  /** Show where the record is, and where it is to be. */
  function show(fly) {
    const old = read(box().dataset.place);
    const next = read(input() && input().value);
    const moved = next && (!old || next.join() !== old.join());
    const layers = [];
    if (old) layers.push(at("place-now", yt.say("place_now"), old, moved ? "ink-3" : "sea"));
    if (moved) layers.push(at("place-new", yt.say("place_new"), next, "flat"));
    map.setModel({ theme: root.dataset.theme, lang: yt.config.language || "zh", layers, basemap: { url: "/api/v1/basemap" } });
    const where = next || old;
    if (fly && where) map.flyTo({ lon: where[0], lat: where[1], zoom: 12, animate: false });
    else if (fly) map.home();
  }

  function pressed(e) {
    if (escaping || !["click", "area", "background"].includes(e.kind) || !input()) return;
    input().value = e.lon.toFixed(6) + "," + e.lat.toFixed(6);
    choose("sketched");
    show(false);
  }
  function choose(value) {
    const select = how();
    if (select) select.value = select.dataset.value = value;
  }

  function draw() {
    const place = box();
    if (!place || !window.yuantu || !window.L) return;
    if (!inner) {
      inner = Object.assign(document.createElement("div"), { className: "pmap-in" });
      place.append(inner);
      map = window.yuantu.open(inner, { event: pressed, sketch() {} });
    }
    if (inner.parentElement !== place) place.append(inner); // one map for all forms, however many are opened
    const form = place.closest("section").id + place.dataset.place;
    if (!input() || form === shown) return;
    shown = form;
    requestAnimationFrame(() => {
      map.invalidate();
      show(true);
    });
  }

  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    escaping = true; // the map answers Esc with an event of its middle
    setTimeout(() => (escaping = false), 0);
  }, true);
  document.addEventListener("change", (e) => {
    if (!box() || e.target !== input()) return;
    choose("surveyed");
    show(true);
  });
  document.addEventListener("yt:answer", (e) => {
    if (e.detail === "data") setTimeout(draw, 0);
  });
  new MutationObserver(() => map && box() && show(false)).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
})();
