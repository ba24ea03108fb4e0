import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DamagedDatabase } from "../../../src/database/damaged-database.ts";
import { withBackupAdvice } from "../../../src/maintenance/backup/advice.ts";
import { withBackupLock } from "../../../src/maintenance/backup/backup-lock.ts";
import { findBackups, newestGood, unpackSound, whyBad } from "../../../src/maintenance/backup/check-backup.ts";
import { type PackedDatabase, readManifest } from "../../../src/maintenance/backup/manifest.ts";
import { storedBackups } from "../../../src/maintenance/backup/stored-backups.ts";
import { takeBackup } from "../../../src/maintenance/backup/take-backup.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { silentLog } from "../../../src/system/log.ts";
import { type BackupLab, clockAt, createBackupLab } from "./backup-lab.ts";

let lab: BackupLab;
beforeEach(async () => {
  lab = await createBackupLab();
});
afterEach(() => lab[Symbol.asyncDispose]());

const at = (moment: string) => ({ clock: clockAt(moment), log: silentLog, version: "1" });

async function take(moment: string, settings: Partial<BackupLab["settings"]> = {}) {
  return await takeBackup({ ...lab.settings, ...settings }, at(moment));
}

async function packed(folder: string, name: string): Promise<PackedDatabase> {
  const manifest = await readManifest(folder);
  const found = typeof manifest === "string" ? undefined : manifest.databases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${folder} has no ${name}`);
  return found;
}

async function changeByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x10;
  await writeFile(path, bytes);
}

test("a backup is dated, private, in both folders, and nothing else is left there", async () => {
  await take("2026-11-28T03:10:05Z");
  for (const folder of [lab.settings.folder, lab.settings.secondFolder]) {
    expect(await readdir(folder)).toEqual(["2026-11-28T031005Z"]);
    const inside = join(folder, "2026-11-28T031005Z");
    expect(await readdir(inside)).toEqual(["duplicates.db.zst", "manifest.json", "state.db.zst"]);
    expect((await stat(join(inside, "state.db.zst"))).mode & 0o777).toBe(0o600);
    expect((await stat(inside)).mode & 0o777).toBe(0o700);
  }
  expect((await findBackups(lab.settings)).map(({ path }) => path)).toEqual([
    join(lab.settings.folder, "2026-11-28T031005Z"),
    join(lab.settings.secondFolder, "2026-11-28T031005Z"),
  ]);
});

const writing = `
import { openDuplicates } from ${JSON.stringify(join(import.meta.dirname, "../../../src/duplicates/duplicates.ts"))};
const duplicates = await openDuplicates(process.argv[1]);
process.stdout.write("writing\\n");
for (let id = 10; ; id += 2) {
  const ask = (id) => duplicates.check(
    { id, signature: "/usr/bin/y:11:f" + id, addressSignature: "a" + id, packageVersion: null }, async () => new Map());
  await ask(id);
  await ask(id + 1);
}`;

test("taken while somebody writes, each backup is of one moment", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", writing, lab.duplicatesPath], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
    const ended = once(child, "exit");
    for (const day of [1, 2, 3]) await take(`2026-11-0${day}T03:00:00Z`);
    expect(child.exitCode).toBeNull();
    child.kill("SIGKILL");
    await ended;
  } finally {
    child.kill("SIGKILL");
  }
  for (const backup of await findBackups(lab.settings)) {
    for (const name of ["state", "duplicates"]) {
      expect(await whyBad(backup, await packed(backup.path, name), lab.settings.folder)).toBeNull();
    }
  }
  await take("2026-11-04T03:00:00Z");
  expect((await lab.known()).length).toBeGreaterThanOrEqual(3);
});

test("what goes by the rules goes in both folders", async () => {
  for (let day = 10; day < 20; day += 1)
    await take(`2026-11-${day}T03:00:00Z`, { keep: { daily: 2, weekly: 0, monthly: 0 } });
  for (const folder of [lab.settings.folder, lab.settings.secondFolder]) {
    expect(await readdir(folder)).toEqual(["2026-11-18T030000Z", "2026-11-19T030000Z"]);
  }
});

test("of two in one second the second one is dated a second later, and is the one of that day", async () => {
  await take("2026-11-28T03:10:05Z");
  await take("2026-11-28T03:10:05Z");
  expect(await readdir(lab.settings.folder)).toEqual(["2026-11-28T031006Z"]);
});

test("a second one beside one that is under way does nothing; what a killed one has left is in nobody's way", async () => {
  const { folder } = lab.settings;
  await mkdir(join(folder, ".work-999999999-1-00000000-0000-0000-0000-000000000000", "half"), { recursive: true });
  await writeFile(join(folder, "backup.lock"), "999999999\nboot: of another time\n");
  const both = await withBackupLock(folder, systemClock, async () => {
    const second = await withBackupLock(folder, systemClock, () => take("2026-11-28T03:10:06Z"));
    return [await take("2026-11-28T03:10:05Z"), second];
  });
  expect(both).toMatchObject([{ name: "2026-11-28T031005Z" }, null]);
  expect(await readdir(folder)).toEqual(["2026-11-28T031005Z", "backup.lock.guard"]);
});

const damages: Readonly<Record<string, (backup: string) => Promise<void>>> = {
  "a bit of a database": (backup) => changeByte(join(backup, "duplicates.db.zst")),
  "a cut-off database": async (backup) => {
    const file = await open(join(backup, "duplicates.db.zst"), "r+");
    await file.truncate(100);
    await file.close();
  },
  "a database that is gone": (backup) => rm(join(backup, "duplicates.db.zst")),
  "a manifest that is gone": (backup) => rm(join(backup, "manifest.json")),
  "another database in its place": async (backup) => {
    await writeFile(join(backup, "duplicates.db.zst"), await readFile(join(backup, "state.db.zst")));
  },
};

test.each(Object.entries(damages))("a backup that was damaged is passed over: %s", async (_, damage) => {
  await take("2026-11-27T03:00:00Z", { secondFolder: null as never });
  await take("2026-11-28T03:00:00Z", { secondFolder: null as never });
  await damage(join(lab.settings.folder, "2026-11-28T030000Z"));
  const good = await newestGood(lab.settings, "duplicates");
  expect(good?.backup.name).toBe("2026-11-27T030000Z");
  expect(await readdir(lab.settings.folder)).toEqual(["2026-11-27T030000Z", "2026-11-28T030000Z"]);
});

test("a copy in the second folder serves when the first is damaged", async () => {
  await take("2026-11-28T03:00:00Z");
  await changeByte(join(lab.settings.folder, "2026-11-28T030000Z", "state.db.zst"));
  expect((await newestGood(lab.settings, "state"))?.backup.path).toBe(
    join(lab.settings.secondFolder, "2026-11-28T030000Z"),
  );
});

test("a backup that unpacks to more than it should is not unpacked to the end", async () => {
  await take("2026-11-28T03:00:00Z");
  const [backup] = await findBackups(lab.settings);
  if (backup === undefined) throw new Error("there is no backup");
  const told = { ...(await packed(backup.path, "state")), sizeBytes: 5000 };
  expect(await unpackSound(backup, told, join(lab.folder, "out.db"))).toBe(
    "state.db.zst: it holds more than 5000 bytes",
  );
});

test("a damaged database is not backed up over good ones, and the next batch is made to look", async () => {
  await take("2026-11-27T03:00:00Z");
  const file = await open(lab.duplicatesPath, "r+");
  await file.write(Buffer.alloc(64, 0xff), 0, 64, 4096);
  await file.close();
  const error = await take("2026-11-28T03:00:00Z").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DamagedDatabase);
  expect((await storedBackups(lab.settings.folder)).map(({ name }) => name)).toEqual(["2026-11-27T030000Z"]);
  expect(existsSync(`${lab.duplicatesPath}.checked`)).toBe(false);
  const words = (all: readonly string[]) => all.join(" ");
  expect(await withBackupAdvice(new Error("while working", { cause: error }), lab.settings, words)).toMatchObject({
    message: "while working",
    remedy: expect.stringContaining("backup restore duplicates --at 2026-11-27T030000Z"),
  });
});

test("without a good backup the advice says so", async () => {
  const error = new DamagedDatabase(lab.statePath, "damaged", { remedy: "Look." });
  const advised = await withBackupAdvice(error, lab.settings, (all) => all.join(" "));
  expect(advised).toMatchObject({ remedy: `There is no good backup of it (in ${lab.settings.folder}). Look.` });
});

test("a folder where nothing can be kept is a failure that says what to do", async () => {
  await writeFile(lab.settings.secondFolder, "a file in its place");
  const error = await take("2026-11-28T03:00:00Z").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ServiceFailure);
  expect(error).toMatchObject({ message: expect.stringMatching(/^no backup could be made in .*second: /) });
  // What could be kept is, and is found.
  expect((await newestGood(lab.settings, "state"))?.backup.name).toBe("2026-11-28T030000Z");
  expect((await findBackups(lab.settings)).at(-1)).toMatchObject({
    path: lab.settings.secondFolder,
    manifest: expect.stringMatching(/^it cannot be read: /),
  });
});
