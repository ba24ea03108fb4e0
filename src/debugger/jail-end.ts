import type { JailResult } from "../system/jail.ts";
import { describeEnd } from "../system/process.ts";

const tellingSignals: ReadonlyMap<number, string> = new Map([
  [24, "used up its CPU time"],
  [31, "killed for a system call that the jail forbids (the core may be an attack)"],
]);

/** How a jailed program ended, in words. bwrap passes a signal on as 128 + its number, the way a shell does. */
export function describeJailEnd(result: JailResult): string {
  const { exitCode } = result;
  if (exitCode === null || exitCode <= 128) return describeEnd(result);
  return tellingSignals.get(exitCode - 128) ?? `killed by signal ${exitCode - 128}`;
}
