/** One map: pointer, keyboard, controls and tools round a Scene; answers the page with events. */

import type * as Leaflet from "leaflet";
import { areaAt, fillStrength } from "./areas";
import { seenBounds } from "./base";
import { Controls } from "./controls";
import { MeasureTool } from "./measure";
import { latOf, lonOf } from "./mercator";
import { Notes } from "./notes";
import { pixelOfItem } from "./painter";
import { EMPTY, Scene } from "./scene";
import { SketchTool, type Polygon } from "./sketch";
import { zoomFactor } from "./scale";
import { joined, setLang, text } from "./text";
import { onTheme, rereadTheme } from "./theme";
import { PathTool } from "./tool";
import { Tooltip } from "./tooltip";
import type { Box, Id, Item, MapEvent, Model, Shape } from "./types";

const CITY: [[number, number], [number, number]] = [
  [32.56, 119.45],
  [34.5, 120.99],
];
const LIMITS: [[number, number], [number, number]] = [
  [30.7, 116.2],
  [36.8, 124.3],
];
const VIEW_DELAY = 250;
const TILE_DELAY = 1200;

export interface Answers {
  event(event: MapEvent): void;
  sketch(geometry: Polygon | null): void;
}

export class MapApp {
  readonly scene: Scene;
  readonly sketch: SketchTool;
  private measure: MeasureTool;
  private controls: Controls;
  private tooltip: Tooltip;
  private notes: Notes;
  private viewTimer = 0;
  private tileTimer = 0;
  private pointerFrame = 0;
  private pointerAt: Leaflet.LeafletMouseEvent | null = null;
  private events = 0;
  private homed = false;
  private opened = false;
  private stops: (() => void)[] = [];

  constructor(
    readonly map: Leaflet.Map,
    private answers: Answers,
  ) {
    const container = map.getContainer();
    this.prepare();
    this.tooltip = new Tooltip(container);
    this.notes = new Notes(container, () => this.retry());
    this.scene = new Scene(map, {
      sources: () => this.sourcesChanged(),
      frame: () => undefined,
      tool: (ctx, v) => this.tools().forEach((t) => t.draw(ctx, v)),
      boxes: () => this.interfaceBoxes(),
    });
    const host = { map, redraw: () => this.scene.stage.redraw("tool"), changed: () => this.toolChanged() };
    this.measure = new MeasureTool(host);
    this.sketch = new SketchTool(host, (polygon) => this.answers.sketch(polygon));
    this.controls = new Controls(map, { home: () => this.home(), measure: () => this.startMeasure() });
    this.controls.attribution(text().attribution);
    this.controls.scale();
    this.listen();
    this.home(false);
    const open = window.setTimeout(() => this.open(), 60);
    this.stops.push(() => window.clearTimeout(open));
  }

  /** Undo what the page's or Leaflet's defaults would draw twice, and set sensible limits. */
  private prepare(): void {
    const { map } = this;
    map.attributionControl?.remove();
    map.zoomControl?.remove();
    Object.assign(map.options, { zoomSnap: 0.25, zoomDelta: 1, wheelPxPerZoomLevel: 110, maxBoundsViscosity: 0.8 });
    map.setMinZoom(7);
    map.setMaxZoom(18);
    map.setMaxBounds(LIMITS);
    const container = map.getContainer();
    container.classList.add("yt-map");
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", text().map);
  }

  private listen(): void {
    const { map } = this;
    const container = map.getContainer();
    map.on("mousemove", (e: Leaflet.LeafletMouseEvent) => this.moved(e));
    map.on("mouseout", () => this.left());
    map.on("movestart zoomstart", () => this.left());
    map.on("click", (e: Leaflet.LeafletMouseEvent) => this.clicked(e));
    map.on("dblclick", () => this.tool()?.doubleClick());
    map.on("contextmenu", (e: Leaflet.LeafletMouseEvent) => this.context(e));
    map.on("moveend", () => this.viewChanged());
    map.on("layeradd", (e: Leaflet.LayerEvent) => this.watchTiles(e.layer));
    map.eachLayer((layer) => this.watchTiles(layer));
    const key = (e: KeyboardEvent): void => this.key(e);
    const online = (): void => this.retry();
    document.addEventListener("keydown", key);
    window.addEventListener("online", online);
    const sizes = new ResizeObserver(() => requestAnimationFrame(() => this.invalidate()));
    sizes.observe(container);
    this.stops.push(
      () => document.removeEventListener("keydown", key),
      () => window.removeEventListener("online", online),
      () => sizes.disconnect(),
      onTheme(() => this.scene.stage.redraw()),
    );
  }

  remove(): void {
    this.stops.forEach((f) => f());
    [this.viewTimer, this.tileTimer].forEach((t) => window.clearTimeout(t));
    cancelAnimationFrame(this.pointerFrame);
    this.tools().forEach((t) => t.remove());
    this.scene.remove();
  }

  // ── the page's side ───────────────────────────────────────────────────────

  /** Go where the map opens, until a person or the page has moved it. dash-leaflet sets its zoom once more. */
  private open(): void {
    if (this.opened) return;
    const { view } = this.scene.model;
    if (view) this.map.setView([view.lat, view.lon], view.zoom, { animate: false });
    else this.home(false);
  }

  setModel(model: Model): void {
    if (setLang(model.lang)) this.controls.texts();
    if (model.theme !== this.scene.model.theme) rereadTheme();
    this.controls.attribution(model.attribution ?? model.basemap?.tiles?.attribution ?? text().attribution);
    const first = this.scene.model === EMPTY;
    this.scene.setModel(model);
    if (first) {
      this.open();
      this.opened = true;
    }
    if (!model.basemap?.tiles) this.tilesDown(false);
  }

  refresh(): void {
    for (const source of this.scene.sources()) if (source.url) source.load(source.url, true);
  }

  home(animate = true): void {
    const b = this.scene.base.value?.bounds;
    const bounds = b ? L.latLngBounds([b[1], b[0]], [b[3], b[2]]) : L.latLngBounds(CITY);
    this.map.fitBounds(bounds, { padding: [10, 10], animate });
    this.homed = this.map.getSize().x > 0;
  }

  /** Move to a point or a box. */
  flyTo(to: { lon?: number; lat?: number; zoom?: number; bounds?: [number, number, number, number] }): void {
    if (to.bounds) {
      const [w, s, e, n] = to.bounds;
      this.map.fitBounds([[s, w], [n, e]], { padding: [40, 40], maxZoom: 14 });
    } else if (to.lon !== undefined && to.lat !== undefined) {
      const zoom = to.zoom ?? Math.max(this.map.getZoom(), 11);
      this.map.setView([to.lat, to.lon], zoom);
    }
    this.homed = true;
    this.opened = true;
  }

  select(layer: string | null, id?: Id): void {
    this.scene.selected = layer !== null && id !== undefined ? { layer, id } : null;
    this.scene.stage.redraw("labels", "marks");
  }

  highlight(layer: string | null, id?: Id): void {
    const item = layer !== null && id !== undefined ? this.scene.find(layer, id) : null;
    this.hover(item, null);
  }

  invalidate(): void {
    this.map.invalidateSize({ animate: false, pan: true });
    if (!this.homed && this.map.getSize().x > 0) this.home(false);
  }

  state(): Record<string, unknown> {
    this.scene.stage.flush();
    const { view } = this.scene.stage;
    const loaded: Record<string, number> = {};
    for (const [id, source] of this.scene.layers) if (source.value) loaded[id] = source.value.length;
    return {
      loaded,
      base: this.scene.base.value !== null,
      areas: this.scene.areas.value?.length ?? 0,
      drawn: Object.values(this.scene.counts).reduce((a, b) => a + b, 0),
      drawnBy: this.scene.counts,
      thin: this.scene.shapes.filter((s) => s.thin).length,
      selected: this.scene.selected,
      hovered: this.scene.hovered.item
        ? { layer: this.scene.hovered.item.layer, id: this.scene.hovered.item.id }
        : this.scene.hovered.area,
      labels: this.scene.labels.map((l) => ({
        text: l.key.text,
        x: l.x - view.seen.x,
        y: l.y - view.seen.y,
        w: l.w,
        h: l.h,
      })),
      errors: this.scene.sources().filter((s) => s.error).map((s) => ({ title: s.title(), url: s.url, error: s.error })),
      view: { zoom: view.zoom, bounds: seenBounds(view) },
      tool: this.measure.active ? "measure" : this.sketch.active ? "sketch" : null,
      tilesDown: this.scene.tilesDown,
    };
  }

  /** Where a thing stands, in CSS pixels of the map's container; null when it is not loaded. */
  pixelOf(layer: string, id: Id): { x: number; y: number } | null {
    this.scene.stage.flush();
    const item = this.scene.find(layer, id);
    if (!item) return null;
    const { view } = this.scene.stage;
    const [x, y] = pixelOfItem(item, view);
    return { x: x - view.seen.x, y: y - view.seen.y };
  }

  // ── the person's side ─────────────────────────────────────────────────────

  private tools(): PathTool[] {
    return [this.measure, this.sketch];
  }

  private tool(): PathTool | null {
    return this.tools().find((t) => t?.active) ?? null;
  }

  private startMeasure(): void {
    if (this.sketch.active) this.sketch.cancel();
    this.measure.toggle();
  }

  private toolChanged(): void {
    this.controls?.measure.setAttribute("aria-pressed", String(this.measure.active));
    this.left();
    this.scene?.stage.redraw("labels", "tool");
  }

  private hit(e: Leaflet.LeafletMouseEvent): { shapes: Shape[]; area: string | null; x: number; y: number } {
    const { view } = this.scene.stage;
    const { x, y } = e.containerPoint;
    const touch = (e.originalEvent as PointerEvent).pointerType === "touch";
    const shapes = this.scene.at(x + view.seen.x, y + view.seen.y, touch ? 10 : 3);
    const wx = (x + view.seen.x + view.x0) / view.scale;
    const wy = (y + view.seen.y + view.y0) / view.scale;
    return { shapes, area: areaAt(this.scene.shownAreas(), wx, wy)?.code ?? null, x, y };
  }

  private moved(e: Leaflet.LeafletMouseEvent): void {
    this.pointerAt = e;
    if (!this.pointerFrame) this.pointerFrame = requestAnimationFrame(() => this.pointed());
  }

  private pointed(): void {
    this.pointerFrame = 0;
    const e = this.pointerAt;
    if (!e) return;
    this.controls.pointer(e.latlng.lng, e.latlng.lat);
    const tool = this.tool();
    if (tool) return tool.move(e);
    if (e.originalEvent.target instanceof Element && e.originalEvent.target.closest(".leaflet-control,[data-avoid]")) {
      return this.left();
    }
    const { shapes, area, x, y } = this.hit(e);
    const top = shapes[0];
    this.hover(top?.item ?? null, top ? null : area);
    this.map.getContainer().style.cursor = top || (area && fillStrength(this.map.getZoom()) > 0) ? "pointer" : "";
    if (top?.item) return this.tipItem(top.item, shapes.length - 1, x, y);
    if (top?.cell) return this.tipCell(top, x, y);
    this.tipArea(area, x, y);
  }

  private tipItem(item: Item, more: number, x: number, y: number): void {
    const layer = this.scene.model.layers.find((l) => l.id === item.layer);
    if (layer) this.tooltip.item(item, layer, more, x, y);
  }

  private tipCell(shape: Shape, x: number, y: number): void {
    const layer = this.scene.model.layers.find((l) => l.id === shape.cell?.items[0].layer);
    const n = shape.cell?.n ?? 0;
    this.tooltip.words(`cell/${n}/${shape.x}`, text().cell(n, layer?.title ?? ""), "", x, y);
  }

  private tipArea(code: string | null, x: number, y: number): void {
    const { choropleth } = this.scene.model;
    const area = this.scene.shownAreas().find((a) => a.code === code);
    if (!code || !area || fillStrength(this.map.getZoom()) === 0) return this.tooltip.hide();
    const value = choropleth ? (choropleth.values[code] ?? text().noData) : "";
    this.tooltip.words(`area/${code}/${value}`, area.name, choropleth ? `${choropleth.title} ${value}` : "", x, y);
  }

  private hover(item: Item | null, area: string | null): void {
    const { hovered } = this.scene;
    if (hovered.item === item && hovered.area === area) return;
    const changed = hovered.area === area ? "marks" : "outlines";
    const also = hovered.item === item ? changed : "marks";
    this.scene.hovered = { item, area };
    this.scene.stage.redraw(changed, also);
  }

  private left(): void {
    this.pointerAt = null;
    this.tooltip?.hide();
    if (this.scene) this.hover(null, null);
  }

  private clicked(e: Leaflet.LeafletMouseEvent): void {
    const tool = this.tool();
    if (tool) return tool.click(e);
    const { shapes, area } = this.hit(e);
    const cell = shapes.find((s) => s.cell);
    if (shapes[0]?.cell && cell?.cell) {
      const at = { lon: e.latlng.lng, lat: e.latlng.lat, zoom: Math.min(18, Math.ceil(this.map.getZoom()) + 1.5) };
      return this.flyTo(at);
    }
    const item = shapes.find((s) => s.item)?.item ?? null;
    if (item) this.select(item.layer, item.id);
    const kind = item ? "click" : area ? "area" : "background";
    this.send(kind, { ...this.described(shapes, item), code: area, lon: e.latlng.lng, lat: e.latlng.lat });
  }

  private context(e: Leaflet.LeafletMouseEvent): void {
    if (this.sketch.active) return this.sketch.context(e);
    if (this.measure.active) return;
    const { shapes, area } = this.hit(e);
    const item = shapes.find((s) => s.item)?.item ?? null;
    this.send("context", { ...this.described(shapes, item), code: area, lon: e.latlng.lng, lat: e.latlng.lat });
  }

  private described(shapes: Shape[], item: Item | null): Partial<MapEvent> {
    if (!item) return { others: [] };
    const others = shapes
      .filter((s) => s.item && s.item !== item)
      .map((s) => s.item as Item)
      .map((i) => ({ layer: i.layer, id: i.id, name: i.name }));
    return { layer: item.layer, id: item.id, name: item.name, others };
  }

  private key(e: KeyboardEvent): void {
    const target = e.target instanceof HTMLElement ? e.target : null;
    const typing = target?.closest("input,textarea,select,[contenteditable=true],[role=dialog]");
    if (e.defaultPrevented || typing || !this.map.getContainer().isConnected) return;
    const tool = this.tool();
    if (tool) {
      if (tool.key(e)) e.preventDefault();
      return;
    }
    if (e.key === "Escape" && !document.querySelector("[role=dialog]")) {
      this.select(null);
      this.left();
      this.send("background", { code: null, others: [] });
    }
    if (e.key === "Enter" && target === this.map.getContainer()) this.pickNearest();
  }

  /** Enter: select what stands nearest the middle of the map. */
  private pickNearest(): void {
    const { view } = this.scene.stage;
    const cx = view.w / 2;
    const cy = view.h / 2;
    const away = (s: Shape): number => Math.hypot(s.x - cx, s.y - cy);
    const best = this.scene.shapes.filter((s) => s.item).sort((a, b) => away(a) - away(b))[0];
    if (!best?.item) return;
    this.select(best.item.layer, best.item.id);
    this.send("click", { ...this.described([best], best.item), lon: lonOf(best.item.wx), lat: latOf(best.item.wy), code: null });
  }

  private viewChanged(): void {
    this.controls.scale();
    window.clearTimeout(this.viewTimer);
    this.viewTimer = window.setTimeout(() => this.send("view", {}), VIEW_DELAY);
  }

  private send(kind: MapEvent["kind"], rest: Partial<MapEvent>): void {
    const round = (v: number): number => Math.round(v * 1e6) / 1e6;
    const b = seenBounds(this.scene.stage.view).map(round) as MapEvent["bounds"];
    const c = this.map.getCenter();
    const at = { lon: round(rest.lon ?? c.lng), lat: round(rest.lat ?? c.lat) };
    const zoom = this.map.getZoom();
    this.answers.event({ ...rest, ...at, kind, n: ++this.events, zoom, bounds: b, symbol_scale: zoomFactor(zoom) });
  }

  // ── data, tiles, notes ────────────────────────────────────────────────────

  private sourcesChanged(): void {
    const failed = this.scene.sources().filter((s) => s.error).map((s) => s.title());
    this.notes.failure(joined([...new Set(failed)]));
  }

  private retry(): void {
    this.scene.sources().forEach((s) => s.retry());
  }

  private watchTiles(layer: Leaflet.Layer): void {
    if (!(layer instanceof L.TileLayer)) return;
    layer.on("tileerror", () => {
      window.clearTimeout(this.tileTimer);
      this.tileTimer = window.setTimeout(() => this.tilesDown(true), TILE_DELAY);
    });
    layer.on("tileload", () => {
      window.clearTimeout(this.tileTimer);
      this.tilesDown(false);
    });
  }

  private tilesDown(down: boolean): void {
    if (!down) window.clearTimeout(this.tileTimer);
    if (this.scene.tilesDown === down) return;
    this.scene.tilesDown = down;
    this.notes.tilesDown(down);
    this.scene.stage.redraw("areas", "labels");
  }

  /** Boxes of the interface over the map, in its pixels: labels keep off them. */
  private interfaceBoxes(): Box[] {
    const container = this.map.getContainer();
    const at = container.getBoundingClientRect();
    const over = [...container.querySelectorAll(".leaflet-control"), ...document.querySelectorAll("[data-avoid]")];
    return over
      .map((e) => e.getBoundingClientRect())
      .filter((r) => r.width > 0 && r.height > 0 && r.right > at.left && r.left < at.right && r.bottom > at.top && r.top < at.bottom)
      .map((r) => ({ x: r.left - at.left - 4, y: r.top - at.top - 4, w: r.width + 8, h: r.height + 8 }));
  }
}
