import type { ModuleFidelity } from "../symbols/types.ts";

/** How many of a crash's modules are proven down to their debug symbols, e.g. `4/5`. */
export function fidelitySummary(modules: readonly ModuleFidelity[]): string {
  const matched = modules.filter((module) => module.status === "matched").length;
  return `${matched}/${modules.length}`;
}

/** Lines for people: every module that is not fully known, and why. */
export function fidelityRemarks(modules: readonly ModuleFidelity[]): readonly string[] {
  return modules
    .filter((module) => module.status !== "matched")
    .map((module) => `${module.path}: ${module.status}${module.reason === "" ? "" : ` (${module.reason})`}`);
}
