/** Colours are CSS variables, read at run time; a theme change only re-reads them. */

let cache = new Map<string, string>();
const listeners = new Set<() => void>();

/** Value of the theme token `name` ("s1", "m-land"), or a neutral grey when the theme lacks it. */
export function color(name: string): string {
  let value = cache.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#8a94a0";
    cache.set(name, value);
  }
  return value;
}

/** Forget the colours and tell everyone to redraw. */
export function rereadTheme(): void {
  cache = new Map();
  listeners.forEach((f) => f());
}

/** Call `f` after each change of theme; returns the way to stop. */
export function onTheme(f: () => void): () => void {
  listeners.add(f);
  return () => listeners.delete(f);
}

export function watchTheme(): void {
  const observer = new MutationObserver(rereadTheme);
  observer.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["data-theme", "data-mantine-color-scheme", "class", "style"],
  });
}

export const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif';
