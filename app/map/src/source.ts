/** Fetching: one request per slot, cancelled by the next; answers kept by URL with their ETag. */

interface Kept<T> {
  etag: string | null;
  value: T;
}

const KEEP = 60;
const RETRY_SECONDS = [2, 4, 8, 15, 30, 60];

/**
 * One thing fetched by URL. The old value stays until the new one is there; a failure is reported and
 * tried again by itself, later and later.
 */
export class Source<T> {
  url = "";
  /** URL whose value is the current one */
  shown = "";
  value: T | null = null;
  error = "";
  private kept = new Map<string, Kept<T>>();
  private controller: AbortController | null = null;
  /** whether the value being shown was asked for again although its address is the same */
  protected refreshed = false;
  private attempt = 0;
  private timer = 0;

  constructor(
    readonly title: () => string,
    private decode: (json: unknown) => T,
    private onChange: (source: Source<T>) => void,
  ) {}

  /** Show what `url` holds; the same URL again does nothing unless `refresh`. */
  load(url: string, refresh = false): void {
    if (url === this.url && !refresh) return;
    this.refreshed = refresh && url === this.shown;
    this.url = url;
    this.attempt = 0;
    this.stop();
    const kept = this.kept.get(url);
    if (kept && this.shown !== url) this.show(url, kept.value);
    if (url) void this.fetch(url);
  }

  /** Show what the page gives; `name` stands for the address, and the same name again does nothing. */
  give(name: string, json: unknown): void {
    if (name === this.url) return;
    this.stop();
    this.url = name;
    this.show(name, this.decode(json));
  }

  /** Whether more is on its way than the value at `url`. */
  pending(): boolean {
    return false;
  }

  retry(): void {
    window.clearTimeout(this.timer);
    if (this.url && this.error) void this.fetch(this.url);
  }

  stop(): void {
    window.clearTimeout(this.timer);
    this.controller?.abort();
    this.controller = null;
  }

  private async fetch(url: string): Promise<void> {
    this.controller?.abort();
    const controller = new AbortController();
    this.controller = controller;
    const kept = this.kept.get(url);
    try {
      const headers: Record<string, string> = { Accept: "application/geo+json, application/json" };
      if (kept?.etag) headers["If-None-Match"] = kept.etag;
      const answer = await fetch(url, { signal: controller.signal, headers });
      if (answer.status === 304 && kept) return this.succeed(url, kept);
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const value = this.decode(answer.status === 204 ? null : await answer.json());
      this.succeed(url, { etag: answer.headers.get("ETag"), value });
    } catch (problem) {
      if (controller.signal.aborted) return;
      this.fail(url, problem instanceof Error ? problem.message : String(problem));
    }
  }

  private succeed(url: string, kept: Kept<T>): void {
    if (url !== this.url) return;
    this.controller = null;
    this.attempt = 0;
    this.kept.delete(url);
    this.kept.set(url, kept);
    if (this.kept.size > KEEP) this.kept.delete(this.kept.keys().next().value as string);
    this.show(url, kept.value);
  }

  private show(url: string, value: T): void {
    const same = this.shown === url && this.value === value && !this.error && !this.refreshed;
    this.shown = url;
    this.value = value;
    this.error = "";
    if (!same) this.onChange(this);
  }

  private fail(url: string, message: string): void {
    if (url !== this.url) return;
    this.controller = null;
    this.error = message;
    const wait = RETRY_SECONDS[Math.min(this.attempt++, RETRY_SECONDS.length - 1)];
    this.timer = window.setTimeout(() => void this.fetch(url), wait * 1000);
    this.onChange(this);
  }
}
