/** What the pointer and the keyboard do on the map. */

import type * as Leaflet from "leaflet";
import { areaAt, fillStrength } from "./areas";
import { latOf, lonOf } from "./mercator";
import type { Scene } from "./scene";
import { text } from "./text";
import type { PathTool } from "./tool";
import { Tooltip } from "./tooltip";
import type { Id, Item, MapEvent, Shape } from "./types";

interface Host {
  /** the tool that takes the clicks, if any */
  tool(): PathTool | null;
  /** the pointer is here */
  at(lon: number, lat: number): void;
  select(layer: string | null, id?: Id): void;
  /** zoom in on a cell */
  closer(lon: number, lat: number): void;
  send(kind: MapEvent["kind"], rest: Partial<MapEvent>): void;
}

export class Pointer {
  private tooltip: Tooltip;
  private frame = 0;
  private last: Leaflet.LeafletMouseEvent | null = null;
  private onKey = (e: KeyboardEvent): void => this.key(e);

  constructor(
    private scene: Scene,
    private on: Host,
  ) {
    const { map } = scene;
    this.tooltip = new Tooltip(map.getContainer());
    map.on("mousemove", (e: Leaflet.LeafletMouseEvent) => this.moved(e));
    map.on("mouseout movestart zoomstart", () => this.left());
    map.on("click", (e: Leaflet.LeafletMouseEvent) => this.clicked(e));
    map.on("dblclick", () => this.on.tool()?.doubleClick());
    map.on("contextmenu", (e: Leaflet.LeafletMouseEvent) => this.context(e));
    document.addEventListener("keydown", this.onKey);
  }

  remove(): void {
    cancelAnimationFrame(this.frame);
    document.removeEventListener("keydown", this.onKey);
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
    this.last = e;
    if (!this.frame) this.frame = requestAnimationFrame(() => this.pointed());
  }

  private pointed(): void {
    this.frame = 0;
    const e = this.last;
    if (!e) return;
    this.on.at(e.latlng.lng, e.latlng.lat);
    const tool = this.on.tool();
    if (tool) return tool.move(e);
    if (e.originalEvent.target instanceof Element && e.originalEvent.target.closest(".leaflet-control,[data-avoid]")) {
      return this.left();
    }
    const { shapes, area, x, y } = this.hit(e);
    const top = shapes[0];
    this.hover(top?.item ?? null, top ? null : area);
    this.scene.map.getContainer().style.cursor = top || (area && fillStrength(this.scene.map.getZoom()) > 0) ? "pointer" : "";
    if (top?.item) return this.tipItem(top.item, shapes.length - 1, x, y);
    if (top?.cell) return this.tipCell(top, x, y);
    this.tipArea(area, x, y);
  }

  private tipItem(item: Item, more: number, x: number, y: number): void {
    const layer = this.scene.model.layers.find((l) => l.id === item.layer);
    if (layer) this.tooltip.item(item, layer, more, x, y);
  }

  private tipCell(shape: Shape, x: number, y: number): void {
    const layer = this.scene.model.layers.find((l) => l.id === shape.cell?.layer);
    const n = shape.cell?.n ?? 0;
    const terms = [...(shape.cell?.terms ?? [])].sort((a, b) => b[1] - a[1]).slice(0, 4);
    const line = terms.map(([term, count]) => `${term} ${count.toLocaleString("en-US")}`).join(" · ");
    this.tooltip.words(`cell/${n}/${shape.x}`, text().cell(n, layer?.title ?? ""), line, x, y);
  }

  private tipArea(code: string | null, x: number, y: number): void {
    const { choropleth } = this.scene.model;
    const area = this.scene.shownAreas().find((a) => a.code === code);
    if (!code || !area || fillStrength(this.scene.map.getZoom()) === 0) return this.tooltip.hide();
    const value = choropleth ? (choropleth.values[code] ?? text().noData) : "";
    this.tooltip.words(`area/${code}/${value}`, area.name, choropleth ? `${choropleth.title} ${value}` : "", x, y);
  }

  /** Show what the pointer, or a row of the table, points at. */
  hover(item: Item | null, area: string | null): void {
    const { hovered } = this.scene;
    if (hovered.item === item && hovered.area === area) return;
    const changed = hovered.area === area ? "marks" : "outlines";
    const also = hovered.item === item ? changed : "marks";
    this.scene.hovered = { item, area };
    this.scene.stage.redraw(changed, also);
  }

  left(): void {
    this.last = null;
    this.tooltip.hide();
    this.hover(null, null);
  }

  private clicked(e: Leaflet.LeafletMouseEvent): void {
    const tool = this.on.tool();
    if (tool) return tool.click(e);
    const { shapes, area } = this.hit(e);
    const cell = shapes.find((s) => s.cell);
    if (shapes[0]?.cell && cell?.cell) {
      return this.on.closer(e.latlng.lng, e.latlng.lat);
    }
    const item = shapes.find((s) => s.item)?.item ?? null;
    if (item) this.on.select(item.layer, item.id);
    const kind = item ? "click" : area ? "area" : "background";
    this.on.send(kind, { ...this.described(shapes, item), code: area, lon: e.latlng.lng, lat: e.latlng.lat });
  }

  private context(e: Leaflet.LeafletMouseEvent): void {
    const tool = this.on.tool();
    if (tool) return tool.context(e);
    const { shapes, area } = this.hit(e);
    const item = shapes.find((s) => s.item)?.item ?? null;
    this.on.send("context", { ...this.described(shapes, item), code: area, lon: e.latlng.lng, lat: e.latlng.lat });
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
    const container = this.scene.map.getContainer();
    if (e.defaultPrevented || typing || container.offsetParent === null) return; // a map on another page
    const tool = this.on.tool();
    if (tool) {
      if (tool.key(e)) e.preventDefault();
      return;
    }
    if (e.key === "Escape" && !document.querySelector("[role=dialog]")) {
      this.on.select(null);
      this.left();
      this.on.send("background", { code: null, others: [] });
    }
    if (e.key === "Enter" && target === container) this.pickNearest();
  }

  /** Enter: select what stands nearest the middle of the map. */
  private pickNearest(): void {
    const { view } = this.scene.stage;
    const cx = view.w / 2;
    const cy = view.h / 2;
    const away = (s: Shape): number => Math.hypot(s.x - cx, s.y - cy);
    const best = this.scene.shapes.filter((s) => s.item).sort((a, b) => away(a) - away(b))[0];
    if (!best?.item) return;
    this.on.select(best.item.layer, best.item.id);
    this.on.send("click", { ...this.described([best], best.item), lon: lonOf(best.item.wx), lat: latOf(best.item.wy), code: null });
  }
}
