/** GeoJSON from the server → items in world coordinates. */

import type { Feature, FeatureCollection, Geometry, Position } from "geojson";
import { boxOf, toWorld } from "./mercator";
import { isDisplayPosition, type Item } from "./types";

const GOLDEN = Math.PI * (3 - Math.sqrt(5));

/** Decode a FeatureCollection of one layer; features without geometry are not on the map. */
export function decodeItems(layer: string, json: unknown): Item[] {
  const features = (json as FeatureCollection | null)?.features ?? [];
  const items: Item[] = [];
  for (const feature of features) {
    const item = decode(layer, feature);
    if (item) items.push(item);
  }
  spread(items);
  return items;
}

function decode(layer: string, feature: Feature): Item | null {
  const shape = flatten(feature.geometry);
  if (!shape) return null;
  const props = (feature.properties ?? {}) as Record<string, unknown>;
  const box = boxOf(shape.rings);
  const at = shape.kind === "point" ? [shape.rings[0][0], shape.rings[0][1]] : middle(shape.kind, shape.rings, box);
  return {
    id: feature.id ?? (props.id as number),
    layer,
    name: String(props.name ?? ""),
    kind: shape.kind,
    acc: String(props.location_accuracy ?? ""),
    demo: props.is_demo === true,
    props,
    wx: at[0],
    wy: at[1],
    dx: 0,
    dy: 0,
    rings: shape.rings,
    box,
  };
}

function flatten(g: Geometry | null): { kind: Item["kind"]; rings: Float64Array[] } | null {
  if (!g) return null;
  const ring = (r: Position[]): Float64Array => toWorld(r.flatMap((p) => [p[0], p[1]]));
  switch (g.type) {
    case "Point":
      return { kind: "point", rings: [ring([g.coordinates])] };
    case "MultiPoint":
      return g.coordinates.length ? { kind: "point", rings: [ring([g.coordinates[0]])] } : null;
    case "LineString":
      return { kind: "line", rings: [ring(g.coordinates)] };
    case "MultiLineString":
      return { kind: "line", rings: g.coordinates.map(ring) };
    case "Polygon":
      return { kind: "polygon", rings: g.coordinates.map(ring) };
    case "MultiPolygon":
      return { kind: "polygon", rings: g.coordinates.flatMap((p) => p.map(ring)) };
    default:
      return null;
  }
}

function middle(kind: Item["kind"], rings: Float64Array[], box: Item["box"]): number[] {
  if (kind === "polygon") {
    const inner = insidePoint(rings, box);
    if (inner) return inner;
  }
  const r = rings[0];
  const k = Math.floor(r.length / 4) * 2;
  return kind === "line" ? [r[k], r[k + 1]] : [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
}

/** The middle of the widest run of the polygon along its mid-height. */
export function insidePoint(rings: Float64Array[], box: Item["box"]): [number, number] | null {
  const y = (box[1] + box[3]) / 2;
  const cuts: number[] = [];
  for (const r of rings) {
    for (let i = 0, j = r.length - 2; i < r.length; j = i, i += 2) {
      if (r[i + 1] > y !== r[j + 1] > y) {
        cuts.push(((r[j] - r[i]) * (y - r[i + 1])) / (r[j + 1] - r[i + 1]) + r[i]);
      }
    }
  }
  cuts.sort((a, b) => a - b);
  let best: [number, number] | null = null;
  let widest = 0;
  for (let i = 0; i + 1 < cuts.length; i += 2) {
    if (cuts[i + 1] - cuts[i] > widest) {
      widest = cuts[i + 1] - cuts[i];
      best = [(cuts[i] + cuts[i + 1]) / 2, y];
    }
  }
  return best;
}

/** Display positions that coincide are fanned out on a spiral: the place is arbitrary, the records are not. */
export function spread(items: Item[]): void {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    if (!isDisplayPosition(item)) continue;
    const key = `${item.wx.toFixed(5)},${item.wy.toFixed(5)}`;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  for (const group of groups.values()) {
    group.forEach((item, i) => {
      item.dx = 9 * Math.sqrt(i) * Math.cos(i * GOLDEN);
      item.dy = 9 * Math.sqrt(i) * Math.sin(i * GOLDEN);
    });
  }
}
