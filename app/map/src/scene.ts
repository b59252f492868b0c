/** The state behind the picture: the model, its data, and the panes that draw them. */

import type * as Leaflet from "leaflet";
import { decodeAreas, drawChoropleth, drawMarked, drawOutlines, fillStrength } from "./areas";
import { decodeBase, drawGround, drawNetwork, type Area, type BaseMap } from "./base";
import { HitIndex } from "./hits";
import { LayerSource } from "./layersource";
import { drawLabels, type Label } from "./labels";
import { Overlay } from "./overlay";
import { doubtRadius, paintLayers, pixelOfItem } from "./painter";
import { trace } from "./paths";
import type { PlacedLabel } from "./placer";
import { Lost } from "./lost";
import { Source } from "./source";
import { Stage } from "./stage";
import { text } from "./text";
import { color } from "./theme";
import type { Box, Id, Item, Model, Shape, View } from "./types";

export const EMPTY: Model = { layers: [] };

/** What the pointer or the table points at. */
export interface Pointed {
  item: Item | null;
  area: string | null;
}

export class Scene {
  model: Model = EMPTY;
  readonly stage: Stage;
  readonly base: Source<BaseMap>;
  readonly areas: Source<Area[]>;
  readonly layers = new Map<string, LayerSource>();
  private parked = new Map<string, LayerSource>();
  /** the things of an earlier day, of the layers that are compared with it */
  private befores = new Map<string, LayerSource>();
  private lost = new Lost(() => this.loaded("marks", "labels"));
  selected: { layer: string; id: Id } | null = null;
  hovered: Pointed = { item: null, area: null };
  tilesDown = false;
  shapes: Shape[] = [];
  counts: Record<string, number> = {};
  labels: PlacedLabel<Label>[] = [];
  private hits: HitIndex | null = null;
  private overlay = new Overlay(() => this.stage.redraw("areas"));

  constructor(
    readonly map: Leaflet.Map,
    private on: {
      sources: () => void;
      tool: (ctx: CanvasRenderingContext2D, v: View) => void;
      boxes: () => Box[];
    },
  ) {
    this.base = new Source(() => text().base, decodeBase, () => this.loaded("ground", "areas", "labels"));
    this.areas = new Source(
      () => this.model.choropleth?.title ?? "",
      decodeAreas,
      () => this.loaded("areas", "outlines", "labels"),
    );
    this.stage = new Stage(map);
    this.stage.add("ground", 150, (ctx, v) => drawGround(ctx, v, this.base.value));
    this.stage.add("areas", 250, (ctx, v) => this.drawAreas(ctx, v));
    this.stage.add("outlines", 440, (ctx, v) => this.drawAreaMarks(ctx, v));
    this.stage.add("symbols", 450, (ctx, v) => this.drawSymbols(ctx, v));
    this.stage.add("labels", 460, (ctx, v) => this.drawText(ctx, v));
    this.stage.add("marks", 470, (ctx, v) => this.drawMarks(ctx, v));
    this.stage.add("tool", 480, (ctx, v) => this.on.tool(ctx, v));
  }

  /** Take a new model: fetch what is new, redraw the rest; old pictures stay until the new data is there. */
  setModel(model: Model): void {
    const before = this.model;
    this.model = model;
    if (model.basemap?.url) this.base.load(model.basemap.url);
    if (model.choropleth) this.areas.load(model.choropleth.url);
    const wanted = new Set(model.layers.map((l) => l.id));
    for (const [id, source] of this.layers) {
      if (wanted.has(id)) continue;
      source.stop();
      this.parked.set(id, source);
      this.layers.delete(id);
    }
    for (const layer of model.layers) {
      const known = this.layers.get(layer.id);
      if (!layer.visible) continue;
      const source = known ?? this.addLayer(layer.id);
      source.tiled(layer.tiles);
      if (layer.data) source.give(layer.url, layer.data);
      else source.load(layer.url, !known);
    }
    this.compare(model);
    this.overlay.set(model.overlays ?? {});
    const was = before.selected ? `${before.selected.layer}/${before.selected.id}` : "";
    const now = model.selected ? `${model.selected.layer}/${model.selected.id}` : "";
    if (was !== now || before === EMPTY) this.selected = model.selected ?? null;
    this.stage.redraw();
    this.on.sources();
  }

  private compare(model: Model): void {
    for (const [id, source] of this.befores) {
      if (model.layers.find((l) => l.id === id)?.before) continue;
      source.stop();
      this.befores.delete(id);
    }
    for (const layer of model.layers) {
      if (!layer.before || !layer.visible) continue;
      const source = this.befores.get(layer.id) ?? this.newSource(layer.id);
      this.befores.set(layer.id, source);
      source.tiled(layer.before.tiles);
      source.load(layer.before.url);
    }
  }

  /** A layer that was shown before comes back with its data, and asks whether it is still the newest. */
  private addLayer(id: string): LayerSource {
    const before = this.parked.get(id);
    if (before) {
      this.parked.delete(id);
      this.layers.set(id, before);
      return before;
    }
    const source = this.newSource(id);
    this.layers.set(id, source);
    return source;
  }

  private newSource(id: string): LayerSource {
    const title = (): string => this.model.layers.find((l) => l.id === id)?.title ?? "";
    return new LayerSource(id, title, () => this.loaded("symbols", "labels", "marks"));
  }

  private loaded(...panes: string[]): void {
    this.stage.redraw(...panes);
    this.on.sources();
  }

  sources(): Source<unknown>[] {
    return [this.base, this.areas, ...this.layers.values(), ...this.befores.values()] as Source<unknown>[];
  }

  items(layer: string): Item[] {
    const only = this.model.layers.find((l) => l.id === layer)?.only;
    return this.layers.get(layer)?.items(only) ?? [];
  }

  /** What a layer held on the day it is compared with; null while that is not known. */
  earlier(layer: string): Item[] | null {
    const only = this.model.layers.find((l) => l.id === layer)?.only;
    const source = this.befores.get(layer);
    return source?.value ? source.items(only) : null;
  }

  /** A thing by its id; of a layer in tiles also one that a cell hides, as soon as its place is known. */
  find(layer: string, id: Id): Item | null {
    const source = this.layers.get(layer);
    const found = source?.find(id) ?? null;
    return found || !source?.isTiled() ? found : this.lost.find(layer, id);
  }

  /** The areas that are drawn, hit and labelled: the choropleth's, else the base map's counties. */
  shownAreas(): Area[] {
    return (this.model.choropleth ? this.areas.value : null) ?? this.base.value?.counties ?? [];
  }

  /** Shapes at canvas pixel (x, y), the top one first. */
  at(x: number, y: number, slack: number): Shape[] {
    this.stage.flush();
    this.hits ??= new HitIndex(this.shapes, this.stage.view);
    const seen = new Set<string>();
    return this.hits.at(x, y, slack).filter((shape) => {
      const key = shape.item ? `${shape.item.layer}/${shape.item.id}` : "";
      if (key && seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  }

  private tilesOn(): boolean {
    return Boolean(this.model.basemap?.tiles) && !this.tilesDown;
  }

  private drawAreas(ctx: CanvasRenderingContext2D, v: View): void {
    const areas = this.shownAreas();
    const { choropleth } = this.model;
    if (choropleth && this.areas.value) drawChoropleth(ctx, v, this.areas.value, choropleth);
    this.overlay.drawPicture(ctx, v);
    if (this.base.value && !this.tilesOn()) drawNetwork(ctx, v, this.base.value);
    const city = (this.base.value?.city ?? []).map((p) => ({ ...p, code: "", name: "", label: [0, 0] as [number, number] }));
    const same = areas === this.base.value?.counties;
    drawOutlines(ctx, v, areas, same ? city : []);
  }

  private drawSymbols(ctx: CanvasRenderingContext2D, v: View): void {
    this.overlay.drawLines(ctx, v);
    for (const source of [...this.layers.values(), ...this.befores.values()]) source.want(v);
    const painted = paintLayers(ctx, v, this.model.layers, (id) => this.items(id), (id) => this.earlier(id));
    this.shapes = painted.shapes;
    this.counts = painted.counts;
    this.hits = null; // made when the pointer asks
  }

  private drawText(ctx: CanvasRenderingContext2D, v: View): void {
    this.labels = drawLabels(ctx, v, {
      model: this.model,
      base: this.base.value,
      areas: this.shownAreas(),
      shapes: this.shapes,
      selected: this.selectedItem(),
      boxes: this.on.boxes().map((b) => ({ ...b, x: b.x + v.seen.x, y: b.y + v.seen.y })),
    });
  }

  selectedItem(): Item | null {
    const { selected, model } = this;
    if (!selected || !model.layers.find((l) => l.id === selected.layer)?.visible) return null;
    return this.find(selected.layer, selected.id);
  }

  private drawAreaMarks(ctx: CanvasRenderingContext2D, v: View): void {
    const faded = fillStrength(v.zoom) === 0;
    drawMarked(ctx, v, this.shownAreas(), this.model, faded ? null : this.hovered.area);
  }

  private drawMarks(ctx: CanvasRenderingContext2D, v: View): void {
    const chosen = this.selectedItem();
    if (this.hovered.item && this.hovered.item !== chosen) this.mark(ctx, v, this.hovered.item, false);
    if (chosen) this.mark(ctx, v, chosen, true);
  }

  private mark(ctx: CanvasRenderingContext2D, v: View, item: Item, selected: boolean): void {
    const shape = this.shapes.find((s) => s.item === item);
    const [x, y] = pixelOfItem(item, v);
    const sea = color("sea");
    const p = new Path2D();
    if (item.kind === "point") {
      const r = shape?.r ?? 6;
      const doubt = doubtRadius(item, r, v, true);
      if (doubt) {
        ctx.beginPath();
        ctx.arc(x, y, doubt, 0, 2 * Math.PI);
        ctx.globalAlpha = 0.08;
        ctx.fillStyle = sea;
        ctx.fill();
        ctx.globalAlpha = 0.8;
        ctx.strokeStyle = sea;
        ctx.lineWidth = 1;
        ctx.setLineDash([4, 3]);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.globalAlpha = 1;
      }
      p.arc(x, y, r + (selected ? 4 : 3), 0, 2 * Math.PI);
    } else {
      trace(p, item.rings, v, item.kind === "polygon");
    }
    ctx.lineJoin = "round";
    for (const [token, width] of [["m-halo", selected ? 4.4 : 3.6], ["sea", selected ? 2.4 : 1.6]] as const) {
      ctx.strokeStyle = color(token);
      ctx.lineWidth = width;
      ctx.stroke(p);
    }
  }

  remove(): void {
    this.sources().forEach((s) => s.stop());
    this.stage.remove();
  }
}
