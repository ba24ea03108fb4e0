import type { CoreModule } from "../core/types.ts";
import { isPlainPath } from "./module-path.ts";
import type { StoredFile } from "./store/types.ts";
import type { Absence, ModuleFidelity, ModuleStatus } from "./types.ts";

/** What one source said about a module that it could not deliver. */
export type Avenue = { readonly source: string; readonly absence: Absence };

type Files = { readonly executable: StoredFile | null; readonly debug: StoredFile | null };

/** One row of the fidelity table, from the files that we have and the reasons of those that had none. */
export function fidelityOf(
  module: CoreModule,
  files: Files,
  hasSymbols: boolean,
  avenues: readonly Avenue[],
): ModuleFidelity {
  const status = statusOf(module, files, hasSymbols, avenues);
  const telling = avenues.map(({ absence }) => absence).filter(({ versionWanted }) => versionWanted !== null);
  const available = avenues.flatMap(({ absence }) => absence.versionsAvailable);
  return {
    path: module.path,
    buildId: module.buildId,
    status,
    reason: reasonOf(module, status, avenues),
    versionWanted: status === "matched" ? null : (telling.at(-1)?.versionWanted ?? null),
    versionsAvailable: status === "matched" ? [] : [...new Set(available)],
    executable: files.executable?.provenance ?? null,
    debug: files.debug?.provenance ?? null,
  };
}

function statusOf(module: CoreModule, files: Files, hasSymbols: boolean, avenues: readonly Avenue[]): ModuleStatus {
  if (isNoFile(module)) return "no-file";
  if (module.buildId === null) return "no-build-id";
  if (files.executable !== null) return hasSymbols ? "matched" : "no-debug-symbols";
  const told = new Set(avenues.map(({ absence }) => absence.status));
  // The one that says most: a source that never had the file knows less than one that had another version.
  return (["gone", "wrong-version"] as const).find((status) => told.has(status)) ?? "not-packaged";
}

function reasonOf(module: CoreModule, status: ModuleStatus, avenues: readonly Avenue[]): string {
  if (status === "matched") return "";
  if (status === "no-file") return "code that the kernel or the program itself made; nobody ships it";
  if (status === "no-build-id") return "the core does not hold the file's build-id, so no file can be proven right";
  if (!isPlainPath(module.path)) return "its path in the core is not that of a file";
  const reasons = avenues.map(({ source, absence }) => `${source}: ${absence.reason}`);
  if (reasons.length > 0) return reasons.join("; ");
  return status === "no-debug-symbols"
    ? "the shared part (dwz) of its debug symbols is missing"
    : "no source of symbols was asked";
}

// `[vdso]` and `[unknown]`: core/ puts what is no file into brackets.
function isNoFile(module: CoreModule): boolean {
  return module.path.startsWith("[");
}
