/** One map: controls, tools and pointer round a Scene; answers the page with events. */

import type * as Leaflet from "leaflet";
import { seenBounds } from "./base";
import { DrawTool, type DrawKind } from "./draw";
import { newAndGone } from "./cells";
import { Controls } from "./controls";
import { MeasureTool } from "./measure";
import { ignoreEcho } from "./echo";
import { latOf, lonOf } from "./mercator";
import { Notes } from "./notes";
import { pixelOfItem } from "./painter";
import { Pointer } from "./pointer";
import { EMPTY, Scene } from "./scene";
import { SketchTool, type Polygon } from "./sketch";
import { zoomFactor } from "./scale";
import { joined, setLang, text } from "./text";
import { onTheme, rereadTheme } from "./theme";
import { TileWatch } from "./tiles";
import type { PathTool } from "./tool";
import type { Box, Id, Item, MapEvent, Model } from "./types";

const CITY: [[number, number], [number, number]] = [
  [32.56, 119.45],
  [34.5, 120.99],
];
const LIMITS: [[number, number], [number, number]] = [
  [30.7, 116.2],
  [36.8, 124.3],
];
const VIEW_DELAY = 250;

export interface Destination {
  lon?: number;
  lat?: number;
  zoom?: number;
  /** west, south, east, north */
  bounds?: [number, number, number, number];
  layer?: string;
  id?: Id;
  animate?: boolean;
}

export interface Answers {
  event(event: MapEvent): void;
  sketch(geometry: Polygon | null): void;
}

export class MapApp {
  readonly scene: Scene;
  readonly sketch: SketchTool;
  private drawing: DrawTool;
  private measure: MeasureTool;
  private controls: Controls;
  private pointer: Pointer;
  private tiles: TileWatch;
  private notes: Notes;
  private viewTimer = 0;
  private events = 0;
  /** a person has moved the map */
  private touched = false;
  private destination: () => void = () => undefined;
  /** where to go once it is loaded */
  private awaited: Destination | null = null;
  private stops: (() => void)[] = [];

  constructor(
    readonly map: Leaflet.Map,
    private answers: Answers,
  ) {
    const container = map.getContainer();
    this.prepare();
    this.stops.push(ignoreEcho(map, () => this.touched));
    this.notes = new Notes(container, () => this.retry());
    this.scene = new Scene(map, {
      sources: () => this.sourcesChanged(),
      tool: (ctx, v) => this.tools().forEach((t) => t.draw(ctx, v)),
      boxes: () => this.interfaceBoxes(),
    });
    const host = { map, redraw: () => this.scene.stage.redraw("tool"), changed: () => this.toolChanged() };
    this.measure = new MeasureTool(host);
    this.drawing = new DrawTool(host);
    this.sketch = new SketchTool(host, (polygon) => this.answers.sketch(polygon));
    this.controls = new Controls(map, { home: () => this.home(), measure: () => this.startMeasure() });
    this.controls.attribution(text().attribution);
    this.controls.scale();
    this.pointer = new Pointer(this.scene, {
      tool: () => this.tool(),
      at: (lon, lat) => this.controls.pointer(lon, lat),
      select: (layer, id) => this.select(layer, id),
      closer: (lon, lat) => this.flyTo({ lon, lat, zoom: Math.min(18, Math.ceil(map.getZoom()) + 1.5) }),
      send: (kind, rest) => this.send(kind, rest),
    });
    this.tiles = new TileWatch(map, (down) => this.tilesChanged(down));
    this.listen();
    this.home(false);
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
    map.on("moveend", () => this.viewChanged());
    const touch = (): void => {
      this.touched = true;
    };
    for (const kind of ["pointerdown", "wheel", "keydown"]) container.addEventListener(kind, touch, { passive: true });
    const online = (): void => this.retry();
    window.addEventListener("online", online);
    const sizes = new ResizeObserver(() => requestAnimationFrame(() => this.invalidate()));
    sizes.observe(container);
    this.stops.push(
      () => window.removeEventListener("online", online),
      () => sizes.disconnect(),
      onTheme(() => this.scene.stage.redraw()),
    );
  }

  remove(): void {
    this.stops.forEach((f) => f());
    window.clearTimeout(this.viewTimer);
    this.pointer.remove();
    this.tools().forEach((t) => t.remove());
    this.scene.remove();
  }

  // ── the page's side ───────────────────────────────────────────────────────

  setModel(model: Model): void {
    if (setLang(model.lang)) this.controls.texts();
    if (model.theme !== this.scene.model.theme) rereadTheme();
    this.controls.attribution(model.attribution ?? model.basemap?.tiles?.attribution ?? text().attribution);
    const first = this.scene.model === EMPTY;
    this.scene.setModel(model);
    if (first && model.view) this.flyTo({ ...model.view, animate: false });
    if (!model.basemap?.tiles) this.tiles.report(false);
  }

  refresh(): void {
    for (const source of this.scene.sources()) if (source.url) source.load(source.url, true);
  }

  home(animate = true): void {
    const b = this.scene.base.value?.bounds;
    const bounds = b ? L.latLngBounds([b[1], b[0]], [b[3], b[2]]) : L.latLngBounds(CITY);
    this.go(() => this.map.fitBounds(bounds, { padding: [10, 10], animate }));
  }

  /** Move to a point, a box, or a thing of a layer (as soon as it is loaded). */
  flyTo(to: Destination): void {
    const animate = to.animate ?? true;
    this.awaited = null;
    if (to.layer !== undefined && to.id !== undefined) {
      const item = this.scene.find(to.layer, to.id);
      if (!item) this.awaited = to;
      else if (item.kind === "point") this.flyTo({ lon: lonOf(item.wx), lat: latOf(item.wy), zoom: to.zoom, animate });
      else this.flyTo({ bounds: boundsOf(item), animate });
    } else if (to.bounds) {
      const [w, s, e, n] = to.bounds;
      const box = L.latLngBounds([s, w], [n, e]);
      this.go(() => this.map.fitBounds(box, { padding: [40, 40], maxZoom: 14, animate }));
    } else if (to.lon !== undefined && to.lat !== undefined) {
      const centre = L.latLng(to.lat, to.lon);
      const zoom = to.zoom ?? Math.max(this.map.getZoom(), 11);
      this.go(() => this.map.setView(centre, zoom, { animate }));
    }
  }

  /** Move, and move there again when the map's size changes before a person has touched it. */
  private go(move: () => void): void {
    this.destination = move;
    move();
  }

  select(layer: string | null, id?: Id): void {
    this.scene.selected = layer !== null && id !== undefined ? { layer, id } : null;
    this.scene.stage.redraw("labels", "marks");
  }

  highlight(layer: string | null, id?: Id): void {
    const item = layer !== null && id !== undefined ? this.scene.find(layer, id) : null;
    this.pointer.hover(item, null);
  }

  invalidate(): void {
    const before = this.map.getSize();
    this.map.invalidateSize({ animate: false, pan: true });
    const now = this.map.getSize();
    if (now.equals(before) || now.x === 0 || now.y === 0) return;
    if (!this.touched) this.destination();
  }

  settled(): boolean {
    this.scene.stage.flush(); // what is looked at is asked for when it is drawn
    return this.scene.sources().every((s) => (s.url === s.shown && !s.pending()) || s.error !== "");
  }

  state(): Record<string, unknown> {
    this.scene.stage.flush();
    const { view } = this.scene.stage;
    const loaded: Record<string, number> = {};
    const tiled: string[] = [];
    for (const [id, source] of this.scene.layers) {
      if (source.value) loaded[id] = this.scene.items(id).reduce((sum, item) => sum + (item.n ?? 1), 0);
      if (source.isTiled()) tiled.push(id);
    }
    return {
      loaded,
      tiled,
      changed: this.changed(),
      some: this.scene.shapes.filter((s) => s.item).slice(0, 500).map((s) => s.item?.id),
      cells: this.scene.shapes.filter((s) => s.cell).map((s) => ({ n: s.cell?.n, x: s.x - view.seen.x, y: s.y - view.seen.y })),
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
      tool: this.measure.active ? "measure" : this.sketch.active ? "sketch" : this.drawing.active ? "draw" : null,
      tilesDown: this.scene.tilesDown,
    };
  }

  /** How many things are new and gone, by layer compared with an earlier day. */
  private changed(): Record<string, { fresh: number; gone: number }> {
    const found: Record<string, { fresh: number; gone: number }> = {};
    for (const layer of this.scene.model.layers) {
      const before = layer.before && layer.visible ? this.scene.earlier(layer.id) : null;
      if (!before) continue;
      const { fresh, gone } = newAndGone(this.scene.items(layer.id), before);
      found[layer.id] = { fresh: fresh.size, gone: gone.length };
    }
    return found;
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
    return [this.measure, this.drawing, this.sketch];
  }

  private tool(): PathTool | null {
    return this.tools().find((t) => t.active) ?? null;
  }

  /** Draw an area; any other tool ends. */
  draw(kind: DrawKind, answer: (shape: string | null) => void): void {
    for (const tool of this.tools()) if (tool.active) tool.cancel();
    this.drawing.start(kind, answer);
  }

  private startMeasure(): void {
    for (const tool of [this.drawing, this.sketch]) if (tool.active) tool.cancel();
    this.measure.toggle();
  }

  private toolChanged(): void {
    this.controls?.measure.setAttribute("aria-pressed", String(this.measure.active));
    this.pointer?.left();
    this.scene?.stage.redraw("labels", "tool");
  }

  private viewChanged(): void {
    this.controls.scale();
    this.tellView();
  }

  private tellView(): void {
    window.clearTimeout(this.viewTimer);
    this.viewTimer = window.setTimeout(() => {
      this.viewTimer = 0;
      this.send("view", {});
    }, VIEW_DELAY);
  }

  private send(kind: MapEvent["kind"], rest: Partial<MapEvent>): void {
    if (kind !== "view" && this.viewTimer) this.tellView(); // the Store holds one event: a press is not overwritten
    const round = (v: number): number => Math.round(v * 1e6) / 1e6;
    const b = seenBounds(this.scene.stage.view).map(round) as MapEvent["bounds"];
    const c = this.map.getCenter();
    const at = { lon: round(rest.lon ?? c.lng), lat: round(rest.lat ?? c.lat) };
    const zoom = this.map.getZoom();
    this.answers.event({ ...rest, ...at, kind, n: ++this.events, zoom, bounds: b, symbol_scale: zoomFactor(zoom) });
  }

  // ── data, tiles, notes ────────────────────────────────────────────────────

  private sourcesChanged(): void {
    const { awaited } = this;
    if (awaited && this.scene.find(awaited.layer as string, awaited.id as Id)) this.flyTo(awaited);
    const failed = this.scene.sources().filter((s) => s.error).map((s) => s.title());
    this.notes.failure(joined([...new Set(failed)]));
  }

  private retry(): void {
    this.scene.sources().forEach((s) => s.retry());
  }

  private tilesChanged(down: boolean): void {
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

function boundsOf(item: Item): [number, number, number, number] {
  const [x1, y1, x2, y2] = item.box;
  return [lonOf(x1), latOf(y2), lonOf(x2), latOf(y1)];
}
