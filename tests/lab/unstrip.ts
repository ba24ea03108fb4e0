import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";

/** A module as elfutils sees it, and as we compare it. */
export type ComparedModule = { readonly start: string; readonly buildId: string | null; readonly path: string };

/** The modules that `eu-unstrip -n --core` (elfutils) finds in a core, by address. */
export function unstripModules(core: string): ComparedModule[] {
  const lines = execFileSync("eu-unstrip", ["-n", `--core=${core}`], { encoding: "utf8" })
    .trim()
    .split("\n");
  return lines.map(compared).sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** A path as it is compared: links resolved, since the dynamic linker's name for a file is often one. */
export function comparablePath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

// START+SIZE BUILD-ID@ADDRESS FILE DEBUG-FILE NAME. FILE is "." or "-" where elfutils needs no file or has
// none; NAME is then the path (of the program) or a bare soname (of the vdso).
function compared(line: string): ComparedModule {
  const [range = "", id = "", file = "", , ...name] = line.split(" ");
  const path = file.startsWith("/") ? file : name.join(" ");
  return {
    start: range.split("+")[0] ?? "",
    buildId: /^[0-9a-f]+/.exec(id)?.[0] ?? null,
    path: path.startsWith("linux-vdso") || path.startsWith("linux-gate") ? "[vdso]" : comparablePath(path),
  };
}
