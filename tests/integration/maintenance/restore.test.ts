import { existsSync } from "node:fs";
import { chmod, chown, copyFile, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { readRestoredNote } from "../../../src/database/restored-note.ts";
import { newestGood } from "../../../src/maintenance/backup/check-backup.ts";
import { type RestoreChoice, restore } from "../../../src/maintenance/backup/restore.ts";
import { takeBackup } from "../../../src/maintenance/backup/take-backup.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { silentLog } from "../../../src/system/log.ts";
import { minimalEnvironment, type ProcessResult, run } from "../../../src/system/process.ts";
import { compile } from "../../lab/build.ts";
import { randomFrom, seedOfRun } from "../../lab/random.ts";
import { type BackupLab, clockAt, createBackupLab, withState } from "./backup-lab.ts";

const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
const someDeaths = 5;
const seed = seedOfRun();

let compiled: string;
let library: string;
beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), "die-at-"));
  const sources = [join(import.meta.dirname, "../../lab/killed/die-at.c")] as const;
  library = await compile({ sources, output: join(compiled, "die-at.so"), flags: ["-shared", "-fPIC", "-O1", "-ldl"] });
});
afterAll(() => rm(compiled, { recursive: true }));

let lab: BackupLab;
beforeEach(async () => {
  lab = await createBackupLab();
});
afterEach(() => lab[Symbol.asyncDispose]());

async function take(moment: string): Promise<void> {
  await takeBackup(lab.settings, { clock: clockAt(moment), log: silentLog, version: "1" });
}

async function putBack(choice: Partial<RestoreChoice> = {}) {
  const all = { names: ["duplicates"] as const, at: null, ...choice };
  return await restore(all, lab.settings, async () => [], clockAt("2026-11-29T12:00:00Z"));
}

async function changeMiddle(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x10;
  await writeFile(path, bytes);
}

test("what is put back is as it was, what was there is kept, and a note says how old it is", async () => {
  await take("2026-11-28T03:00:00Z");
  await lab.learn([4]);
  await chmod(lab.duplicatesPath, 0o640);
  const [restored] = await putBack();
  expect(restored).toMatchObject({ name: "duplicates", takenAt: "2026-11-28T03:00:00.000Z", passedOver: [] });
  expect(await lab.known()).toEqual([1, 2, 3]);
  using kept = new DatabaseSync(restored?.keptAs ?? "", { readOnly: true });
  expect(kept.prepare("SELECT count(*) AS n FROM crashes").get()).toEqual({ n: 4 });
  expect((await stat(lab.duplicatesPath)).mode & 0o777).toBe(0o640);
  expect(readRestoredNote(lab.duplicatesPath)).toEqual({ asOf: "2026-11-28T03:00:00.000Z", forgotUpTo: null });
  expect(await readdir(join(lab.folder, "state"))).toEqual([
    ...["duplicates.db", "duplicates.db.checked", "duplicates.db.replaced-2026-11-29T120000Z"],
    ...["duplicates.db.restored", "state.db"],
  ]);
});

test("put back by root, it stays the service's", async () => {
  await take("2026-11-28T03:00:00Z");
  // An ordinary user can only keep what is theirs.
  const service = process.getuid?.() === 0 ? 65534 : (process.getuid?.() ?? 0);
  await chown(lab.duplicatesPath, service, -1);
  await putBack();
  expect((await stat(lab.duplicatesPath)).uid).toBe(service);
});

test("the log of what is replaced goes with it, and is not applied to what is put back", async () => {
  await withState(lab.statePath, (state) => state.beginBatch("before", 1, new Date()));
  await take("2026-11-28T03:00:00Z");
  await withState(lab.statePath, async (state) => {
    for (let count = 0; count < 20; count += 1) await state.beginBatch("after", 1, new Date());
    // As a kill leaves it.
    await copyFile(lab.statePath, join(lab.folder, "main"));
    await copyFile(`${lab.statePath}-wal`, join(lab.folder, "log"));
  });
  await copyFile(join(lab.folder, "main"), lab.statePath);
  await copyFile(join(lab.folder, "log"), `${lab.statePath}-wal`);
  const [restored] = await putBack({ names: ["state"] });
  expect(existsSync(`${lab.statePath}-wal`)).toBe(false);
  expect(await withState(lab.statePath, (state) => state.lastBatches(100))).toHaveLength(2);
  expect(await withState(restored?.keptAs ?? "", (state) => state.lastBatches(100))).toHaveLength(22);
});

test("put back twice before a batch has caught up, the note keeps the older moment", async () => {
  await take("2026-11-27T03:00:00Z");
  await take("2026-11-28T03:00:00Z");
  await putBack({ at: new Date("2026-11-27T23:59:59Z") });
  await putBack();
  expect(readRestoredNote(lab.duplicatesPath)?.asOf).toBe("2026-11-27T03:00:00.000Z");
});

test("a bad backup is passed over, unless it is the one that was asked for", async () => {
  await take("2026-11-27T03:00:00Z");
  await lab.learn([4]);
  await take("2026-11-28T03:00:00Z");
  for (const folder of [lab.settings.folder, lab.settings.secondFolder]) {
    await changeMiddle(join(folder, "2026-11-28T030000Z", "duplicates.db.zst"));
  }
  const before = await readdir(join(lab.folder, "state"));
  await expect(putBack({ at: new Date("2026-11-28T23:59:59Z") })).rejects.toThrow(
    /^there is no good backup of the database duplicates taken by 2026-11-28T23:59:59\.000Z: .*030000Z: duplicates\.db\.zst/,
  );
  expect(await readdir(join(lab.folder, "state"))).toEqual(before);
  const [restored] = await putBack();
  expect(restored).toMatchObject({
    takenAt: "2026-11-27T03:00:00.000Z",
    passedOver: [expect.any(String), expect.any(String)],
  });
  expect(await lab.known()).toEqual([1, 2, 3]);
});

test("of several databases none is replaced when one has no good backup", async () => {
  await take("2026-11-28T03:00:00Z");
  for (const folder of [lab.settings.folder, lab.settings.secondFolder]) {
    await rm(join(folder, "2026-11-28T030000Z", "duplicates.db.zst"));
  }
  const before = await readdir(join(lab.folder, "state"));
  await expect(putBack({ names: ["state", "duplicates"] })).rejects.toThrow(
    /no good backup of the database duplicates/,
  );
  expect(await readdir(join(lab.folder, "state"))).toEqual(before);
});

test("without names, what is damaged or gone is put back, and nothing else", async () => {
  await take("2026-11-28T03:00:00Z");
  await expect(putBack({ names: [] })).rejects.toThrow("every database is there and sound");
  await rm(lab.duplicatesPath);
  await rm(`${lab.duplicatesPath}.checked`);
  expect(await putBack({ names: [] })).toMatchObject([{ name: "duplicates", keptAs: null }]);
  expect((await stat(lab.duplicatesPath)).mode & 0o777).toBe(0o644);
  await writeFile(lab.statePath, "no database at all, and long enough to be looked at\n".repeat(100));
  expect(await putBack({ names: [] })).toMatchObject([{ name: "state" }]);
});

/** Runs the worker, to be killed there. */
function work(what: "take" | "restore", environment: Readonly<Record<string, string>>): Promise<ProcessResult> {
  const script = fileURLToPath(new URL("./worker.ts", import.meta.url));
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", script, what] as const;
  const env = { ...minimalEnvironment, LD_PRELOAD: library, DIE_FILES: `${lab.folder}/`, ...environment };
  return run([...command, JSON.stringify(lab.settings)], { deadlineMs: 60_000, env });
}

/** Every step at which it may be killed, or some by chance. */
async function deathsOf(what: "take" | "restore"): Promise<readonly Readonly<Record<string, string>>[]> {
  const counts = join(lab.folder, "counts.json");
  expect(await work(what, { DIE_COUNTS: counts })).toMatchObject({ exitCode: 0, stderr: "" });
  const { steps, writes } = z
    .object({ steps: z.int(), writes: z.int() })
    .parse(JSON.parse(await readFile(counts, "utf8")));
  const all = [...upTo("DIE_AT_STEP", steps), ...upTo("DIE_AT_WRITE", writes)];
  if (isLong) return all;
  const random = randomFrom(what, seed);
  return Array.from({ length: someDeaths }, () => random.pick(all));
}

function upTo(name: string, count: number): readonly Readonly<Record<string, string>>[] {
  return Array.from({ length: count }, (_, index) => ({ [name]: String(index + 1) }));
}

test("killed at any step, a backup counts only when it is whole, and the next one is taken", {
  timeout: 600_000,
}, async () => {
  const deaths = await deathsOf("take");
  await rm(lab.settings.folder, { recursive: true });
  await rm(lab.settings.secondFolder, { recursive: true });
  for (const death of deaths) {
    const where = `${JSON.stringify(death)} CRASH_DIGGER_SEED=${seed}`;
    await work("take", death);
    for (const folder of [lab.settings.folder, lab.settings.secondFolder]) {
      const whole = (existsSync(folder) ? await readdir(folder) : []).filter((name) => !name.startsWith(".work-"));
      const settings = { ...lab.settings, folder, secondFolder: null };
      if (whole.length > 0) expect((await newestGood(settings, "duplicates"))?.backup.name, where).toBe(whole.at(-1));
    }
  }
  await takeBackup(lab.settings, { clock: systemClock, log: silentLog, version: "1" });
  for (const folder of [lab.settings.folder, lab.settings.secondFolder]) expect(await readdir(folder)).toHaveLength(1);
});

test("killed at any step, a restore leaves the old database or the new one, and can be repeated", {
  timeout: 600_000,
}, async () => {
  await take("2026-11-28T03:00:00Z");
  await lab.learn([4]);
  const folder = join(lab.folder, "state");
  await cp(folder, join(lab.folder, "as-it-was"), { recursive: true, preserveTimestamps: true });
  for (const death of await deathsOf("restore")) {
    const where = `${JSON.stringify(death)} CRASH_DIGGER_SEED=${seed}`;
    await rm(folder, { recursive: true });
    await cp(join(lab.folder, "as-it-was"), folder, { recursive: true, preserveTimestamps: true });
    await work("restore", death);
    const ids = await lab.known();
    expect(
      [
        [1, 2, 3],
        [1, 2, 3, 4],
      ],
      where,
    ).toContainEqual(ids);
    // Whoever meets the new one is told how old it is.
    if (ids.length === 3) expect(readRestoredNote(lab.duplicatesPath), where).not.toBeNull();
    expect(await withState(lab.statePath, (state) => state.lastBatches(9)), where).toHaveLength(1);
    await putBack({ names: ["state", "duplicates"] });
    expect(await lab.known(), where).toEqual([1, 2, 3]);
  }
});
