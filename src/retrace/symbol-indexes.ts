import type { ResolvedModule } from "../symbols/types.ts";
import type { RetraceServices } from "./types.ts";

// Each may take gdb as long as its whole session: for the rest of the modules there is a next crash.
const mostToMake = 40;

/**
 * gdb's indexes for a crash's modules, by build-id; those that are worth making are made now. gdb reads the symbols of a
 * file without an index itself.
 */
export async function symbolIndexes(
  modules: readonly ResolvedModule[],
  architecture: string,
  makeIndex: RetraceServices["makeIndex"],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  let made = 0;
  for (const { module, symbolIndex } of modules) {
    const buildId = module.buildId ?? "";
    if (symbolIndex.kind === "none" || paths.has(buildId)) continue;
    if (symbolIndex.kind === "stored") {
      paths.set(buildId, symbolIndex.path);
      continue;
    }
    if (made === mostToMake) continue;
    made += 1;
    const path = await makeIndex({ buildId, path: symbolIndex.symbolsPath, architecture }, signal);
    if (path !== null) paths.set(buildId, path);
  }
  return paths;
}
