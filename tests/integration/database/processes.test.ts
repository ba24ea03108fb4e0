import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../../../src/database/open-database.ts";
import { createNotes, type NotesSchema } from "./notes-schema.ts";

const writer = fileURLToPath(new URL("./writer.ts", import.meta.url));
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "database-"));
  path = join(folder, "notes.db");
});

afterEach(async () => rm(folder, { recursive: true }));

function startWriter(...words: string[]) {
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", writer, path, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function readNotes(): Promise<readonly { id: number; text: string }[]> {
  const database = await openDatabase<NotesSchema>(path, { migrations: [createNotes] });
  await database.integrityCheck();
  const rows = await database.kysely.selectFrom("notes").selectAll().orderBy("id").execute();
  await database.close();
  return rows;
}

test("two processes that create and write one file at the same time lose nothing", async () => {
  const writers = [startWriter("add", "60"), startWriter("add", "60")];
  const codes = await Promise.all(writers.map((child) => once(child, "exit")));
  expect(codes.map(([code]) => code)).toEqual([0, 0]);
  const notes = await readNotes();
  expect(notes.map((note) => note.id)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
  expect(new Set(notes.map((note) => note.text)).size).toBe(2);
});

test("a process killed in the middle of a transaction leaves nothing of it", async () => {
  const child = startWriter("hang", "3000");
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await readNotes()).toEqual([]);
});
