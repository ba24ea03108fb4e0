// Joins the program and the packages it uses into few files, build/bundle/: node spends most of a short command's
// time on finding and linking some five hundred modules. As CommonJS, whose few files node loads one after the other without
// a graph to link: a tenth of a warm retrace. bin/crash-digger takes the bundle while nothing in src/ is newer, else the
// sources. Run by the pinned Node, after the npm packages are installed.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";

const root = dirname(import.meta.dirname);
const folder = join(root, "build", "bundle");
const entry = "start.cjs";
const keptMs = 24 * 3600 * 1000;

const bundle = await rolldown({
  input: join(root, "src", "cli", "start.ts"),
  platform: "node",
  external: [/^node:/],
  plugins: [{ name: "own-folders", transform: inOwnFolder }],
});
const { output } = await bundle.generate({
  dir: folder,
  format: "cjs",
  entryFileNames: entry,
  chunkFileNames: "[name]-[hash].cjs",
  sourcemap: true,
});
mkdirSync(folder, { recursive: true });
// The entry last: it refers to the others, and the launcher compares its time with that of the sources.
for (const file of output.toSorted((one, other) => Number(one.fileName === entry) - Number(other.fileName === entry))) {
  place(file.fileName, file.type === "chunk" ? file.code : file.source);
}
removeOld(new Set(output.map(({ fileName }) => fileName)));

// A module that looks for a file beside itself must find it beside its source.
function inOwnFolder(code, id) {
  if (!id.startsWith(join(root, "src")) || !code.includes("import.meta.dirname")) return null;
  const path = JSON.stringify(`/${relative(folder, dirname(id))}`);
  return { code: code.replaceAll("import.meta.dirname", `(__dirname + ${path})`), map: null };
}

// Another process may be starting from the bundle in this moment. A name has its content's hash, except for the entry's.
function place(name, content) {
  const path = join(folder, name);
  if (!name.startsWith(entry) && existsSync(path)) return;
  writeFileSync(`${path}.${process.pid}`, content);
  renameSync(`${path}.${process.pid}`, path);
}

// A command that runs since before may still load a part of an older bundle.
function removeOld(current) {
  const before = Date.now() - keptMs;
  for (const name of readdirSync(folder).filter((each) => !current.has(each))) {
    const path = join(folder, name);
    if (statSync(path).mtimeMs < before) rmSync(path, { force: true });
  }
}
