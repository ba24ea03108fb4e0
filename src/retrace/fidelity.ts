import type { ModuleFidelity } from "../symbols/types.ts";

/**
 * How many of a crash's files are proven down to their debug symbols, e.g. `4/5`. The kernel's `[vdso]` is
 * none.
 */
export function fidelitySummary(modules: readonly ModuleFidelity[]): string {
  const files = modules.filter((module) => module.status !== "no-file");
  return `${files.filter((module) => module.status === "matched").length}/${files.length}`;
}

/** Lines for people: every module that is not fully known, and why. */
export function fidelityRemarks(modules: readonly ModuleFidelity[]): readonly string[] {
  return modules
    .filter((module) => module.status !== "matched" && module.status !== "no-file")
    .map((module) => `${module.path}: ${module.status}${module.reason === "" ? "" : ` (${module.reason})`}`);
}
