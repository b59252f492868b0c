// Bundle src/main.ts to the file the page loads, or (--test) bundle and run the unit tests.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const common = { bundle: true, target: "es2021", legalComments: "none", charset: "utf8", logLevel: "warning" };

if (process.argv.includes("--test")) {
  const tests = join(here, "../../tests/map");
  const out = join(here, "node_modules/.cache/tests");
  mkdirSync(out, { recursive: true });
  const entryPoints = readdirSync(tests).filter((f) => f.endsWith(".test.ts")).map((f) => join(tests, f));
  await build({ ...common, entryPoints, outdir: out, platform: "node", format: "esm", outExtension: { ".js": ".mjs" } });
  const files = readdirSync(out).filter((f) => f.endsWith(".test.mjs")).map((f) => join(out, f));
  process.exit(spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1);
} else {
  const outfile = join(here, "../assets/yuantu-map.js");
  const header = process.argv.find((a) => a.startsWith("--header="));
  const banner = { js: header ? header.slice("--header=".length) : "" };
  await build({ ...common, entryPoints: [join(here, "src/main.ts")], outfile, format: "iife", minify: true, banner });
}
