/** Pictograms on a 14 × 14 grid, as SVG path data to stroke. */

const ICONS: Record<string, string> = {
  quay: "M8.4 3.2a1.4 1.4 0 1 1-2.8 0a1.4 1.4 0 1 1 2.8 0M7 4.6V12M4.5 6.5h5M2.5 8.5c.4 2.2 2.2 3.5 4.5 3.5s4.1-1.3 4.5-3.5",
  plane: "M7 1.8v10.4M7 5.5 2 8.3M7 5.5l5 2.8M5 12l2-1.2L9 12",
  station: "M4 2h6a1 1 0 0 1 1 1v6.200a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zM3 6.500h8M4.500 10.200 3 12.500M9.500 10.200 11 12.500M5 8.400h.01M9 8.400h.01",
  exit: "M4 12.500 5.200 1.800M10 12.500 8.800 1.800M7 2.500v1.800M7 6.200v1.800M7 9.900v2",
  plant: "M2.5 12V6.5L6 8.500V6.5l3.5 2V3h2v9z",
  turbine: "M7 6.200V12.800M7 5.500 7.300 1.200M7 5.500 10.700 7.700M7 5.500 3.300 7.700M5.500 12.800h3",
  solar: "M2 11 4 4.500h6L12 11zM3 7.600h8M7 4.500V11M7 2.800V1.500M3.600 3.200 2.800 2.200M10.400 3.200 11.200 2.200",
  lng: "M3 12V6.5a4 3.5 0 0 1 8 0V12zM3 9h8",
  substation: "M7.600 1.800 4 7.600h2.800L6.200 12.200 10 6.200H7.200z",
  storage: "M2.500 4h8v6.500h-8zM10.500 6h1.300v2.500h-1.300M4.500 7.200h4M6.500 5.300v3.900",
  gas: "M7 1.800c.6 2.200 3.600 3.500 3.600 6.600A3.600 3.600 0 0 1 3.400 8.400c0-1.700 1-2.700 1.900-3.500.2 1 .6 1.500 1.100 1.800C6.700 5 6.400 3.400 7 1.800z",
  biomass: "M3 12C3 6 6 2.800 11.500 2.500 11.500 8 8.500 10.800 4.200 10.200M3 12 8 6.200",
  nuclear: "M7 7 7 7M7 4.500a2.500 2.500 0 0 1 0 5 2.500 2.500 0 0 1 0-5M1.800 7c0-1.700 2.300-3 5.200-3s5.200 1.300 5.200 3-2.300 3-5.200 3-5.200-1.300-5.200-3",
  water: "M7 1.800C8.500 4 10.500 6 10.500 8.500a3.500 3.500 0 0 1-7 0C3.500 6 5.500 4 7 1.800z",
  heat: "M4 2c1.500 1.800-1 3 0 5M7 2c1.500 1.800-1 3 0 5M10 2c1.500 1.800-1 3 0 5M2.500 9.500h9M3.500 12h7",
  lab: "M5.500 1.800h3M6 1.800V5.500L2.800 11a1 1 0 0 0 .9 1.500h6.600a1 1 0 0 0 .9-1.500L8 5.500V1.800M4.300 9h5.400",
  chip: "M4 4h6v6H4zM5.500 4V2M8.500 4V2M5.500 12v-2M8.500 12v-2M4 5.500H2M4 8.500H2M12 5.500h-2M12 8.500h-2",
  people: "M5 6.200a1.900 1.900 0 1 0 0-3.800 1.900 1.900 0 0 0 0 3.800M1.800 11.500c0-2 1.400-3.300 3.200-3.300s3.200 1.300 3.200 3.300M9.200 2.700a1.800 1.800 0 0 1 0 3.300M9.800 8.300c1.500.2 2.500 1.400 2.500 3.200",
  building: "M3 12.200V2.500h5v9.700M8 6h3v6.200M1.800 12.200h10.400M4.700 4.700h1.600M4.700 7h1.600M4.700 9.300h1.600",
  factory: "M2 12V5.500l3.300 2V5.500l3.300 2V2.500H11V12z",
  flag: "M3.500 12.500V2M3.500 2.500h7L9 5l1.500 2.500h-7",
  star: "M7 1.800 8.600 5.300l3.700.4-2.800 2.500.8 3.700L7 10l-3.300 1.900.8-3.700L1.700 5.700l3.700-.4z",
  warehouse: "M2 12.200V5.500L7 2.500l5 3v6.700M4.500 12.200V7.500h5v4.700M4.500 9.800h5",
  channel: "M1.800 4.500c1.300-1.200 2.600-1.200 3.900 0s2.600 1.200 3.900 0 1.800-1 2.600-.6M1.800 8c1.300-1.200 2.600-1.200 3.900 0s2.600 1.200 3.900 0 1.800-1 2.600-.6M1.800 11.500c1.300-1.200 2.600-1.200 3.900 0s2.600 1.200 3.900 0 1.800-1 2.600-.6",
  square: "M3.500 3.500h7v7h-7z",
  dot: "M9 7a2 2 0 1 1-4 0a2 2 0 1 1 4 0",
};

const ALIASES: Record<string, string> = {
  port: "quay",
  anchor: "quay",
  airport: "plane",
  rail: "station",
  train: "station",
  railway: "station",
  expressway: "exit",
  road: "exit",
  power: "plant",
  coal: "plant",
  thermal: "plant",
  wind: "turbine",
  photovoltaic: "solar",
  pv: "solar",
  sun: "solar",
  tank: "lng",
  grid: "substation",
  bolt: "substation",
  battery: "storage",
  leaf: "biomass",
  hydro: "water",
  sewage: "water",
  steam: "heat",
  flask: "lab",
  computing: "chip",
  server: "chip",
  community: "people",
};

const ready = new Map<string, Path2D>();

/** The path of a pictogram by name; an unknown name gets a dot. */
export function iconPath(name: string): Path2D {
  const key = ICONS[name] ? name : (ALIASES[name] ?? "dot");
  let path = ready.get(key);
  if (!path) {
    path = new Path2D(ICONS[key]);
    ready.set(key, path);
  }
  return path;
}

/** Names a catalogue may use. */
export const ICON_NAMES: readonly string[] = [...Object.keys(ICONS), ...Object.keys(ALIASES)];
