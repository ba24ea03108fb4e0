import { procMapsOf } from "../core/proc-maps.ts";
import { signalName } from "../core/signal-name.ts";
import type { Core } from "../core/types.ts";

/** The fields that a core alone tells: ProcMaps, ProcCmdline, ProcStatus (name and pid), Signal, SignalName. */
export function fieldsOfCore(core: Core): Record<string, string> {
  const fields: Record<string, string> = {};
  if (core.mappings.length > 0) fields["ProcMaps"] = procMapsOf(core).trimEnd();
  if (core.commandLine !== null) fields["ProcCmdline"] = core.commandLine;
  if (core.commandName !== null) fields["ProcStatus"] = `Name:\t${core.commandName}\nPid:\t${core.pid}`;
  if (core.signal === null) return fields;
  const name = signalName(core.signal, core.machine);
  return { ...fields, Signal: String(core.signal), ...(name === null ? {} : { SignalName: name }) };
}
