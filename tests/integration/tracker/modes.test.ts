import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../../src/system/process.ts";
import { writeCrash } from "../../lab/tracker/crash-file.ts";
import { makeTrackerWorld } from "../../lab/tracker/tracker-world.ts";

/** Modes of everything below a folder, by path, the folder itself too. */
async function modesBelow(folder: string): Promise<Map<string, string>> {
  const names = [".", ...(await readdir(folder, { recursive: true }))];
  const modes = new Map<string, string>();
  for (const name of names) modes.set(name, ((await stat(join(folder, name))).mode & 0o7777).toString(8));
  return modes;
}

test.each(["000", "022", "077"])("with umask %s files are 0600 and folders 0700", async (umask) => {
  await using world = await makeTrackerWorld();
  const seed = { binaries: { CoreDump: Buffer.from("core") } };
  const report = writeCrash(world.folder, "a.crash", seed);
  const submit = ["sh", "-c", `umask ${umask}; exec "$@"`, "sh", ...world.command, "submit", report] as const;
  const result = await run([...submit], { deadlineMs: 60_000 });
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  const modes = await modesBelow(world.trackerFolder);
  expect(modes.size).toBe(5);
  for (const [name, mode] of modes) {
    const isFolder = (await stat(join(world.trackerFolder, name))).isDirectory();
    expect([name, mode]).toEqual([name, isFolder ? "700" : "600"]);
  }
});

test("the half-made files of a submission are private, too", async () => {
  await using world = await makeTrackerWorld();
  const gate = join(world.folder, "gate");
  expect((await run(["mkfifo", gate], { deadlineMs: 10_000 })).exitCode).toBe(0);
  const report = writeCrash(world.folder, "a.crash", { binaries: { CoreDump: Buffer.alloc(2_000_000, "core") } });
  // The report without its last byte; the rest comes when the modes have been looked at.
  const script = 'umask 000; report=$1 gate=$2; shift 2; { head -c -1 "$report"; cat "$gate"; } | "$@"';
  const shell = ["sh", "-c", script, "sh", report, gate] as const;
  const submitting = run([...shell, ...world.command, "submit", "-"], { deadlineMs: 60_000 });
  const incoming = join(world.trackerFolder, "incoming");
  const spooled = async (): Promise<number> => {
    const names = await readdir(incoming, { recursive: true }).catch(() => []);
    return names.filter((name) => name.includes("/field-")).length;
  };
  while ((await spooled()) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const modes = await modesBelow(incoming);
  expect((await run(["sh", "-c", 'echo > "$1"', "sh", gate], { deadlineMs: 10_000 })).exitCode).toBe(0);
  expect((await submitting).exitCode).toBe(0);
  expect([...modes.values()].sort()).toEqual(["600", "700", "700"]);
});

test("a folder that the administrator made keeps its mode", async () => {
  await using world = await makeTrackerWorld();
  await mkdir(world.trackerFolder, { recursive: true });
  await chmod(world.trackerFolder, 0o750);
  expect((await world.cli(["list"])).exitCode).toBe(0);
  const modes = await modesBelow(world.trackerFolder);
  expect([modes.get("."), modes.get("files"), modes.get("tracker.db")]).toEqual(["750", "700", "600"]);
});
