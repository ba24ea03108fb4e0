import type { Config } from "../config/schema.ts";
import type { DebuggerLimits } from "../debugger/debugger-limits.ts";

/** What gdb may use for one core, from `[gdb]` of the configuration. */
export function debuggerLimits({ gdb }: Config): DebuggerLimits {
  return {
    wallMs: gdb.timeout_s * 1000,
    memoryBytes: gdb.memory_bytes,
    outputBytes: gdb.output_bytes,
    processes: gdb.processes,
  };
}
