import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ProcessResult, run } from "../../src/system/process.ts";
import { type CommandLab, createCommandLab, launcher, withoutSourceLines } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { withOwnMounts, withoutMountRights } from "../lab/mount-namespace.ts";

let lab: Lab;
let report: string;

beforeAll(async () => {
  lab = await createLab();
  report = await crashReport(lab, lab.programs.workers);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

// A file system of so many KiB in place of the cache folder, seen by this shell and its children only. The first batch
// fills it, then it grows and a second batch goes on with whatever the first one left there.
const script = `
  mount -t tmpfs -o size=$1k tmpfs "$2" || exit 42
  $4 "$3" --config "$5" run; echo "first batch: $?" >&2
  cp "$6" "$2/../kept.lock"
  mount -o remount,size=1g "$2" || exit 42
  $4 "$3" --config "$5" unlock >/dev/null
  $4 "$3" --config "$5" run >/dev/null; echo "second batch: $?" >&2`;

/** Two batches in a mount namespace of their own. */
async function batchesOnSmallDisk(command: CommandLab, kibibytes: number): Promise<ProcessResult> {
  const { cacheFolder, configFile, lockPath } = command;
  const words = [String(kibibytes), cacheFolder, launcher, withoutMountRights, configFile, lockPath];
  return run([...withOwnMounts(), "sh", "-c", script, "sh", ...words], { deadlineMs: 100_000 });
}

// What stands in the cache at each stage of this crash, in KiB: 1,220 of core, then 6,800 of files by build-id (the core
// is gone by then, or not), then 3,500 of apt's lists, which apt doubles for a moment.
const stages: [string, number, RegExp][] = [
  ["the cache's own database", 16, /cache\.db: (?:disk I\/O error|database or disk is full)/],
  ["the core", 300, /the core cannot be written to .*ENOSPC: no space left on device/],
  ["a file by its build-id", 3_000, /symbol store .* cannot be written: ENOSPC: no space left on device/],
  ["a package list", 9_500, /apt-get update .* failed: .*\n.*E: .*No space left on device/],
];

test.each(stages)(
  "a disk that is full when %s is written stops the batch, and with room again all is well",
  async (_, kibibytes, complaint) => {
    const command = await createCommandLab(lab, withoutSourceLines);
    const crash = await command.submit(report);
    const { stderr } = await batchesOnSmallDisk(command, kibibytes);
    const [first = "", second] = stderr.split("first batch: 1\n");
    expect(first).toMatch(complaint);
    expect(first).toMatch(/^What to do: /m);
    expect(first).toMatch(/\n {2,}at /);
    expect(second).toBe("second batch: 0\n");
    expect(await readFile(join(command.cacheFolder, "..", "kept.lock"), "utf8")).toMatch(/^reason: /m);
    const { header, attachmentTexts } = await command.crash(crash);
    expect(header.tags).not.toContain(`need-${lab.architecture}-retrace`);
    expect(attachmentTexts.get("StacktraceTop.txt")).toMatch(/^count_pages .*\nprint_job .*\nhandle_job /);
  },
);
