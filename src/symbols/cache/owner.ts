import { readlinkSync } from "node:fs";
import { crc32 } from "node:zlib";
import { ownIdentity, startTicksOf } from "../../system/process-identity.ts";

// What a process leaves behind when it is killed (a hold, a half-written file) carries this in its name, so that
// another one can tell whether anybody still works with it. Containers that share a cache have process numbers of
// their own: about those that cannot be seen from here only the age says something.
const maxAgeMs = 24 * 3600_000;
const pattern = /([0-9a-f]{8})-([0-9a-f]{8})-(\d{1,10})-(\d{1,20})(?![0-9a-f])/;

/** This process as a name: machine, boot, process number and start time. */
export function ownerName(): string {
  const { bootId, pid, startTicks } = ownIdentity();
  return `${machine()}-${digest(bootId)}-${pid}-${startTicks || "0"}`;
}

let made = 0;

/** A new name for something that is being made aside by this process. */
export function asideName(): string {
  // The owner's name is no other process's; and node:crypto takes long to load, which a gdb waits for.
  return `${ownerName()}.${process.hrtime.bigint()}-${made++}`;
}

/** Whether the process that a name tells has ended; of one that cannot be seen from here, whether it is a day old. */
export function isAbandoned(name: string, ageMs: number): boolean {
  const [, itsMachine, boot, pid, ticks] = pattern.exec(name) ?? [];
  if (itsMachine !== machine()) return ageMs > maxAgeMs;
  return boot !== digest(ownIdentity().bootId) || (startTicksOf(Number(pid)) ?? "gone") !== ticks;
}

function machine(): string {
  return digest(`${ownIdentity().host} ${processNamespace()}`);
}

function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    // No /proc: then no process can be looked up either, and startTicksOf says the same of all.
    return "";
  }
}

function digest(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
