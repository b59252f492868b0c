/** Counties (or units): choropleth, outlines, hover, pins. */

import type { Feature, FeatureCollection } from "geojson";
import type { Area } from "./base";
import { decodeItems } from "./items";
import { inRings } from "./mercator";
import { hatch, inView, trace } from "./paths";
import { color } from "./theme";
import type { ChoroplethModel, Model, View } from "./types";

/** Decode the areas of `/api/v1/areas/…`; the code is `code`, `adcode` or the feature's id. */
export function decodeAreas(json: unknown): Area[] {
  const features = ((json as FeatureCollection | null)?.features ?? []).map(
    (f): Feature => ({ ...f, id: String(f.properties?.code ?? f.properties?.adcode ?? f.id) }),
  );
  return decodeItems("area", { features }).map((item) => {
    return { code: String(item.id), name: item.name, rings: item.rings, box: item.box, label: [item.wx, item.wy] };
  });
}

/** From zoom 10 the fills are gone and only outlines stay. */
export function fillStrength(zoom: number): number {
  return Math.max(0, Math.min(1, (10 - zoom) / 0.5));
}

function path(area: Area, v: View): Path2D {
  const p = new Path2D();
  trace(p, area.rings, v, true);
  return p;
}

/** Fill each area by its class; areas without a class are hatched. */
export function drawChoropleth(
  ctx: CanvasRenderingContext2D,
  v: View,
  areas: Area[],
  model: ChoroplethModel,
): void {
  const strength = fillStrength(v.zoom) * model.opacity;
  if (strength <= 0) return;
  for (const area of areas) {
    if (!inView(area.box, v)) continue;
    const p = path(area, v);
    const index = model.classes[area.code];
    ctx.globalAlpha = strength;
    if (index === null || index === undefined || !model.colors[index]) {
      ctx.globalAlpha = strength * 0.6;
      ctx.fillStyle = hatch(ctx, v, color("ink-4"), 7, 0.9);
    } else {
      ctx.fillStyle = color(model.colors[index]);
    }
    ctx.fill(p, "evenodd");
  }
  ctx.globalAlpha = 1;
}

/** Outlines: halo, county line, the stronger line round all of them, pins. */
export function drawOutlines(ctx: CanvasRenderingContext2D, v: View, areas: Area[], city: Area[]): void {
  ctx.lineJoin = "round";
  const all = new Path2D();
  for (const area of areas) if (inView(area.box, v)) trace(all, area.rings, v, true);
  const edge = new Path2D();
  for (const part of city) if (inView(part.box, v)) trace(edge, part.rings, v, true);
  for (const [token, width, p] of [
    ["m-halo", 2.8, all],
    ["m-line", 1.2, all],
    ["m-line", 1.6, edge],
  ] as const) {
    ctx.strokeStyle = color(token);
    ctx.lineWidth = width;
    ctx.stroke(p);
  }
}

/** Lines that mark areas: pinned, selected, under the pointer. */
export function drawMarked(
  ctx: CanvasRenderingContext2D,
  v: View,
  areas: Area[],
  model: Model,
  hovered: string | null,
): void {
  const pins = model.overlays?.pins ?? {};
  const selected = new Set(model.choropleth?.selected ?? []);
  ctx.lineJoin = "round";
  for (const area of areas) {
    if (!inView(area.box, v)) continue;
    const token = selected.has(area.code) ? "sea" : pins[area.code]?.color;
    if (!token && area.code !== hovered) continue;
    const p = path(area, v);
    if (token) {
      ctx.strokeStyle = color("m-halo");
      ctx.lineWidth = 4.4;
      ctx.stroke(p);
    }
    ctx.strokeStyle = color(token ?? "ink-2");
    ctx.lineWidth = token ? 2.4 : 1.8;
    ctx.stroke(p);
  }
}

export function areaAt(areas: Area[], wx: number, wy: number): Area | null {
  for (const a of areas) {
    if (wx < a.box[0] || wx > a.box[2] || wy < a.box[1] || wy > a.box[3]) continue;
    if (inRings(wx, wy, a.rings)) return a;
  }
  return null;
}
