import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type Database, openDatabase } from "../../../src/database/open-database.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { createNotes, type NotesSchema } from "./notes-schema.ts";

const markSchema = z.object({ bootId: z.string(), file: z.string(), checkedAt: z.string() });
type Mark = z.infer<typeof markSchema>;

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "known-sound-"));
  path = join(folder, "notes.db");
});

afterEach(async () => rm(folder, { recursive: true }));

/** One process's life with the database, as a batch has it. */
async function session(
  work: (database: Database<NotesSchema>) => Promise<void> = async () => {},
  journal: "wal" | "rollback" = "wal",
): Promise<void> {
  const database = await openDatabase<NotesSchema>(path, { migrations: [createNotes], journal });
  try {
    await database.integrityCheck("unless-known");
    await work(database);
  } finally {
    await database.close();
  }
}

async function addNotes(database: Database<NotesSchema>, first = 1): Promise<void> {
  const notes = Array.from({ length: 200 }, (_, index) => ({ id: first + index, text: "note ".repeat(50) }));
  await database.kysely.insertInto("notes").values(notes).execute();
}

async function readMark(): Promise<Mark> {
  return markSchema.parse(JSON.parse(await readFile(`${path}.checked`, "utf8")));
}

/** Changes the mark: as if the full check had been a while ago, for a later one to be told from it. */
async function changeMark(change: Partial<Mark>): Promise<void> {
  await writeFile(`${path}.checked`, JSON.stringify({ ...(await readMark()), ...change }));
}

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3600_000).toISOString();

/** Whether a session checks the whole file. */
async function checksFully(...parameters: Parameters<typeof session>): Promise<boolean> {
  const before = (await readMark()).checkedAt;
  await session(...parameters);
  return (await readMark()).checkedAt !== before;
}

async function makeSoundAnHourAgo(journal?: "wal" | "rollback"): Promise<void> {
  await session(addNotes, journal);
  await changeMark({ checkedAt: hoursAgo(1) });
}

async function spoilPage(): Promise<void> {
  const { size } = await stat(path);
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(5000, 0xa5), 0, 5000, size - 9000);
  await file.close();
}

test.each(["wal", "rollback"] as const)("what only we have changed is not read again (%s)", async (journal) => {
  await makeSoundAnHourAgo(journal);
  expect(await checksFully(undefined, journal)).toBe(false);
  expect(await checksFully((database) => addNotes(database, 1000), journal)).toBe(false);
  expect(await checksFully((database) => database.transaction((db) => addNotesIn(db)), journal)).toBe(false);
  expect(await checksFully(undefined, journal)).toBe(false);
});

async function addNotesIn(db: Database<NotesSchema>["kysely"]): Promise<void> {
  await db.insertInto("notes").values({ id: 5000, text: "in a transaction" }).execute();
}

test("a command that checks nothing but writes leaves the file known", async () => {
  await makeSoundAnHourAgo();
  const database = await openDatabase<NotesSchema>(path, { migrations: [createNotes] });
  await addNotes(database, 1000);
  await database.close();
  expect(await checksFully()).toBe(false);
});

const damages: Readonly<Record<string, () => Promise<void>>> = {
  "a page": spoilPage,
  "a page, with the time set back": async () => {
    const { atime, mtime } = await stat(path);
    await spoilPage();
    await utimes(path, atime, mtime);
  },
  "a page of a copy that was moved here": async () => {
    await copyFile(path, `${path}.copy`);
    await rename(`${path}.copy`, path);
    await spoilPage();
  },
  "the end": async () => truncate(path, (await stat(path)).size - 4096),
  "all but the header": () => truncate(path, 512),
};

test.each(Object.entries(damages))("damage between two batches is found by the second: %s", async (_, damage) => {
  await session(addNotes);
  await damage();
  await expect(session()).rejects.toBeInstanceOf(ServiceFailure);
  await expect(session()).rejects.toBeInstanceOf(ServiceFailure);
});

test("damage while a batch has it open is found by the next one", async () => {
  await session(addNotes, "rollback");
  await session(async (database) => {
    await database.kysely.insertInto("notes").values({ id: 5000, text: "before" }).execute();
    await spoilPage();
    await database.kysely.selectFrom("notes").select("id").limit(1).execute();
  }, "rollback");
  await expect(session(undefined, "rollback")).rejects.toBeInstanceOf(ServiceFailure);
});

const reasons: Readonly<Record<string, () => Promise<void>>> = {
  "another program wrote": async () => writeAsAnother(),
  "the check was more than a day ago": () => changeMark({ checkedAt: hoursAgo(25) }),
  "the check seems to come from the future": () => changeMark({ checkedAt: hoursAgo(-2) }),
  "the machine was started anew": () => changeMark({ bootId: "another" }),
  "the mark was half written": () => truncate(`${path}.checked`, 40),
  "a transaction did not end": () => writeFile(`${path}-journal`, "a transaction"),
  "the mark is as old as the file": async () => {
    const { mtime } = await stat(path);
    await utimes(`${path}.checked`, mtime, new Date(Math.floor(mtime.getTime() / 1000) * 1000));
  },
};

test.each(Object.entries(reasons))("the whole file is read when %s", async (_, happens) => {
  await makeSoundAnHourAgo("rollback");
  const before = (await readMark()).checkedAt;
  await happens();
  await session(undefined, "rollback");
  expect([before, hoursAgo(25)]).not.toContain((await readMark()).checkedAt);
  expect(Date.parse((await readMark()).checkedAt)).toBeGreaterThan(Date.now() - 600_000);
  expect(Date.parse((await readMark()).checkedAt)).toBeLessThanOrEqual(Date.now());
});

function writeAsAnother(): void {
  using sqlite = new DatabaseSync(path);
  sqlite.exec("INSERT INTO notes VALUES (9000, 'by another')");
}

test("what another program wrote while we had it open is read by the next one", async () => {
  await makeSoundAnHourAgo("rollback");
  await session(async (database) => {
    await database.kysely.insertInto("notes").values({ id: 5000, text: "ours" }).execute();
    writeAsAnother();
    await database.kysely.insertInto("notes").values({ id: 5001, text: "ours" }).execute();
  }, "rollback");
  expect(await checksFully(undefined, "rollback")).toBe(true);
});

test("a full check is full, whatever is known: a disk may have lost what no program changed", async () => {
  await session(addNotes);
  await spoilPage();
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  // Below the file system no time changes; here the mark is made to fit instead. It counts when it is newer than the file.
  await delay(20);
  await changeMark({ file: [dev, ino, size, mtimeNs, ctimeNs].join(" ") });
  await session(async (database) => {
    await expect(database.integrityCheck()).rejects.toBeInstanceOf(ServiceFailure);
  });
});

test("where no mark can be left, each start reads the whole file", async () => {
  await session(addNotes);
  await rm(`${path}.checked`);
  await session(async () => {
    await rm(`${path}.checked`, { force: true });
    await mkdir(`${path}.checked`);
  });
  await session();
});
