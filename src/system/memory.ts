import { readFileSync } from "node:fs";

/** How much memory a process takes, handed in where it is needed so that tests can choose it. */
export type MemoryGauge = {
  /** What is resident now, bytes. */
  residentBytes(): number;
  /** The most that was resident since the process began, bytes; null where /proc does not tell. */
  peakBytes(): number | null;
};

/** This process, without its children. */
// The peak is VmHWM and not getrusage's ru_maxrss. That one survives exec: of a process which a large one (a test
// runner, a monitoring agent) has forked, it tells the large one's memory, for ever.
export const ownMemory: MemoryGauge = {
  residentBytes: () => process.memoryUsage.rss(),
  peakBytes: () => peakIn(readStatus()),
};

/** VmHWM of a `/proc/PID/status` (proc(5)), bytes; null when it is not in there. */
export function peakIn(status: string): number | null {
  const [, kibibytes] = /^VmHWM:\s+(\d{1,15}) kB$/m.exec(status) ?? [];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

function readStatus(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    // No /proc: nothing is known, and a batch does not fail for it.
    return "";
  }
}
