import { procMapsOf } from "../core/proc-maps.ts";
import type { Core } from "../core/types.ts";

const signalAbort = 6;

/**
 * The report's fields, completed from the core where the report lacks what the core knows: ExecutablePath,
 * Signal, ProcMaps. What the report says of itself stays: clients compute signatures from it.
 */
export function completedFields(fields: ReadonlyMap<string, string>, core: Core): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  const program = core.modules.find((module) => module.isExecutable);
  if (program !== undefined) known.set("ExecutablePath", program.path);
  if (core.signal !== null) known.set("Signal", String(core.signal));
  if (core.mappings.length > 0) known.set("ProcMaps", procMapsOf(core));
  return new Map([...known, ...fields]);
}

/** Whether the program ended itself with abort(), so that an assertion may have been the reason. */
export function wasAborted(fields: ReadonlyMap<string, string>): boolean {
  return fields.get("Signal") === String(signalAbort);
}
