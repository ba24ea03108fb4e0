import { chmod, mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DamagedDatabase } from "../../../src/database/damaged-database.ts";
import type { Migration } from "../../../src/database/migrations.ts";
import { type Database, openDatabase } from "../../../src/database/open-database.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { createNotes, type NotesSchema } from "./notes-schema.ts";

let folder: string;
let path: string;
const opened: Database<NotesSchema>[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "database-"));
  path = join(folder, "state", "notes.db");
});

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  await rm(folder, { recursive: true });
});

async function openNotes(options: Partial<Parameters<typeof openDatabase>[1]> = {}): Promise<Database<NotesSchema>> {
  const database = await openDatabase<NotesSchema>(path, { migrations: [createNotes], ...options });
  opened.push(database);
  return database;
}

async function failureOf(work: Promise<unknown>): Promise<ServiceFailure> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServiceFailure);
  return error as ServiceFailure;
}

test("a new database and its folder are for their owner only", async () => {
  const database = await openNotes();
  await database.kysely.insertInto("notes").values({ id: 1, text: "one" }).execute();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(`${path}-wal`)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "state"))).mode & 0o777).toBe(0o700);
});

test("the mode of an existing file is left alone", async () => {
  await (await openNotes({ mode: 0o644 })).close();
  expect((await stat(path)).mode & 0o777).toBe(0o644);
  await chmod(path, 0o640);
  await openNotes();
  expect((await stat(path)).mode & 0o777).toBe(0o640);
});

test("what was written is there after opening again, and migrations are not repeated", async () => {
  const first = await openNotes();
  await first.kysely.insertInto("notes").values({ id: 7, text: "seven" }).execute();
  await first.close();
  await first.close();
  const second = await openNotes();
  expect(await second.kysely.selectFrom("notes").selectAll().execute()).toEqual([{ id: 7, text: "seven" }]);
});

test("a later migration is applied to an older file", async () => {
  await (await openNotes()).close();
  const addColumn: Migration = {
    name: "author",
    apply: async (transaction) => {
      await sql`ALTER TABLE notes ADD COLUMN author TEXT`.execute(transaction);
    },
  };
  const database = await openNotes({ migrations: [createNotes, addColumn] });
  await sql`INSERT INTO notes (id, text, author) VALUES (1, 'a', 'b')`.execute(database.kysely);
  await database.close();
  const failure = await failureOf(openNotes());
  expect(failure.message).toContain("2 migrations");
  expect(failure.remedy).toContain("newer crash-digger");
});

test("a migration that fails leaves nothing behind", async () => {
  const half: Migration = {
    name: "half",
    apply: async (transaction) => {
      await sql`CREATE TABLE half (id INTEGER)`.execute(transaction);
      throw new Error("the second half is missing");
    },
  };
  await expect(openNotes({ migrations: [createNotes, half] })).rejects.toThrow("the second half is missing");
  const database = await openNotes();
  const tables = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE name = 'half'`.execute(
    database.kysely,
  );
  expect(tables.rows).toEqual([]);
});

test("a file that has a table already which it does not know of is damaged", async () => {
  const database = await openNotes();
  await sql`DELETE FROM crash_digger_migrations`.execute(database.kysely);
  await database.close();
  const failure = await failureOf(openNotes());
  expect(failure).toBeInstanceOf(DamagedDatabase);
  expect(failure.message).toMatch(/notes\.db: it cannot be brought up to date: table notes already exists/);
  expect(failure.remedy).toContain("last good copy");
});

test("a column that is gone is damage, also for whoever reads through a whole table", async () => {
  const database = await openNotes();
  await sql`ALTER TABLE notes RENAME COLUMN text TO tixt`.execute(database.kysely);
  const failure = await failureOf(database.readThrough(sql`SELECT text FROM notes`, () => {}));
  expect(failure).toBeInstanceOf(DamagedDatabase);
  expect(failure.message).toMatch(/notes\.db: no such column: text/);
  await database.close();
});

test("a file of another part of the program is refused", async () => {
  await (await openNotes()).close();
  const failure = await failureOf(openNotes({ migrations: [{ ...createNotes, name: "something else" }] }));
  expect(failure.message).toContain('unknown migration 1 "notes"');
});

test("a file that is not SQLite is refused with its name and a remedy", async () => {
  path = join(folder, "notes.txt");
  await writeFile(path, "Dear diary, ".repeat(200));
  const failure = await failureOf(openNotes());
  expect(failure.message).toContain(path);
  expect(failure.message).toContain("file is not a database");
  expect(failure.remedy).toContain("not a SQLite database");
});

test("a damaged file is noticed by the integrity check, with SQLite's words", async () => {
  const database = await openNotes();
  await database.kysely
    .insertInto("notes")
    .values(Array.from({ length: 400 }, (_, id) => ({ id, text: "note ".repeat(50) })))
    .execute();
  await database.integrityCheck();
  await database.close();
  await overwriteMiddle(path);
  const damaged = await openNotes();
  const failure = await failureOf(damaged.integrityCheck());
  expect(failure.message).toContain(path);
  expect(failure.message).toMatch(/malformed|btree|Tree|page/);
  expect(failure.remedy).toContain("last good copy");
});

async function overwriteMiddle(file: string): Promise<void> {
  const handle = await open(file, "r+");
  const { size } = await handle.stat();
  await handle.write(Buffer.alloc(20_000, 0xa5), 0, 20_000, Math.floor(size / 2));
  await handle.close();
}

test("a missing file is an error for a reader, and is not created", async () => {
  const failure = await failureOf(openNotes({ readOnly: true }));
  expect(failure.message).toContain("unable to open database file");
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

test("a reader cannot write", async () => {
  await (await openNotes()).close();
  const reader = await openNotes({ readOnly: true });
  expect(await reader.kysely.selectFrom("notes").selectAll().execute()).toEqual([]);
  const failure = await failureOf(reader.kysely.insertInto("notes").values({ id: 1, text: "" }).execute());
  expect(failure.message).toContain("readonly");
});

test("with a rollback journal the one file is complete between transactions", async () => {
  const database = await openNotes({ journal: "rollback" });
  await database.kysely.insertInto("notes").values({ id: 1, text: "findme" }).execute();
  expect((await readFile(path)).includes("findme")).toBe(true);
  await expect(stat(`${path}-wal`)).rejects.toThrow("ENOENT");
  await expect(stat(`${path}-journal`)).rejects.toThrow("ENOENT");
});

test("a constraint that is violated stays an ordinary error, and the transaction is rolled back", async () => {
  const database = await openNotes();
  await database.kysely.insertInto("notes").values({ id: 1, text: "one" }).execute();
  const work = database.transaction(async (transaction) => {
    await transaction.insertInto("notes").values({ id: 2, text: "two" }).execute();
    await transaction.insertInto("notes").values({ id: 1, text: "again" }).execute();
  });
  await expect(work).rejects.not.toBeInstanceOf(ServiceFailure);
  expect(await database.kysely.selectFrom("notes").select("id").execute()).toEqual([{ id: 1 }]);
});

test("transactions of many tasks do not mix, and single statements wait for them", async () => {
  const database = await openNotes();
  const failing = database.transaction(async (transaction) => {
    await transaction.insertInto("notes").values({ id: 100, text: "to be rolled back" }).execute();
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error("no");
  });
  const single = database.kysely.insertInto("notes").values({ id: 200, text: "on its own" }).execute();
  const counting = Array.from({ length: 20 }, () => database.transaction((transaction) => appendNext(transaction)));
  await expect(failing).rejects.toThrow("no");
  await Promise.all([single, ...counting]);
  const ids = await database.kysely.selectFrom("notes").select("id").orderBy("id").execute();
  expect(ids.map((row) => row.id)).toEqual(Array.from({ length: 21 }, (_, index) => 200 + index));
});

async function appendNext(transaction: Database<NotesSchema>["kysely"]): Promise<void> {
  const row = await transaction.selectFrom("notes").select("id").orderBy("id", "desc").executeTakeFirst();
  await new Promise((resolve) => setImmediate(resolve));
  await transaction
    .insertInto("notes")
    .values({ id: (row?.id ?? 0) + 1, text: "" })
    .execute();
}

test("a query outside the transaction from inside it is an error and not a wait without end", async () => {
  const database = await openNotes();
  const work = database.transaction(async () => {
    await database.kysely.selectFrom("notes").selectAll().execute();
  });
  await expect(work).rejects.toThrow("outside the transaction");
  expect(await database.kysely.selectFrom("notes").selectAll().execute()).toEqual([]);
});

test("a lock that another connection keeps too long is a service failure", async () => {
  const holder = await openNotes();
  const waiting = await openNotes({ busyTimeoutMs: 50 });
  await holder.transaction(async () => {
    const failure = await failureOf(waiting.kysely.insertInto("notes").values({ id: 1, text: "" }).execute());
    expect(failure.message).toContain("database is locked");
    expect(failure.remedy).toContain(`fuser -v ${path}`);
  });
});

test("a second connection of the same process waits for the first without blocking it", async () => {
  const first = await openNotes();
  const second = await openNotes();
  const slow = first.transaction(async (transaction) => {
    await transaction.insertInto("notes").values({ id: 1, text: "first" }).execute();
    await new Promise((resolve) => setTimeout(resolve, 30));
  });
  const waiting = second.transaction((transaction) => appendNext(transaction));
  await Promise.all([slow, waiting]);
  expect(await first.kysely.selectFrom("notes").select("id").execute()).toEqual([{ id: 1 }, { id: 2 }]);
});

test("a definition that refers to a column that is none is damage, and told as such", async () => {
  const database = await openNotes();
  await sql`CREATE TABLE parent (name TEXT)`.execute(database.kysely);
  await sql`CREATE TABLE child (parent TEXT REFERENCES parent (name))`.execute(database.kysely);
  await sql`PRAGMA foreign_keys = OFF`.execute(database.kysely);
  await sql`INSERT INTO child VALUES ('x')`.execute(database.kysely);
  const failure = await failureOf(database.integrityCheck());
  expect(failure.message).toContain("foreign key mismatch");
  expect(failure.remedy).toContain("last good copy");
});

test("what need not be synced is there for every process at once, and afterwards commits are synced again", async () => {
  const database = await openNotes();
  const level = () => sql<{ synchronous: number }>`PRAGMA synchronous`.execute(database.kysely);
  const inside = await database.unsynced(async (alone) => {
    await alone.insertInto("notes").values({ id: 1, text: "one" }).execute();
    return (await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(alone)).rows;
  });
  expect(inside).toEqual([{ synchronous: 1 }]);
  expect((await level()).rows).toEqual([{ synchronous: 2 }]);
  const other = await openNotes();
  expect(await other.kysely.selectFrom("notes").select("id").execute()).toEqual([{ id: 1 }]);
  await expect(database.unsynced(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect((await level()).rows).toEqual([{ synchronous: 2 }]);
});

test("with a rollback journal every commit is synced", async () => {
  const database = await openNotes({ journal: "rollback" });
  const inside = await database.unsynced(
    async (alone) => (await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(alone)).rows,
  );
  expect(inside).toEqual([{ synchronous: 3 }]);
});
