import { mkdir, mkdtemp, readFile, rmdir, writeFile } from "node:fs/promises";
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

test("a lock that cannot be used is told once, again when the reminder is due, and at once when it comes back", async () => {
  const command = await createCommandLab(lab);
  const batch = async () => {
    const { exitCode, stdout, stderr } = await command.crashDigger(["run"]);
    return { exitCode, log: stdout.toString("utf8"), stderr };
  };
  const told = {
    exitCode: 1,
    stderr: expect.stringMatching(/^crash-digger run failed: the lock \S+ cannot be read: it is not a regular file\n/),
  };
  await mkdir(command.lockPath);
  expect(await batch()).toMatchObject(told);
  const again = await batch();
  expect(again).toMatchObject({ exitCode: 1, stderr: "" });
  expect(again.log).toMatch(/ failed as before, of which people were told command=run reason="the lock /);
  await shiftNote(command, -25);
  expect(await batch()).toMatchObject(told);
  await rmdir(command.lockPath);
  expect(await batch()).toMatchObject({ exitCode: 0, stderr: "" });
  await mkdir(command.lockPath);
  expect(await batch()).toMatchObject(told);
});

/** As if people had been told so many hours later. */
async function shiftNote({ cacheFolder }: CommandLab, hours: number): Promise<void> {
  const path = join(cacheFolder, "lock-failure.told");
  const note = JSON.parse(await readFile(path, "utf8"));
  const at = new Date(Date.parse(note.at) + hours * 3_600_000).toISOString();
  await writeFile(path, JSON.stringify({ ...note, at }));
}
