import { DatabaseSync } from "node:sqlite";
import type { BackedDatabase, DatabaseName } from "./types.ts";

const questions: Readonly<Record<DatabaseName, readonly string[]>> = {
  state: ["SELECT max(crash_id) AS id FROM attempts", "SELECT max(crash_id) AS id FROM outbox"],
  duplicates: ["SELECT max(crash_id) AS id FROM crashes", "SELECT max(loser) AS id FROM crash_digger_merges"],
  tracker: ["SELECT seq AS id FROM sqlite_sequence WHERE name = 'crash'", "SELECT max(id) AS id FROM crash"],
};

/** The highest crash that any of the databases names, as far as they can still be read; 0 for none. */
export function highestCrash(databases: readonly BackedDatabase[]): number {
  const found = databases.flatMap(({ name, path }) => questions[name].map((question) => ask(path, question)));
  return Math.max(0, ...found);
}

function ask(path: string, question: string): number {
  let sqlite: DatabaseSync | null = null;
  try {
    sqlite = new DatabaseSync(path, { readOnly: true });
    const id = sqlite.prepare(question).get()?.["id"];
    return typeof id === "number" && Number.isSafeInteger(id) ? id : 0;
  } catch {
    // One of them is damaged: that is why we are here.
    return 0;
  } finally {
    sqlite?.close();
  }
}
