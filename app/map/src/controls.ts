/** Buttons, scale bar, coordinates and attribution, as Leaflet controls in the style of the page. */

import type * as Leaflet from "leaflet";
import { gaussKruger } from "./geodesy";
import { figure, scaleBar } from "./scale";
import { text } from "./text";

const ICONS = {
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  home: "m2.5 7.500 5.500-5 5.500 5V13.500h-11z",
  full: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
  ruler: "m2 11 9-9 3 3-9 9zM5 8l1.500 1.500M7.500 5.500 9 7",
};

function icon(d: string): SVGElement {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "yt-ic");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}

export interface Actions {
  home(): void;
  measure(): void;
}

/** All of the map's own controls; `texts()` again after a change of language. */
export class Controls {
  private controls: Leaflet.Control[] = [];
  private buttons: { element: HTMLButtonElement; title: () => string }[] = [];
  private bar = L.DomUtil.create("div", "yt-scale");
  private coordinates = L.DomUtil.create("div", "yt-coordinates");
  private credit = L.DomUtil.create("div", "yt-credit");
  readonly measure: HTMLButtonElement;

  constructor(
    private map: Leaflet.Map,
    actions: Actions,
  ) {
    const zoomIn = this.button(ICONS.plus, () => text().zoomIn, () => map.zoomIn());
    const zoomOut = this.button(ICONS.minus, () => text().zoomOut, () => map.zoomOut());
    const home = this.button(ICONS.home, () => text().home, () => actions.home());
    const full = this.button(ICONS.full, () => text().fullscreen, () => this.fullscreen());
    this.measure = this.button(ICONS.ruler, () => text().measure, () => actions.measure());
    full.classList.add("yt-desk");
    this.measure.classList.add("yt-desk");
    zoomIn.classList.add("yt-desk");
    zoomOut.classList.add("yt-desk");
    this.add("topleft", "yt-tools", [zoomIn, zoomOut, home]);
    this.add("topleft", "yt-tools yt-desk", [this.measure, full]);
    this.add("bottomleft", "yt-sbar", [this.bar, this.coordinates]);
    this.add("bottomright", "yt-attribution", [this.credit]);
    this.texts();
  }

  private add(position: Leaflet.ControlPosition, className: string, children: HTMLElement[]): void {
    const control = new L.Control({ position });
    control.onAdd = () => {
      const div = L.DomUtil.create("div", className);
      div.append(...children);
      L.DomEvent.disableClickPropagation(div);
      return div;
    };
    control.addTo(this.map);
    this.controls.push(control);
  }

  private button(d: string, title: () => string, press: () => void): HTMLButtonElement {
    const element = document.createElement("button");
    element.type = "button";
    element.append(icon(d));
    element.onclick = press;
    this.buttons.push({ element, title });
    return element;
  }

  texts(): void {
    for (const { element, title } of this.buttons) {
      element.title = title();
      element.setAttribute("aria-label", title());
    }
    this.coordinates.title = text().coordinates;
    this.map.getContainer().setAttribute("aria-label", text().map);
  }

  attribution(value: string): void {
    this.credit.textContent = value;
  }

  /** Redraw the scale bar for the middle of the map. */
  scale(): void {
    const { metres, pixels } = scaleBar(this.map.getZoom(), this.map.getCenter().lat, 104);
    const w = Math.round(pixels * 10) / 10;
    const label = metres >= 1000 ? `${figure(metres / 1000, 0)} km` : `${figure(metres, 0)} m`;
    this.bar.dataset.metres = String(metres);
    this.bar.dataset.pixels = String(pixels);
    this.bar.innerHTML =
      `<svg width="${Math.ceil(w) + 34}" height="20" role="img" aria-label="${label}">` +
      `<path d="M1 12v5h${w}v-5M${1 + w / 2} 14v3"/><text x="1" y="9">0</text>` +
      `<text x="${1 + w}" y="9" text-anchor="middle">${label}</text></svg>`;
  }

  /** Coordinates under the pointer, in degrees and EPSG:4549. */
  pointer(lon: number, lat: number): void {
    const [e, n] = gaussKruger(lon, lat);
    const degrees = document.createElement("span");
    const metres = document.createElement("span");
    degrees.textContent = `${lon.toFixed(4)}°E ${lat.toFixed(4)}°N`;
    metres.textContent = `4549 ${text().east} ${figure(e, 0)} ${text().north} ${figure(n, 0)}`;
    this.coordinates.replaceChildren(degrees, metres);
  }

  private fullscreen(): void {
    const element = this.map.getContainer().parentElement ?? this.map.getContainer();
    if (document.fullscreenElement) void document.exitFullscreen();
    else void element.requestFullscreen();
  }

  remove(): void {
    this.controls.forEach((c) => c.remove());
  }
}
