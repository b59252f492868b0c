/** Keeping dash-leaflet from undoing where the map opened. */

import type * as Leaflet from "leaflet";

const ECHO = 2000; // milliseconds in which dash-leaflet repeats its first centre and zoom

/**
 * dash-leaflet repeats its centre and zoom once after it has mounted, which would undo where the map opened:
 * that repetition is not a wish. Returns the way to stop listening for it.
 */
export function ignoreEcho(map: Leaflet.Map, touched: () => boolean): () => void {
  const zoom = map.getZoom();
  const centre = map.getCenter();
  const { setZoom, setView } = map;
  map.setZoom = (z, options) => (z === zoom && !touched() ? map : setZoom.call(map, z, options));
  map.setView = (c, z, options) => {
    if (z === undefined && !touched() && centre.equals(L.latLng(c as Leaflet.LatLng))) return map;
    return setView.call(map, c, z, options);
  };
  const stop = (): void => void Object.assign(map, { setZoom, setView });
  const timer = window.setTimeout(stop, ECHO);
  return () => window.clearTimeout(timer);
}
