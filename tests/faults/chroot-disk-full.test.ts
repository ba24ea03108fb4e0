import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { run } from "../../src/system/process.ts";
import { type ChrootWorld, createChrootWorld, inChroot, plantChroot } from "../lab/chroot-lab.ts";
import { createCommandLab, launcher } from "../lab/command.ts";

// A system is copied: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 300_000 });

let lab: ChrootWorld;

beforeAll(async () => {
  lab = await createChrootWorld();
});
afterAll(() => lab?.[Symbol.asyncDispose]());

// A file system with room for one system and a bit, seen by this shell and its children only.
const script = `
  mount -t tmpfs -o size=$1m tmpfs "$6" || exit 42
  cp --archive "$2/." "$6" && mount --bind "$6" "$2" || exit 43
  c=$3 f=$4; chroot() { "$c" --config "$f" chroot "$@"; }
  tell() { echo "== $1: $?"; }
  free() { df --output=avail "$6" | tail -n 1; }
  before=$(free "$@")
  chroot upgrade "$5"; tell upgraded
  cat "$2"/*/current/root/usr/share/lab-tool/version; tell good
  chroot enter "$5" --broken -- true; tell broken
  echo "== taken: $((before - $(free "$@")))"`;

test("a disk that is full in mid-upgrade stops it, gives its room back, and the good chroot stays", async () => {
  const command = await createCommandLab(lab, inChroot);
  await plantChroot(command, lab);
  await lab.upload("2.0");
  const [folder, disk] = [join(command.cacheFolder, "chroots"), join(lab.folder, "disk")];
  await mkdir(disk);
  const words = ["200", folder, launcher, command.configFile, lab.release, disk];
  const ended = await run(["unshare", "--mount", "sh", "-c", `exec 2>&1; ${script}`, "sh", ...words], {
    deadlineMs: 290_000,
  });
  const output = ended.stdout.toString("utf8");
  expect(output).toMatch(/No space left on device[\s\S]*What to do: [\s\S]*== upgraded: 1\n/);
  expect(output).toMatch(/^1\.0\n== good: 0\n.*the disk was full\n== broken: 1$/m);
  // In KiB: the note that it is broken, and no file of it.
  expect(Number(/^== taken: (\d+)$/m.exec(output)?.[1])).toBeLessThan(1000);
});
