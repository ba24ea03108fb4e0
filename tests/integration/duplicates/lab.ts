import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Duplicates, openDuplicates } from "../../../src/duplicates/duplicates.ts";
import type { CrashId, CrashStatus, DuplicateQuestion, StatusOf } from "../../../src/duplicates/types.ts";
import { run, succeeded } from "../../../src/system/process.ts";

/** A duplicate database in a folder of its own, and a tracker in which every crash is open unless told. */
export type DuplicatesLab = {
  readonly folder: string;
  readonly path: string;
  readonly duplicates: Duplicates;
  readonly statuses: Map<CrashId, CrashStatus>;
  /** The ids that the tracker was asked about, one list a question. */
  readonly asked: CrashId[][];
  readonly statusOf: StatusOf;
  ask(id: CrashId, rest?: Partial<DuplicateQuestion>): ReturnType<Duplicates["check"]>;
  /** Closes the database, lets Python run on the file, opens it again. @returns what Python printed. */
  throughPython(script: string): Promise<string>;
  dispose(): Promise<void>;
};

export async function makeDuplicatesLab(): Promise<DuplicatesLab> {
  const folder = await mkdtemp(join(tmpdir(), "duplicates-"));
  const path = join(folder, "duplicates.db");
  let duplicates = await openDuplicates(path);
  const statuses = new Map<CrashId, CrashStatus>();
  const asked: CrashId[][] = [];
  const statusOf: StatusOf = async (ids) => {
    asked.push([...ids]);
    return new Map(ids.map((id) => [id, statuses.get(id) ?? { kind: "open" }]));
  };
  return {
    folder,
    path,
    get duplicates() {
      return duplicates;
    },
    statuses,
    asked,
    statusOf,
    ask: (id, rest = {}) =>
      duplicates.check({ id, signature: null, addressSignature: null, packageVersion: "1.0", ...rest }, statusOf),
    throughPython: async (script) => {
      await duplicates.close();
      const output = await runPython(path, script);
      duplicates = await openDuplicates(path);
      return output;
    },
    dispose: async () => {
      await duplicates.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Runs a Python script with the database open as `db`; it is committed at the end. */
export async function runPython(path: string, script: string): Promise<string> {
  const whole = `import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\n${script}\ndb.commit()\ndb.close()\n`;
  const result = await run(["/usr/bin/python3", "-c", whole, path], { deadlineMs: 60_000 });
  if (!succeeded(result)) throw new Error(`python3: ${result.stderr}${result.startError ?? ""}`);
  return result.stdout.toString();
}

/** Everything in the database, as one text: equal before and after means that nothing was changed. */
export function contentOf(path: string): string {
  const sqlite = new DatabaseSync(path, { readOnly: true });
  const tables = sqlite.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  const content = tables.map(({ name }) => [name, sqlite.prepare(`SELECT * FROM "${name}" ORDER BY 1`).all()]);
  sqlite.close();
  return JSON.stringify(content, null, 1);
}
