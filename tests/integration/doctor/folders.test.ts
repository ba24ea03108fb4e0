import { chmod, chown, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkFolder, checkHardLinks, checkSpace } from "../../../src/doctor/folders.ts";
import { run } from "../../../src/system/process.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { runAsOrdinaryUser } from "../system/other-user.ts";

const userId = process.geteuid?.() ?? 0;
const fixture = "tests/integration/doctor/fixtures/folder.ts";
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder?.[Symbol.asyncDispose]());

async function made(name: string, mode = 0o700): Promise<string> {
  const path = join(folder.path, name);
  await mkdir(path);
  await chmod(path, mode);
  return path;
}

test("a folder of one's own is well, and nothing is left in it", async () => {
  const path = await made("own");
  expect(await checkFolder(path, { userId, mustBePrivate: true })).toEqual({
    outcome: "ok",
    found: `${path} (mode 0700)`,
    remedy: null,
  });
  expect(await checkHardLinks(path, path)).toMatchObject({ outcome: "ok" });
  expect(await readdir(path)).toEqual([]);
});

test("a folder that can still be made is well", async () => {
  const path = join(folder.path, "a", "b");
  expect(await checkFolder(path, { userId, mustBePrivate: true })).toMatchObject({
    outcome: "ok",
    found: expect.stringContaining("not there yet"),
  });
  expect(await readdir(folder.path)).not.toContain("a");
});

test("a folder that others may look into is a warning where cores lie", async () => {
  const path = await made("open", 0o755);
  expect(await checkFolder(path, { userId, mustBePrivate: true })).toMatchObject({
    outcome: "warning",
    remedy: `chmod go= ${path}`,
  });
  expect(await checkFolder(path, { userId, mustBePrivate: false })).toMatchObject({ outcome: "ok" });
});

test("a folder that one may not write is a problem, as is one that cannot be made", async () => {
  const path = await made("closed", 0o555);
  // What root owns nobody may not write; an ordinary user may not write what it has closed itself.
  for (const each of [path, join(path, "below")]) {
    const result = await runAsOrdinaryUser(fixture, [each]);
    expect(JSON.parse(result.stdout.toString("utf8"))).toMatchObject({
      outcome: "problem",
      found: expect.stringMatching(/EACCES/),
      remedy: expect.stringContaining(each),
    });
  }
});

test("a file system that is mounted read-only is a problem for root too", async () => {
  const path = await made("read-only");
  const script = join(import.meta.dirname, "fixtures/folder.ts");
  const box = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", path, path, "--", process.execPath, script, path] as const;
  const result = await run(box, { deadlineMs: 60_000 });
  expect(JSON.parse(result.stdout.toString("utf8"))).toMatchObject({
    outcome: "problem",
    found: expect.stringContaining("EROFS"),
  });
});

test("root is told whose folder it is", async () => {
  const path = await made("of-somebody");
  // An ordinary user's folder is somebody else's to root as it is.
  if (userId === 0) await chown(path, 65534, 65534);
  expect(await checkFolder(path, { userId: 0, mustBePrivate: true })).toMatchObject({
    outcome: "warning",
    found: expect.stringMatching(/belongs to user [1-9]\d*:/),
  });
});

test("two file systems have no hard links between them", async () => {
  expect(await checkHardLinks(folder.path, "/dev/shm")).toMatchObject({
    outcome: "problem",
    found: expect.stringContaining("two file systems"),
  });
});

test("room is told in GiB, and none is a problem", async () => {
  expect((await checkSpace(join(folder.path, "x"))).found).toMatch(/^\d+\.\d GiB free for /);
  expect(await checkSpace("/proc")).toMatchObject({ outcome: "problem" });
});
