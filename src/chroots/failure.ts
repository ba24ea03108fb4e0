import { aptLines } from "../symbols/archive/apt-failure.ts";
import { messageOf, ServiceFailure } from "../system/failure.ts";
import { describeEnd, type ProcessResult } from "../system/process.ts";

const maxLines = 30;
const maxLineLength = 500;

/**
 * A command that did not end well, with the end of what it and the scripts that it ran printed: which package it was, and
 * in its own words why, is mostly in the last lines.
 */
export function commandFailure(what: string, result: ProcessResult, output: string, remedy: string): ServiceFailure {
  const lines = output
    .split("\n")
    .map((line) => line.split("\r").at(-1)?.trimEnd() ?? "")
    .filter((line) => line !== "")
    .map((line) => `  ${line.slice(0, maxLineLength)}`)
    .slice(-maxLines);
  // `dpkg: error processing package foo (--configure):` belongs into the first line, which is a mail's subject.
  const processing = lines.find((line) => /^ {2}dpkg: error processing/.test(line))?.replace(/^ *dpkg: |:$/g, "");
  const end = processing === undefined ? describeEnd(result) : `${describeEnd(result)}: ${processing}`;
  return new ServiceFailure([`${what} failed: ${end}`, ...lines].join("\n"), { remedy });
}

/** What apt said of a plan that it cannot make, on one line. */
export function aptReason(result: ProcessResult): string {
  const lines = aptLines(result.stderr);
  return lines.length === 0 ? describeEnd(result) : lines.map((line) => line.slice(3)).join("; ");
}

/** A failure to write, as one of the service; anything else as it is. */
export function asServiceFailure(cause: unknown, what: string): unknown {
  if (cause instanceof ServiceFailure || !(cause instanceof Error && "code" in cause)) return cause;
  return new ServiceFailure(`${what}: ${messageOf(cause)}`, {
    cause,
    remedy: "Make room on the disk that holds cache_dir, and let this user write there.",
  });
}

/** Whether a disk that is full was in the way. */
export function isNoRoom(error: unknown): boolean {
  return /No space left on device|ENOSPC|Disk quota exceeded/i.test(messageOf(error));
}
