import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { openDatabase } from "../../../src/database/open-database.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { minimalEnvironment, type ProcessResult, run } from "../../../src/system/process.ts";
import { compile } from "../../lab/build.ts";
import { createNotes, type NotesSchema } from "./notes-schema.ts";

const maker = fileURLToPath(new URL("./maker.ts", import.meta.url));
const killer = join(import.meta.dirname, "../../lab/killed/die-at.c");

const isLong = process.env["CRASH_DIGGER_LONG"] === "1";

let folder: string;
let state: string;
let path: string;
let library: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "create-database-"));
  const output = join(folder, "die-at.so");
  library = await compile({ sources: [killer], output, flags: ["-shared", "-fPIC", "-O1", "-ldl"] });
  state = join(folder, "state");
  path = join(state, "notes.db");
});
beforeEach(() => rm(state, { recursive: true, force: true }));
afterAll(() => rm(folder, { recursive: true }));

function make(journal: "wal" | "rollback", environment: Readonly<Record<string, string>>): Promise<ProcessResult> {
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", maker, path, journal] as const;
  const env = { ...minimalEnvironment, LD_PRELOAD: library, DIE_FILES: `${state}/`, ...environment };
  return run([...command], { deadlineMs: 60_000, env });
}

async function openNotes(journal: "wal" | "rollback" = "wal", readOnly = false): Promise<void> {
  const database = await openDatabase<NotesSchema>(path, { migrations: [createNotes], journal, readOnly });
  try {
    await database.integrityCheck();
    expect(await database.kysely.selectFrom("notes").selectAll().execute()).toEqual([]);
  } finally {
    await database.close();
  }
}

test.each(["wal", "rollback"] as const)(
  "killed at any step of making a database (%s), the next start makes it and nothing is left",
  async (journal) => {
    const counts = join(folder, "counts.json");
    expect((await make(journal, { DIE_COUNTS: counts })).exitCode).toBe(0);
    const { steps, writes } = z
      .object({ steps: z.int(), writes: z.int() })
      .parse(JSON.parse(await readFile(counts, "utf8")));
    expect([steps, writes].every((count) => count >= 2)).toBe(true);
    const deaths = [...upTo("DIE_AT_STEP", steps), ...upTo("DIE_AT_WRITE", writes)];
    // The short form dies at every sixth; first and last are among them.
    const chosen = deaths.filter((_, index) => isLong || index % 6 === 0 || index === deaths.length - 1);
    for (const death of chosen) {
      await rm(state, { recursive: true, force: true });
      expect((await make(journal, death)).signal, JSON.stringify(death)).toBe("SIGKILL");
      await openNotes(journal);
      expect(await readdir(state), JSON.stringify(death)).toEqual(["notes.db", "notes.db.checked"]);
    }
  },
);

function upTo(name: string, count: number): readonly Readonly<Record<string, string>>[] {
  return Array.from({ length: count }, (_, index) => ({ [name]: String(index + 1) }));
}

test("what another process is making at this moment is left alone", async () => {
  await mkdir(state);
  const stat = await readFile("/proc/self/stat", "utf8");
  const startTicks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  const name = `notes.db.new-${process.pid}-${startTicks}-00000000-0000-4000-8000-000000000000`;
  await writeFile(join(state, name), "");
  await openNotes();
  expect(await readdir(state)).toContain(name);
});

test.each([
  ["empty", ""],
  ["cut off", "SQLite format 3"],
])("a file that is %s has lost its content: it is refused and left as it is", async (what, content) => {
  await mkdir(state);
  await writeFile(path, content);
  for (const readOnly of [false, true]) {
    const failure = await openNotes("wal", readOnly).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ServiceFailure);
    expect(String(failure)).toContain(what);
    expect((failure as ServiceFailure).remedy).toContain("remove the file");
  }
  expect(await readFile(path, "utf8")).toBe(content);
});
