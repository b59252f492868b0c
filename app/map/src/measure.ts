/** Measuring lengths and areas on the ellipsoid. */

import { lineLength, ringArea, type LonLat } from "./geodesy";
import { figure, lengthText, muOf } from "./scale";
import { text } from "./text";
import { color, FONT } from "./theme";
import { PathTool, toPixel } from "./tool";
import type { View } from "./types";
import { Vertices } from "./vertices";

/** What the bar says: length, and from three points the area in km², 亩 and m². */
export function measured(points: LonLat[]): { length: string; area: string } {
  const length = lengthText(lineLength(points));
  if (points.length < 3) return { length, area: "" };
  const m2 = ringArea(points);
  const km2 = m2 / 1e6;
  const parts = [`${figure(km2, km2 < 10 ? 3 : 1)} km²`, `${figure(muOf(m2), 1)} ${text().mu}`];
  if (m2 < 1e7) parts.push(`${figure(m2, 0)} m²`);
  return { length, area: parts.join(" · ") };
}

export class MeasureTool extends PathTool {
  private ended = false;

  toggle(): void {
    if (this.active) this.cancel();
    else {
      this.ended = false;
      this.begin(new Vertices());
    }
  }

  cancel(): void {
    this.stop();
  }

  protected end(): void {
    this.ended = true;
    this.pointer = null;
    this.update();
  }

  click(e: L.LeafletMouseEvent): void {
    if (this.ended) {
      this.path = new Vertices();
      this.ended = false;
    }
    super.click(e);
  }

  move(e: L.LeafletMouseEvent): void {
    if (!this.ended) super.move(e);
  }

  doubleClick(): void {
    if (!this.ended) super.doubleClick();
  }

  private live(): LonLat[] {
    return this.pointer ? [...this.path.points, this.pointer] : this.path.points;
  }

  protected render(): void {
    const points = this.live();
    const children: HTMLElement[] = [];
    if (this.path.points.length) {
      const { length, area } = measured(points);
      children.push(this.words(text().length), this.words(length, "yt-figure"));
      if (area) children.push(this.words(text().area), this.words(area, "yt-figure"));
      children.push(this.words(text().measureNote));
    } else {
      children.push(this.words(text().measureHint));
    }
    children.push(this.button(text().close, () => this.cancel()));
    this.show(children);
  }

  protected decorate(ctx: CanvasRenderingContext2D, v: View): void {
    const points = this.live();
    if (points.length < 2) return;
    const [x, y] = toPixel(points[points.length - 1], v);
    const label = lengthText(lineLength(points));
    ctx.font = `600 12px ${FONT}`;
    ctx.textBaseline = "middle";
    ctx.strokeStyle = color("m-halo");
    ctx.lineWidth = 4;
    ctx.strokeText(label, x + 10, y - 12);
    ctx.fillStyle = color("sea-t");
    ctx.fillText(label, x + 10, y - 12);
  }
}
