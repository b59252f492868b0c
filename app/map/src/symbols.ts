/** Painting one symbol at (x, y) in CSS pixels. */

import { iconPath } from "./icons";
import { levelOf, lineWidthOf, rankOf } from "./look";
import { color, FONT } from "./theme";
import type { Item, Style } from "./types";

type Ctx = CanvasRenderingContext2D;

function circle(ctx: Ctx, x: number, y: number, r: number): void {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
}

function box(ctx: Ctx, x: number, y: number, size: number, radius: number): void {
  ctx.beginPath();
  ctx.roundRect(x - size / 2, y - size / 2, size, size, radius);
}

function edgeToken(token: string): string {
  return /^s\d$/.test(token) ? "stage-line" : "m-park";
}

/** A project: filled by stage; hollow when only its town or county is known; dashed when stalled. */
export function drawCircle(ctx: Ctx, x: number, y: number, r: number, token: string, hollow: boolean, stalled: boolean): void {
  const edge = color(edgeToken(token));
  circle(ctx, x, y, r);
  if (hollow) {
    const alpha = ctx.globalAlpha;
    ctx.globalAlpha = alpha * 0.55;
    ctx.fillStyle = color("surface");
    ctx.fill();
    ctx.globalAlpha = alpha;
    if (r >= 4) {
      circle(ctx, x, y, r - 1.5);
      ctx.strokeStyle = color(token);
      ctx.lineWidth = 2;
      ctx.stroke();
      circle(ctx, x, y, r);
    }
  } else {
    ctx.fillStyle = color(token);
    ctx.fill();
  }
  ctx.strokeStyle = edge;
  ctx.lineWidth = stalled || hollow ? (r < 4 ? 1 : 1.3) : r < 4 ? 0.6 : 0.9;
  if (stalled) ctx.setLineDash([2.4, 1.8]);
  ctx.stroke();
  if (stalled) ctx.setLineDash([]);
}

/** An enterprise: a small dot. */
export function drawDot(ctx: Ctx, x: number, y: number, r: number, token: string, hollow: boolean): void {
  circle(ctx, x, y, hollow ? r - 0.5 : r);
  if (hollow) {
    ctx.strokeStyle = color(token);
    ctx.lineWidth = 1.1;
    ctx.stroke();
    return;
  }
  ctx.fillStyle = color(token);
  ctx.fill();
  ctx.strokeStyle = color("m-halo");
  ctx.lineWidth = 0.7;
  ctx.stroke();
}

/** Dots drawn once for each look and then stamped: thirty thousand of them take no longer than a frame. */
export class DotStamps {
  private made = new Map<string, HTMLCanvasElement>();

  constructor(private dpr: number) {}

  draw(ctx: Ctx, x: number, y: number, r: number, token: string, hollow: boolean): void {
    const key = `${token}/${r}/${hollow}`;
    let stamp = this.made.get(key);
    const side = Math.ceil(r + 1) * 2;
    if (!stamp) {
      stamp = document.createElement("canvas");
      stamp.width = side * this.dpr;
      stamp.height = side * this.dpr;
      const own = stamp.getContext("2d") as Ctx;
      own.scale(this.dpr, this.dpr);
      drawDot(own, side / 2, side / 2, r, token, hollow);
      this.made.set(key, stamp);
    }
    ctx.drawImage(stamp, x - side / 2, y - side / 2, side, side);
  }
}

/** A thing that is new since the day compared with: a ring in the colour of more, and a plus above it. */
export function drawFresh(ctx: Ctx, x: number, y: number, r: number): void {
  for (const [token, width] of [["m-halo", 4], ["d5", 2]] as const) {
    circle(ctx, x, y, r + 3);
    ctx.strokeStyle = color(token);
    ctx.lineWidth = width;
    ctx.stroke();
  }
}

/** A thing that is gone since: a cross in the colour of less. */
export function drawGone(ctx: Ctx, x: number, y: number): void {
  for (const [token, width] of [["m-halo", 4.5], ["d1", 2.2]] as const) {
    ctx.beginPath();
    ctx.moveTo(x - 4, y - 4);
    ctx.lineTo(x + 4, y + 4);
    ctx.moveTo(x + 4, y - 4);
    ctx.lineTo(x - 4, y + 4);
    ctx.strokeStyle = color(token);
    ctx.lineWidth = width;
    ctx.stroke();
  }
}

/** Many things in one cell: a soft disc with its count. */
export function drawCell(ctx: Ctx, x: number, y: number, r: number, text: string, token: string): void {
  const alpha = ctx.globalAlpha;
  circle(ctx, x, y, r);
  ctx.globalAlpha = alpha * 0.9;
  ctx.fillStyle = color("surface");
  ctx.fill();
  ctx.globalAlpha = alpha;
  ctx.strokeStyle = color(token);
  ctx.lineWidth = 1.2;
  ctx.stroke();
  ctx.fillStyle = color("m-label");
  ctx.font = '600 10px "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif';
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(text, x, y + 0.5);
  ctx.textAlign = "left";
}

/** A factory: rounded square with pips by level and small marks for green, zero carbon and 5G. */
export function drawSquare(ctx: Ctx, x: number, y: number, item: Item, style: Style, hollow: boolean): void {
  box(ctx, x, y, 9, 2);
  if (!hollow) {
    ctx.fillStyle = color("surface");
    ctx.fill();
  }
  ctx.strokeStyle = color(style.color || "m-park");
  ctx.lineWidth = 1.1;
  if (hollow) ctx.setLineDash([2, 1.4]);
  ctx.stroke();
  ctx.setLineDash([]);
  for (const field of style.pips ?? []) {
    const level = levelOf(item, field, style);
    if (level > 0) drawMark(ctx, x, y, field, level);
  }
}

function drawMark(ctx: Ctx, x: number, y: number, field: string, level: number): void {
  if (field.startsWith("green")) {
    ctx.beginPath();
    ctx.moveTo(x + 4.9, y - 1.4);
    ctx.bezierCurveTo(x + 4.9, y - 4.4, x + 6.4, y - 5.6, x + 8.9, y - 5.6);
    ctx.bezierCurveTo(x + 8.9, y - 2.9, x + 7.6, y - 1.4, x + 4.9, y - 1.4);
    ctx.fillStyle = color("reed");
    ctx.fill();
    ctx.strokeStyle = color("m-halo");
    ctx.lineWidth = 0.6;
    ctx.stroke();
  } else if (field.startsWith("zero")) {
    circle(ctx, x + 7, y + 1.2, 1.9);
    ctx.fillStyle = color("m-halo");
    ctx.fill();
    ctx.strokeStyle = color("reed");
    ctx.lineWidth = 1.3;
    ctx.stroke();
  } else if (field.startsWith("fiveg")) {
    ctx.beginPath();
    ctx.roundRect(x + 5, y + 4, 4, 4, 0.8);
    ctx.fillStyle = color("sea");
    ctx.fill();
  } else {
    ctx.fillStyle = color("m-park");
    for (let i = 0; i < Math.min(4, level); i++) {
      const h = 1.8 + 1.2 * i;
      ctx.fillRect(x - 3.4 + 1.8 * i, y + 3.2 - h, 1.2, h);
    }
  }
}

/** A crowded pictogram or factory: only a small mark that something is here. */
export function drawThin(ctx: Ctx, x: number, y: number, square: boolean, hollow: boolean): void {
  if (square) box(ctx, x, y, 3, 0.6);
  else circle(ctx, x, y, 1.5);
  if (hollow) {
    ctx.strokeStyle = color("m-poi");
    ctx.lineWidth = 0.7;
    ctx.stroke();
    return;
  }
  ctx.fillStyle = color("m-poi");
  ctx.fill();
  ctx.strokeStyle = color("m-halo");
  ctx.lineWidth = 0.6;
  ctx.stroke();
}

/** A facility: pictogram on a small rounded plate, dashed when its place is only approximate. */
export function drawIcon(ctx: Ctx, x: number, y: number, name: string, token: string, hollow: boolean): void {
  box(ctx, x, y, 15, 2.6);
  ctx.fillStyle = color("surface");
  ctx.fill();
  const ink = color(token === "m-park" || !token ? "m-poi" : token);
  ctx.strokeStyle = ink;
  ctx.lineWidth = 0.9;
  if (hollow) ctx.setLineDash([2, 1.5]);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.save();
  ctx.translate(x - 6.02, y - 6.02);
  ctx.scale(0.86, 0.86);
  ctx.lineWidth = 1.15;
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  ctx.stroke(iconPath(name));
  ctx.restore();
}

/** A park known only as a point: a small square with the park's line and marks. */
export function drawParkPoint(ctx: Ctx, x: number, y: number, item: Item, style: Style, hollow: boolean): void {
  const width = lineWidthOf(item, style);
  if (style.ring_by && levelOf(item, style.ring_by, style) > 0) {
    box(ctx, x, y, 14.5, 3.4);
    ctx.strokeStyle = color("reed");
    ctx.lineWidth = 2;
    ctx.stroke();
  }
  box(ctx, x, y, 9.5, 1.6);
  const alpha = ctx.globalAlpha;
  ctx.fillStyle = color("surface");
  ctx.globalAlpha = alpha * (hollow ? 0.55 : 0.95);
  ctx.fill();
  ctx.globalAlpha = alpha;
  if (!hollow) {
    ctx.globalAlpha = alpha * 0.35;
    ctx.fillStyle = color(style.color || "m-park");
    ctx.fill();
    ctx.globalAlpha = alpha;
  }
  ctx.strokeStyle = color(style.color || "m-park");
  ctx.lineWidth = width;
  ctx.stroke();
  if (isChemical(item)) drawDiamond(ctx, x + 5, y - 5);
}

export function isChemical(item: Item): boolean {
  return String(item.props.kind ?? "").includes("化工");
}

export function drawDiamond(ctx: Ctx, x: number, y: number): void {
  ctx.beginPath();
  ctx.moveTo(x, y - 3.4);
  ctx.lineTo(x + 3.4, y);
  ctx.lineTo(x, y + 3.4);
  ctx.lineTo(x - 3.4, y);
  ctx.closePath();
  ctx.fillStyle = color("surface");
  ctx.fill();
  ctx.strokeStyle = color("m-park");
  ctx.lineWidth = 1.2;
  ctx.stroke();
}

/** A candidate site: its rank on a plate; a small cross where a limit excludes it. */
export function drawRank(ctx: Ctx, x: number, y: number, r: number, item: Item): void {
  const rank = rankOf(item);
  const sea = color("sea");
  if (rank === Infinity) {
    ctx.lineCap = "round";
    for (const [ink, width] of [["m-halo", 3.2], ["ink-3", 1.4]] as const) {
      ctx.beginPath();
      ctx.moveTo(x - 3, y - 3);
      ctx.lineTo(x + 3, y + 3);
      ctx.moveTo(x + 3, y - 3);
      ctx.lineTo(x - 3, y + 3);
      ctx.strokeStyle = color(ink);
      ctx.lineWidth = width;
      ctx.stroke();
    }
    ctx.lineCap = "butt";
    return;
  }
  const first = rank <= 3;
  circle(ctx, x, y, r);
  ctx.fillStyle = first ? sea : color("surface");
  ctx.fill();
  ctx.strokeStyle = first ? color("m-halo") : sea;
  ctx.lineWidth = first ? 1.5 : r > 6 ? 1.8 : 1.3;
  ctx.stroke();
  if (rank > 10) return;
  ctx.font = `600 ${r > 10 ? 12.5 : 11}px ${FONT}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = color(first ? "surface" : "sea-t");
  ctx.fillText(String(rank), x, y + 0.5);
  ctx.textAlign = "start";
}
