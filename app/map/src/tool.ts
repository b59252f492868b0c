/** What measuring and sketching share: a toolbar, a path on a canvas, clicks that make vertices. */

import type * as Leaflet from "leaflet";
import type { LonLat } from "./geodesy";
import { worldX, worldY } from "./mercator";
import { color } from "./theme";
import { Vertices } from "./vertices";
import type { View } from "./types";

export interface ToolHost {
  map: Leaflet.Map;
  redraw(): void;
  /** the tool began or ended */
  changed(): void;
}

/** A tool that takes the map's clicks while it is active. */
export abstract class PathTool {
  active = false;
  protected path = new Vertices();
  protected pointer: LonLat | null = null;
  protected bar = document.createElement("div");

  constructor(protected host: ToolHost) {
    this.bar.className = "yt-toolbar";
    this.bar.setAttribute("data-avoid", "");
    this.bar.hidden = true;
    L.DomEvent.disableClickPropagation(this.bar);
    host.map.getContainer().append(this.bar);
  }

  protected abstract render(): void;
  protected abstract end(): void;
  abstract cancel(): void;

  protected begin(path: Vertices): void {
    this.path = path;
    this.pointer = null;
    this.active = true;
    this.bar.hidden = false;
    this.host.map.doubleClickZoom.disable();
    this.host.map.getContainer().classList.add("yt-drawing");
    this.host.changed();
    this.update();
  }

  protected stop(): void {
    this.active = false;
    this.bar.hidden = true;
    this.host.map.doubleClickZoom.enable();
    this.host.map.getContainer().classList.remove("yt-drawing");
    this.host.changed();
    this.host.redraw();
  }

  protected update(): void {
    this.render();
    this.host.redraw();
  }

  click(e: Leaflet.LeafletMouseEvent): void {
    if (this.path.closed) return;
    this.path.add([e.latlng.lng, e.latlng.lat]);
    this.update();
  }

  move(e: Leaflet.LeafletMouseEvent): void {
    if (this.path.closed) return;
    this.pointer = [e.latlng.lng, e.latlng.lat];
    this.update();
  }

  context(_e: Leaflet.LeafletMouseEvent): void {
    /* a right click means nothing by default */
  }

  doubleClick(): void {
    this.tidy();
    this.end();
  }

  /** Returns whether the key was used. */
  key(e: KeyboardEvent): boolean {
    if (e.key === "Escape") this.cancel();
    else if (e.key === "Backspace" || e.key === "Delete") this.path.removeLast();
    else if (e.key === "z" && (e.ctrlKey || e.metaKey)) this.path.undo();
    else if (e.key === "Enter") this.doubleClick();
    else return false;
    this.update();
    return true;
  }

  protected tidy(): void {
    const { map } = this.host;
    const at = (p: LonLat): Leaflet.Point => map.latLngToContainerPoint([p[1], p[0]]);
    this.path.tidy((a, b) => at(a).distanceTo(at(b)) < 5);
  }

  protected button(label: string, press: () => void, primary = false): HTMLButtonElement {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = label;
    b.onclick = press;
    if (primary) b.className = "yt-primary";
    return b;
  }

  protected words(content: string, className = "yt-dim"): HTMLElement {
    const span = document.createElement("span");
    span.className = className;
    span.textContent = content;
    return span;
  }

  /** Shows these in the bar. A button that stays is left where it is: a click begun on it would be lost with it. */
  protected show(wanted: HTMLElement[]): void {
    const { bar } = this;
    const held = new Map([...bar.querySelectorAll("button")].map((b) => [b.textContent, b]));
    const next = wanted.map((element) => {
      const same = element instanceof HTMLButtonElement ? held.get(element.textContent) : undefined;
      if (!same) return element;
      same.onclick = element.onclick;
      return same;
    });
    for (const child of [...bar.children]) if (!next.some((e) => e === child)) child.remove();
    next.forEach((element, i) => {
      if (bar.children[i] !== element) bar.insertBefore(element, bar.children[i] ?? null);
    });
  }

  remove(): void {
    this.bar.remove();
  }

  draw(ctx: CanvasRenderingContext2D, v: View): void {
    if (!this.active) return;
    const live = this.pointer && !this.path.closed ? [...this.path.points, this.pointer] : this.path.points;
    const pixels = live.map((p) => toPixel(p, v));
    if (!pixels.length) return;
    ctx.beginPath();
    pixels.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
    if (this.path.closed || pixels.length > 2) {
      ctx.save();
      ctx.closePath();
      ctx.globalAlpha = 0.12;
      ctx.fillStyle = color("sea");
      ctx.fill();
      ctx.restore();
    }
    ctx.beginPath();
    pixels.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
    if (this.path.closed) ctx.closePath();
    ctx.lineJoin = "round";
    for (const [token, width] of [["m-halo", 4], ["sea", 2]] as const) {
      ctx.strokeStyle = color(token);
      ctx.lineWidth = width;
      ctx.stroke();
    }
    this.path.points.forEach((p) => drawVertex(ctx, ...toPixel(p, v), 4));
    this.decorate(ctx, v);
  }

  protected decorate(_ctx: CanvasRenderingContext2D, _v: View): void {
    /* nothing by default */
  }
}

export function toPixel(p: LonLat, v: View): [number, number] {
  return [worldX(p[0]) * v.scale - v.x0, worldY(p[1]) * v.scale - v.y0];
}

export function drawVertex(ctx: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fillStyle = color("surface");
  ctx.fill();
  ctx.strokeStyle = color("sea");
  ctx.lineWidth = 1.6;
  ctx.stroke();
}
