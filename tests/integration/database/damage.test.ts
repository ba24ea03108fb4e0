import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, open, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyDatabase } from "../../../src/database/copy-database.ts";
import { DamagedDatabase } from "../../../src/database/damaged-database.ts";
import { openDatabase } from "../../../src/database/open-database.ts";
import { requireSoundDatabase } from "../../../src/database/sound-file.ts";
import { createNotes, type NotesSchema } from "./notes-schema.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "damage-"));
  path = join(folder, "notes.db");
});
afterEach(() => rm(folder, { recursive: true }));

async function session(): Promise<number> {
  const database = await openDatabase<NotesSchema>(path, { migrations: [createNotes] });
  try {
    await database.integrityCheck("unless-known");
    return (await database.kysely.selectFrom("notes").select("id").execute()).length;
  } finally {
    await database.close();
  }
}

const addAndWait = `
import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, "../../../src/database/open-database.ts"))};
import { createNotes } from ${JSON.stringify(join(import.meta.dirname, "notes-schema.ts"))};
const [path, count] = process.argv.slice(1);
const database = await openDatabase(path, { migrations: [createNotes] });
const notes = Array.from({ length: Number(count) }, (_, index) => ({ id: index + 1, text: "x".repeat(3000) }));
await database.kysely.insertInto("notes").values(notes).execute();
process.stdout.write("added\\n");
setInterval(() => {}, 1000);`;

/** A process adds notes and is killed before it closes the database. */
async function killedAfterAdding(count: number): Promise<void> {
  await session();
  const child = spawn(process.execPath, ["--input-type=module", "-e", addAndWait, path, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("a log that is gone with the last changes is noticed, by whoever opens the database", async () => {
  await killedAfterAdding(3);
  const log = await readFile(`${path}-wal`);
  await rm(`${path}-wal`);
  await rm(`${path}-shm`);
  await expect(session()).rejects.toThrow(/notes\.db is damaged: its write-ahead log .*notes\.db-wal is gone/);
  await expect(session()).rejects.toBeInstanceOf(DamagedDatabase);
  await expect(requireSoundDatabase(path)).rejects.toThrow(DamagedDatabase);
  await writeFile(`${path}-wal`, log);
  expect(await session()).toBe(3);
});

test("an emptied log is as good as none", async () => {
  await killedAfterAdding(3);
  await truncate(`${path}-wal`, 0);
  await expect(session()).rejects.toThrow(/is gone, and with it the last changes/);
});

const peaceful: Readonly<Record<string, () => Promise<unknown> | unknown>> = {
  "the next process merges it": () => session(),
  "another program merges it": () => {
    using sqlite = new DatabaseSync(path);
    sqlite.prepare("SELECT count(*) FROM notes").get();
  },
  "a backup merges it": () => copyDatabase(path, join(folder, "copy.db")),
};

test.each(Object.entries(peaceful))(
  "a log that is gone because it was merged is none that is missed: %s",
  async (_, merge) => {
    await killedAfterAdding(3);
    await merge();
    expect(existsSync(`${path}-wal`)).toBe(false);
    expect(await session()).toBe(3);
    expect(existsSync(`${path}.unmerged`)).toBe(false);
  },
);

test("who closes the file at this moment, and has removed one of its two files, is waited for", async () => {
  await killedAfterAdding(3);
  // As between the two steps of the last one to close it, when its log held nothing that was not merged already.
  await rename(`${path}-wal`, `${path}.log`);
  const opening = session();
  await delay(200);
  await rm(`${path}.unmerged`);
  await expect(opening).resolves.toBeTypeOf("number");
});

test("a log that was merged on the way, before the kill, is missed no less", async () => {
  // A thousand pages of log are merged by SQLite itself while it goes on.
  await killedAfterAdding(1100);
  expect((await stat(path)).size).toBeGreaterThan(1_000_000);
  expect(await session()).toBe(1100);
});

test("a database that is gone is not made anew as long as its mark is there", async () => {
  await session();
  await rename(path, `${path}.elsewhere`);
  await expect(session()).rejects.toThrow(/notes\.db is gone: .*notes\.db\.checked tells that it was there/);
  await expect(session()).rejects.toBeInstanceOf(DamagedDatabase);
  expect(existsSync(path)).toBe(false);
  await rm(`${path}.checked`);
  expect(await session()).toBe(0);
});

test("a damaged database is not migrated", async () => {
  const database = await openDatabase<NotesSchema>(path, { migrations: [createNotes] });
  const notes = Array.from({ length: 200 }, (_, id) => ({ id, text: "note ".repeat(50) }));
  await database.kysely.insertInto("notes").values(notes).execute();
  await database.close();
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(5000, 0xa5), 0, 5000, (await file.stat()).size - 9000);
  await file.close();
  const before = await readFile(path);
  const further = { name: "further", apply: async () => {} };
  const opened = openDatabase(path, { migrations: [createNotes, further] });
  await expect(opened).rejects.toThrow(/notes\.db is damaged: /);
  expect((await readFile(path)).equals(before)).toBe(true);
});
