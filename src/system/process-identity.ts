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

/**
 * Start time of a process in clock ticks since boot, null when there is no such process. One that has ended and waits for
 * its parent to ask how (a zombie) is none any more: below a careless first process of a container it waits for ever.
 */
export function startTicksOf(pid: number): string | null {
  const stat = readProc(`/proc/${pid}/stat`);
  // The second field is the command's name in brackets and may itself hold blanks and brackets: `12 (a) b) S …`.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields === undefined || /^[ZX]/.test(fields[0] ?? "") ? null : (fields[19] ?? null);
}

// In /proc a second has a hundred ticks on every machine (USER_HZ); the time of the boot is told in whole seconds.
const ticksPerSecond = 100;
const slackMs = 2_000;

/** Whether a process is there that was started by that time, as far as this machine's clock tells. */
export function wasStartedBy(pid: number, time: Date): boolean {
  const ticks = startTicksOf(pid);
  const boot = /^btime (\d+)$/m.exec(readProc("/proc/stat") ?? "")?.[1];
  if (ticks === null || boot === undefined) return ticks !== null;
  const startedMs = (Number(boot) + Number(ticks) / ticksPerSecond) * 1000;
  return startedMs <= time.getTime() + slackMs;
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // No such process, or no /proc at all: both mean that nothing is known.
    return null;
  }
}
