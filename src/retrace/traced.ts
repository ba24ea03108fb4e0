import type { Core } from "../core/types.ts";
import type { DebuggerOutput } from "../debugger/types.ts";
import type { ResolvedModule } from "../symbols/types.ts";
import { addressSignatureOf } from "../trace/address-signature-of.ts";
import { assertionMessageOf } from "../trace/assertion-message-of.ts";
import { isUseful } from "../trace/is-useful.ts";
import { joinFrames } from "../trace/join-frames.ts";
import { stacktraceTop } from "../trace/stacktrace-top.ts";
import { completedFields, wasAborted } from "./known-fields.ts";
import type { Traced } from "./types.ts";

/** A trace out of what gdb said: the fields as Apport makes them, and the frames joined with the modules. */
export function tracedFrom(
  reportFields: ReadonlyMap<string, string>,
  core: Core,
  modules: readonly ResolvedModule[],
  output: DebuggerOutput,
): Omit<Traced, "manifest"> {
  const known = completedFields(reportFields, core);
  const fields = new Map<string, string>([
    ["Stacktrace", output.stacktrace],
    ["ThreadStacktrace", output.threadStacktrace],
    ["StacktraceTop", stacktraceTop(output.stacktrace)],
    ["Registers", output.registers],
    ["Disassembly", output.disassembly],
    ...missing(reportFields, known),
    ...assertion(known, output),
  ]);
  return {
    kind: "traced",
    fields: new Map([...fields, ...addressSignature(new Map([...known, ...fields]))]),
    threads: joinFrames(output.threads, core.modules),
    modules: modules.map((module) => module.fidelity),
    useful: isUseful(fields.get("StacktraceTop") ?? ""),
  };
}

function missing(reported: ReadonlyMap<string, string>, known: ReadonlyMap<string, string>): [string, string][] {
  return [...known].filter(([name]) => !reported.has(name));
}

function assertion(known: ReadonlyMap<string, string>, output: DebuggerOutput): [string, string][] {
  if (!wasAborted(known)) return [];
  const message = assertionMessageOf({ glib: output.glibAssertMessage, glibc: output.abortMessage });
  return message === null ? [] : [["AssertionMessage", message]];
}

// A client's own address signature stays: it is the one that other clients, who have no symbols either, will
// ask for. A report whose maps cannot be read has none, and its trace is good all the same.
function addressSignature(fields: ReadonlyMap<string, string>): [string, string][] {
  if (fields.has("StacktraceAddressSignature")) return [];
  const found = addressSignatureOf(fields);
  return found.kind === "signature" ? [["StacktraceAddressSignature", found.signature]] : [];
}
