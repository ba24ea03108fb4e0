import { DatabaseSync } from "node:sqlite";
import { openDuplicates } from "../../../src/duplicates/duplicates.ts";
import type { StandingBug } from "./standing-bugs.ts";

/** Makes a duplicate database in which these bugs' crashes are stored, each with both signatures. */
export async function fillDuplicates(path: string, bugs: readonly StandingBug[]): Promise<void> {
  await (await openDuplicates(path)).close();
  using database = new DatabaseSync(path);
  database.exec("BEGIN");
  const crash = database.prepare("INSERT INTO crashes VALUES (?, ?, ?, '2026-01-01 00:00:00')");
  const address = database.prepare("INSERT INTO address_signatures VALUES (?, ?)");
  for (const { id, storedVersion } of bugs) {
    const program = `/usr/bin/program${id % 500}`;
    crash.run(`${program}:11:inner_${id}:outer:main`, id, storedVersion);
    address.run(`${program}:11:${program}+${id.toString(16)}:/usr/lib/libc.so.6+1f0`, id);
  }
  database.exec("COMMIT");
}
