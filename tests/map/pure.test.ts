/** The pure parts of the map: geodesy against PROJ, the placer, hit tests, symbols, sketches. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { distance, gaussKruger, ringArea, selfCrosses, type LonLat } from "../../app/map/src/geodesy";
import { HitIndex } from "../../app/map/src/hits";
import { decodeItems, insidePoint } from "../../app/map/src/items";
import { drawingOrder, levelOf, lineWidthOf, tokenOf } from "../../app/map/src/look";
import { inRings, lonOf, latOf, worldX, worldY } from "../../app/map/src/mercator";
import { crowded } from "../../app/map/src/painter";
import { around, overlap, place } from "../../app/map/src/placer";
import { figure, groundResolution, lengthText, muOf, radiusOf, scaleBar } from "../../app/map/src/scale";
import { hoverLines } from "../../app/map/src/tooltip";
import type { Item, LayerModel, Style, View } from "../../app/map/src/types";
import { Vertices } from "../../app/map/src/vertices";
import proj from "./geodesy.json";

const near = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b} ± ${tolerance}`);

const VIEW: View = { zoom: 8, scale: 256, x0: 0, y0: 0, w: 1000, h: 1000, dpr: 1, seen: { x: 0, y: 0, w: 1000, h: 1000 } };

function pointItem(id: number, x: number, y: number, props: Record<string, unknown> = {}): Item {
  const wx = x / VIEW.scale;
  const wy = y / VIEW.scale;
  return {
    id, layer: "a", name: `点${id}`, kind: "point", acc: "surveyed", demo: false, props,
    wx, wy, dx: 0, dy: 0, rings: [new Float64Array([wx, wy])], box: [wx, wy, wx, wy],
  };
}

const layer = (style: Partial<Style>): LayerModel => ({
  id: "a", title: "甲", visible: true, opacity: 1, url: "", style: { symbol: "circle", color: "flat", ...style },
});

test("EPSG:4549 agrees with PROJ to a millimetre", () => {
  for (const { lonlat, en } of proj.points) {
    const [e, n] = gaussKruger(lonlat[0], lonlat[1]);
    near(e, en[0], 0.001);
    near(n, en[1], 0.001);
  }
});

test("distances agree with PROJ to a millimetre, areas to a ten-thousandth", () => {
  for (const { pair, metres } of proj.distances) near(distance(pair[0] as LonLat, pair[1] as LonLat), metres, 0.001);
  for (const { ring, m2 } of proj.areas) near(ringArea(ring as LonLat[]) / m2, 1, 1e-4);
  assert.equal(distance([120, 33], [120, 33]), 0);
  assert.equal(ringArea([[120, 33], [121, 33]]), 0);
});

test("web Mercator there and back", () => {
  near(lonOf(worldX(120.16)), 120.16, 1e-10);
  near(latOf(worldY(33.35)), 33.35, 1e-10);
  assert.equal(worldX(-180), 0);
  near(worldY(85.0511287798), 0, 1e-6);
});

test("the scale bar is right at this latitude", () => {
  near(groundResolution(8, 0), 611.496, 0.001);
  near(groundResolution(8, 33.5) / groundResolution(8, 0), Math.cos((33.5 * Math.PI) / 180), 1e-12);
  const bar = scaleBar(8, 33.5, 104);
  assert.equal(bar.metres, 50000);
  near(bar.pixels * groundResolution(8, 33.5), 50000, 1e-6);
  for (let zoom = 7; zoom <= 18; zoom += 0.25) {
    const { pixels, metres } = scaleBar(zoom, 33.5, 104);
    assert.ok(pixels <= 104 && pixels > 104 / 2.51);
    assert.match(String(metres), /^[125]0*$/);
  }
});

test("circles: area in proportion to the value", () => {
  const style = layer({ size_range: [4, 14], size_at: [1e9, 5e9, 1e10] }).style;
  near(radiusOf(1e10, style), 14, 1e-9);
  near(radiusOf(5e9, style) ** 2 / radiusOf(1e10, style) ** 2, 0.5, 1e-9);
  assert.equal(radiusOf(1, style), 4);
  assert.equal(radiusOf(null, style), 4);
  assert.equal(radiusOf(1e12, style), 21);
});

test("figures as people write them", () => {
  assert.equal(figure(1234.56), "1,234.6");
  assert.equal(figure(0, 0), "0");
  assert.equal(figure(null), "—");
  assert.equal(lengthText(850), "850 m");
  assert.equal(lengthText(12345), "12.35 km");
  near(muOf(2000 / 3), 1, 1e-12);
});

test("no label touches another, an obstacle or the edge", () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const frame = { x: 0, y: 0, w: 800, h: 600 };
  const hard = [{ x: 0, y: 0, w: 60, h: 200 }, { x: 500, y: 0, w: 300, h: 50 }];
  const symbols = Array.from({ length: 300 }, () => ({ x: random() * 800, y: random() * 600, w: 10, h: 10 }));
  const requests = symbols.map((_, i) => ({ key: i, w: 40 + random() * 80, h: 15, soft: 0.3, at: [] as [number, number][] }));
  requests.forEach((r, i) => (r.at = around(symbols[i].x + 5, symbols[i].y + 5, 5, r.w, r.h)));
  const placed = place(requests, hard, symbols, frame);
  assert.ok(placed.length > 20 && placed.length < 300);
  placed.forEach((a, i) => {
    assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.w <= 800 && a.y + a.h <= 600);
    hard.forEach((h) => assert.equal(overlap(a, h), 0));
    placed.slice(i + 1).forEach((b) => assert.equal(overlap(a, b), 0));
  });
});

test("earlier labels win, and take the free side", () => {
  const frame = { x: 0, y: 0, w: 200, h: 100 };
  const one = (key: string): { key: string; w: number; h: number; soft: number; at: [number, number][] } => ({
    key, w: 50, h: 10, soft: 1, at: around(100, 50, 4, 50, 10),
  });
  const placed = place([one("a"), one("b"), one("c"), one("d"), one("e")], [], [], frame);
  assert.deepEqual(placed.map((p) => p.key), ["a", "b", "c", "d"]);
  assert.deepEqual([placed[0].x, placed[1].x], [107, 43]);
  assert.deepEqual(place([one("a")], [frame], [], frame), []);
});

test("hit test: what is drawn last wins, points before polygons, all are listed", () => {
  const square = decodeItems("p", {
    features: [{ id: 9, properties: { name: "园" }, geometry: { type: "Polygon", coordinates: [[[0, 0], [10, 0], [10, -10], [0, -10], [0, 0]], [[4, -4], [6, -4], [6, -6], [4, -6], [4, -4]]] } }],
  })[0];
  const view = { ...VIEW, zoom: 2, scale: 4, x0: worldX(0) * 4 - 100, y0: worldY(0) * 4 - 100, w: 400, h: 400 };
  const at = (lon: number, lat: number): [number, number] => [worldX(lon) * 4 - view.x0, worldY(lat) * 4 - view.y0];
  const [x, y] = at(2, -2);
  const a = { item: pointItem(1, 0, 0), x, y, r: 5 };
  const b = { item: pointItem(2, 0, 0), x: x + 3, y, r: 5 };
  const index = new HitIndex([{ item: square, x: 0, y: 0, r: 0 }, a, b], view);
  assert.deepEqual(index.at(x + 1, y).map((s) => s.item?.id), [2, 1, 9]);
  assert.deepEqual(index.at(x - 4, y, 0).map((s) => s.item?.id), [1, 9]);
  assert.deepEqual(index.at(...at(5, -5), 0).map((s) => s.item?.id), [], "a hole is not the polygon");
  assert.deepEqual(index.at(...at(-10, 8), 0), []);
});

test("hit test among 4,000 points finds what a plain search finds", () => {
  let seed = 3;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const shapes = Array.from({ length: 4000 }, (_, i) => {
    const [x, y] = [random() * 1000, random() * 1000];
    return { item: pointItem(i, x, y), x, y, r: 3 + random() * 8 };
  });
  const index = new HitIndex(shapes, VIEW);
  for (let k = 0; k < 500; k++) {
    const [x, y] = [random() * 1000, random() * 1000];
    const plain = shapes.filter((s) => Math.hypot(s.x - x, s.y - y) <= s.r + 3).map((s) => s.item.id);
    assert.deepEqual(new Set(index.at(x, y).map((s) => s.item?.id)), new Set(plain));
  }
});

test("decoding: display positions that coincide are fanned out, surveyed ones never move", () => {
  const feature = (id: number, acc: string): unknown => ({ id, properties: { name: "甲", location_accuracy: acc, is_demo: true }, geometry: { type: "Point", coordinates: [120, 33] } });
  const items = decodeItems("a", { features: [feature(1, "township"), feature(2, "township"), feature(3, "surveyed"), { id: 4, properties: {}, geometry: null }] });
  assert.equal(items.length, 3);
  assert.ok(Math.hypot(items[1].dx - items[0].dx, items[1].dy - items[0].dy) > 8);
  assert.deepEqual([items[2].dx, items[2].dy], [0, 0]);
  assert.equal(items[0].demo, true);
});

test("a label keeps off numbers before it keeps off symbols, and goes further only for them", () => {
  const frame = { x: 0, y: 0, w: 400, h: 100 };
  const symbol = { x: 100, y: 0, w: 40, h: 20 };
  const number = { x: 0, y: 0, w: 40, h: 20 };
  const request = { key: "a", w: 40, h: 20, at: [[0, 0], [100, 0]] as [number, number][], soft: 1 };
  const further: [number, number][] = [[300, 0]];
  assert.equal(place([request], [], [symbol], frame, [number])[0].x, 100);
  assert.equal(place([{ ...request, further }], [], [symbol], frame, [number])[0].x, 100);
  assert.equal(place([{ ...request, further }], [], [], frame, [number, symbol])[0].x, 300);
  assert.equal(place([request], [], [], frame, [number, symbol])[0].x, 0, "drawn all the same where there is no room");
});

test("a polygon's own place lies inside it", () => {
  const u = [new Float64Array([0, 0, 9, 0, 9, 9, 6, 9, 6, 3, 3, 3, 3, 9, 0, 9])];
  const p = insidePoint(u, [0, 0, 9, 9]);
  assert.ok(p && inRings(p[0], p[1], u));
});

test("styles: colours by vocabulary, levels, weights, order", () => {
  const style = layer({ color_by: "stage", colors: { 开工: "s3" }, levels: { level: ["市级", "省级", "国家级"] }, line_by: "level" }).style;
  assert.equal(tokenOf(pointItem(1, 0, 0, { stage: "开工" }), style), "s3");
  assert.equal(tokenOf(pointItem(1, 0, 0, { stage: ["无", "开工"] }), style), "s3");
  assert.equal(tokenOf(pointItem(1, 0, 0, {}), style), "ink-4");
  assert.equal(levelOf(pointItem(1, 0, 0, { level: "国家级" }), "level", style), 3);
  assert.equal(levelOf(pointItem(1, 0, 0, {}), "level", style), 0);
  const weight = (level: string): number => lineWidthOf(pointItem(1, 0, 0, { level }), style);
  assert.ok(weight("国家级") > weight("省级") && weight("省级") > weight("市级"));
  const order = drawingOrder([layer({ symbol: "icon" }), layer({ symbol: "circle" }), layer({ symbol: "polygon" })]);
  assert.deepEqual(order.map((l) => l.style.symbol), ["polygon", "circle", "icon"]);
});

test("crowded pictograms: the important one stays", () => {
  const style = { symbol: "icon" as const, color: "m-poi", icons: { 港口: "quay", 风机: "turbine" } };
  const port = pointItem(1, 100, 100, { kind: "港口" });
  const turbine = pointItem(2, 104, 100, { kind: "风机" });
  const far = pointItem(3, 300, 100, { kind: "风机" });
  const thin = crowded([{ layer: layer(style), seen: [turbine, port, far] }], VIEW);
  assert.deepEqual([...thin].map((i) => i.id), [2]);
});

test("the tooltip divides by the factor and leaves out what is missing", () => {
  const fields = [
    { id: "stage", title: "阶段" },
    { id: "invest_cny", title: "总投资", unit: "亿元", factor: 1e8, digits: 1 },
    { id: "none", title: "无" },
  ];
  assert.deepEqual(hoverLines(pointItem(1, 0, 0, { stage: "达产", invest_cny: 12.8e9 }), fields), ["达产", "总投资 128.0 亿元"]);
  assert.deepEqual(hoverLines(pointItem(1, 0, 0, { invest_cny: 0 }), fields), ["总投资 0.0 亿元"]);
});

test("sketch: vertices, undo, closing", () => {
  const v = new Vertices();
  v.add([120, 33]);
  v.add([120.1, 33]);
  assert.equal(v.polygon(), null);
  v.add([120.1, 33.1]);
  v.add([120.1, 33.1]);
  v.tidy((a, b) => a[0] === b[0] && a[1] === b[1]);
  assert.equal(v.points.length, 3);
  v.closed = true;
  assert.equal(v.removeLast(), false, "a closed outline keeps three");
  v.insert(1, [120.05, 32.9]);
  assert.equal(v.middles().length, 4);
  assert.equal(v.removeLast(), true);
  assert.equal(v.points.length, 3);
  v.undo();
  assert.equal(v.points.length, 4);
  v.mark();
  v.move(0, [119.9, 33]);
  v.undo();
  assert.deepEqual(v.points[0], [120, 33]);
  const ring = v.polygon()?.coordinates[0] ?? [];
  assert.deepEqual(ring[0], ring[ring.length - 1]);
  const twice = ring.slice(1).reduce((s, p, i) => s + ring[i][0] * p[1] - p[0] * ring[i][1], 0);
  assert.ok(twice > 0, "counter-clockwise");
});

test("a bow-tie is seen", () => {
  assert.equal(selfCrosses([[0, 0], [1, 1], [1, 0], [0, 1]]), true);
  assert.equal(selfCrosses([[0, 0], [1, 0], [1, 1], [0, 1]]), false);
});
