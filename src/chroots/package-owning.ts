import { join } from "node:path";
import { pathSpellings } from "../symbols/module-path.ts";
import { run, succeeded } from "../system/process.ts";

/**
 * Which package of a system ships a path, `package=version`; null when its dpkg knows none. Only its database is read:
 * nothing of the system runs.
 */
export async function packageOwning(root: string, place: string, signal: AbortSignal): Promise<string | null> {
  const admin = `--admindir=${join(root, "var/lib/dpkg")}`;
  for (const path of pathSpellings(place)) {
    // Names in a search are patterns, unless escaped.
    const pattern = path.replace(/[\\*?[]/g, "\\$&");
    const found = await ask([admin, "--search", pattern], signal);
    const name = found.split("\n").flatMap((line) => /^([a-z0-9][a-z0-9+.:-]*): /.exec(line)?.[1] ?? [])[0];
    if (name === undefined) continue;
    const version = await ask([admin, "--show", "--showformat", `\${Package}=\${Version}`, name], signal);
    return version === "" ? null : version;
  }
  return null;
}

async function ask(words: readonly string[], signal: AbortSignal): Promise<string> {
  const result = await run(["dpkg-query", ...words], { deadlineMs: 60_000, maxStdoutBytes: 64 * 1024, signal });
  return succeeded(result) ? result.stdout.toString("utf8").trim() : "";
}
