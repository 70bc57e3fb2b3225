// Writes the drawing and the other third-party assets that pages need into api/static/ (never committed).
import { build } from "esbuild";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static");
const packages = join(here, "node_modules");

await mkdir(join(out, "fonts"), { recursive: true });
await removeEarlierParts();

await build({
  absWorkingDir: here,
  entryPoints: { drawing: "src/main.ts" },
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  // The layout engine carries its WebAssembly as characters of a string: escaping them would double its size.
  charset: "utf8",
  minify: true,
  chunkNames: "drawing-[name]-[hash]",
  legalComments: "eof",
  logLevel: "warning",
});
await build({
  absWorkingDir: here,
  entryPoints: ["src/drawing.css"],
  outdir: out,
  bundle: true,
  charset: "utf8",
  minify: true,
  logLevel: "warning",
});

const font = join(packages, "@expo-google-fonts", "noto-sans-sc");
await cp(join(packages, "htmx.org", "dist", "htmx.min.js"), join(out, "htmx.min.js"));
await cp(join(packages, "htmx.org", "LICENSE"), join(out, "htmx.LICENSE.txt"));
await cp(
  join(font, "400Regular", "NotoSansSC_400Regular.ttf"),
  join(out, "fonts", "NotoSansSC-Regular.ttf"),
);
await cp(join(font, "LICENSE_FONT"), join(out, "fonts", "NotoSansSC-OFL.txt"));

async function removeEarlierParts() {
  for (const name of await readdir(out)) {
    if (/^drawing-.+\.js$/.test(name)) await rm(join(out, name));
  }
}
