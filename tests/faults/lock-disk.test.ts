import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../src/system/process.ts";
import { type CommandLab, createCommandLab, launcher } from "../lab/command.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { withOwnMounts, withoutMountRights } from "../lab/mount-namespace.ts";
import { pythonReport } from "../lab/python-report.ts";

let lab: Lab;
let report: string;
beforeAll(async () => {
  lab = await createLab();
  const script = { scriptPath: `${lab.folder}/opt/timesheet.py`, package: "timesheet 1.0-1", release: lab.release };
  report = await pythonReport(script, `${lab.folder}/python.crash`);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

// A file system of 64 KiB for the lock alone, seen by this shell and its children only.
const shell = `
  disk=$1 config=$2
  mount -t tmpfs -o size=64k,mode=1777 tmpfs "$disk" || exit 42
  digger() { command=$1; shift; $DROP "${launcher}" --config "$config" "$command" --lock "$disk/lock" >/dev/null; }
  batch() { digger run; echo "exit $?" >&2; }
  fill() { cat /dev/zero >"$disk/ballast" 2>/dev/null; }
  free() { rm "$disk/ballast"; }
`.replace("$DROP", withoutMountRights);

/** Runs lines of shell there. @returns what is said on stderr. */
async function onSmallDisk(command: CommandLab, lines: string): Promise<string> {
  const disk = await mkdtemp(join(lab.folder, "lock-disk-"));
  const words = [disk, command.configFile];
  const result = await run([...withOwnMounts(), "sh", "-c", shell + lines, "sh", ...words], { deadlineMs: 100_000 });
  return result.stderr;
}

test("on a disk without room for its lock no batch runs; that is told once, and over with room and unlock", async () => {
  const command = await createCommandLab(lab);
  const crash = await command.submit(report);
  const said = await onSmallDisk(
    command,
    `digger unlock; fill; batch; batch; free; batch; digger unlock; batch
     test ! -e "$disk/lock" && echo "no lock is left" >&2`,
  );
  expect(said).toMatch(
    /^crash-digger run failed: the lock \S+ cannot be used: no space left on its disk\n[\s\S]*\nWhat to do: Make room [\s\S]*\nexit 1\nexit 0\nexit 0\nexit 0\nno lock is left\n$/,
  );
  expect((await command.crash(crash)).header.tags).toEqual([]);
});

test("a kill is noted in the lock although the disk is full by then, and told once", async () => {
  const command = await createCommandLab(lab);
  const said = await onSmallDisk(
    command,
    `digger unlock
     printf '4194999\\nboot: %s\\nstarted: 1\\n' "$(cat /proc/sys/kernel/random/boot_id)" >"$disk/lock"
     fill; batch; batch; grep -q "^reason: .*was killed" "$disk/lock" && echo noted >&2`,
  );
  expect(said).toMatch(/^crash-digger is stopped: process 4194999 was killed[\s\S]*\nexit 1\nexit 0\nnoted\n$/);
});
