import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { run } from "../../src/system/process.ts";
import { type ChrootLab, createChrootLab, inChroot } from "../lab/chroot-lab.ts";
import { createCommandLab, launcher } from "../lab/command.ts";

// A system is copied, and installed into, a few times: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 300_000 });

let lab: ChrootLab;

beforeAll(async () => {
  lab = await createChrootLab();
});
afterAll(() => lab?.[Symbol.asyncDispose]());

// A file system with room for one system and a bit, seen by this shell and its children only; then it grows.
const script = `
  mount -t tmpfs -o size=$1m tmpfs "$2" || exit 42
  c=$3 f=$4; chroot() { "$c" --config "$f" chroot "$@"; }
  tell() { echo "== $1: $?"; }
  chroot create "$5"; tell created
  touch "$6/created"
  while [ ! -e "$6/uploaded" ]; do sleep 0.1; done
  chroot upgrade "$5"; tell upgraded
  chroot enter "$5" -- cat /usr/share/lab-tool/version; tell good
  chroot enter "$5" --broken -- true; tell broken
  mount -o remount,size=1g "$2" || exit 42
  chroot upgrade "$5"; tell "upgraded with room"
  chroot enter "$5" -- cat /usr/share/lab-tool/version`;

test("a disk that is full in mid-upgrade stops it, gives its room back, and the good chroot stays", async () => {
  const command = await createCommandLab(lab, inChroot);
  const [folder, notes] = [join(command.cacheFolder, "chroots"), join(command.stateFolder, "notes")];
  await mkdir(folder);
  await mkdir(notes);
  const words = ["200", folder, launcher, command.configFile, lab.release, notes];
  const ended = run(["unshare", "--mount", "sh", "-c", `exec 2>&1; ${script}`, "sh", ...words], {
    deadlineMs: 290_000,
  });
  await expect.poll(() => existsSync(join(notes, "created")), { timeout: 200_000 }).toBe(true);
  await lab.upload("2.0");
  await writeFile(join(notes, "uploaded"), "");
  const output = (await ended).stdout.toString("utf8");
  expect(output).toMatch(/== created: 0\n/);
  expect(output).toMatch(/No space left on device[\s\S]*What to do: [\s\S]*== upgraded: 1\n/);
  expect(output).toMatch(/^1\.0\n== good: 0\n.*the disk was full\n== broken: 1$/m);
  expect(output).toMatch(/== upgraded with room: 0\n2\.0\n$/);
});
