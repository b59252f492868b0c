/** The corner box: one sentence about what could not be fetched, and a way to try again. */

import { text } from "./text";

export class Notes {
  private box = document.createElement("div");
  private failed = "";
  private tiles = false;

  constructor(
    container: HTMLElement,
    private retry: () => void,
  ) {
    this.box.className = "yt-notes";
    this.box.setAttribute("data-avoid", "");
    this.box.setAttribute("role", "status");
    this.box.hidden = true;
    L.DomEvent.disableClickPropagation(this.box);
    container.append(this.box);
  }

  /** `what` names what failed; "" when all is well. */
  failure(what: string): void {
    if (what === this.failed) return;
    this.failed = what;
    this.render();
  }

  tilesDown(down: boolean): void {
    if (down === this.tiles) return;
    this.tiles = down;
    this.render();
  }

  private render(): void {
    const lines: HTMLElement[] = [];
    if (this.failed) {
      const line = document.createElement("div");
      const button = document.createElement("button");
      line.textContent = text().failed(this.failed);
      button.type = "button";
      button.textContent = text().retry;
      button.onclick = this.retry;
      line.append(button);
      lines.push(line);
    }
    if (this.tiles) {
      const line = document.createElement("div");
      line.textContent = text().tiles;
      lines.push(line);
    }
    this.box.replaceChildren(...lines);
    this.box.hidden = lines.length === 0;
  }
}
