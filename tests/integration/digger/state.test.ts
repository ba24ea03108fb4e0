import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openDatabase } from "../../../src/database/open-database.ts";
import { stateMigrations } from "../../../src/digger/state/tables.ts";
import { openState } from "../../../src/digger/state.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { temporaryFolder } from "../../lab/temporary.ts";

test("a state.db of the first version is brought up to date and keeps its open edits", async () => {
  await using folder = await temporaryFolder("state");
  const path = join(folder.path, "state.db");
  await (await openDatabase(path, { migrations: stateMigrations.slice(0, 1) })).close();
  const old = new DatabaseSync(path);
  old.exec(`INSERT INTO outbox (crash_id, edit) VALUES (3, '{"kind":"remove-core"}')`);
  old.close();
  const state = await openState(path);
  expect(await state.openEntries(10)).toEqual([{ entryId: 1, crash: 3, editText: '{"kind":"remove-core"}' }]);
  expect(await state.allAside()).toEqual([]);
  await state.close();
});

test("of the batches before how they ended was noted, those that were done are known as such", async () => {
  await using folder = await temporaryFolder("state");
  const path = join(folder.path, "state.db");
  await (await openDatabase(path, { migrations: stateMigrations.slice(0, 2) })).close();
  const old = new DatabaseSync(path);
  old.exec(`INSERT INTO batches (started_at, ended_at, host, pid, outcome)
    VALUES ('2026', '2026', 'h', 1, 'done'), ('2026', '2026', 'h', 1, '503'), ('2026', NULL, 'h', 1, NULL)`);
  old.close();
  const state = await openState(path);
  expect((await state.lastBatches(3)).map(({ endedAs }) => endedAs)).toEqual([null, null, "done"]);
  await state.close();
});

test("what is stored about a crash and cannot be read is a failure that says what to do", async () => {
  await using folder = await temporaryFolder("state");
  const path = join(folder.path, "state.db");
  const state = await openState(path);
  const spoiler = new DatabaseSync(path);
  spoiler.exec(`INSERT INTO set_aside VALUES (3, 'retry', '2026', '{"kind":"retry","tries":"many"}')`);
  spoiler.close();
  const failure = await state.allAside().catch((error: unknown) => error);
  await state.close();
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect((failure as ServiceFailure).remedy).toContain("crash_id = 3");
});
