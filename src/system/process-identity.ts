import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** What tells one process from every other, on this machine and over reboots. */
export type ProcessIdentity = {
  readonly pid: number;
  /** Kernel's random id of this boot; empty where /proc does not tell. */
  readonly bootId: string;
  /** Start time in clock ticks since boot (proc(5), stat field 22); empty where /proc does not tell. */
  readonly startTicks: string;
  readonly host: string;
};

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, bootId: bootId(), startTicks: startTicksOf(process.pid) ?? "", host: hostname() };
}

// The running kernel's boot id.
function bootId(): string {
  return readProc("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

/** Start time of a process in clock ticks since boot, null when there is no such process. */
export function startTicksOf(pid: number): string | null {
  const stat = readProc(`/proc/${pid}/stat`);
  // The second field is the command's name in brackets and may itself hold blanks and brackets: `12 (a) b) S …`.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields?.[19] ?? null;
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // No such process, or no /proc at all: both mean that nothing is known.
    return null;
  }
}
