import type { JailLimits } from "../system/jail.ts";

/** How much gdb may use for one core; from `[gdb]` of the configuration. */
export type DebuggerLimits = Pick<JailLimits, "wallMs" | "memoryBytes" | "outputBytes" | "processes">;

/** The jail's limits for one run of gdb. */
export function jailLimits(limits: DebuggerLimits): JailLimits {
  const wallSeconds = Math.ceil(limits.wallMs / 1000);
  // gdb reads symbols in a few threads, so its CPU time may be ahead of the clock.
  return { ...limits, cpuSeconds: 2 * wallSeconds + 1, scratchBytes: 16 * 1024 ** 2, openFiles: 1024 };
}
