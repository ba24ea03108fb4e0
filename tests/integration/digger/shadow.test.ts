import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { copyDatabase } from "../../../src/database/copy-database.ts";
import { PlanNotes } from "../../../src/digger/shadow/plan-notes.ts";
import { shadowTracker } from "../../../src/digger/shadow/shadow-tracker.ts";
import { plannedCrashes, readPlan } from "../../../src/digger/shadow/stored-plans.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";
import type { Edit } from "../../../src/tracker/types.ts";
import { temporaryFolder } from "../../lab/temporary.ts";
import { createBatchLab } from "./batch-lab.ts";

const now = () => new Date("2026-01-02T03:04:05Z");

test("of a tracker that is only read, edits are noted, and what they would close counts as closed", async () => {
  await using lab = await createBatchLab();
  const [first, second] = [await lab.submit("inner\nouter"), await lab.submit("other\nouter")];
  const edits: [number, Edit][] = [];
  const tracker = shadowTracker(lab.tracker, (crash, edit) => edits.push([crash, edit]));
  await tracker.apply(second, { kind: "mark-duplicate", of: first });
  expect(await tracker.statusOf([first, second, 99])).toEqual(
    new Map([
      [first, { kind: "open" }],
      [second, { kind: "invalid" }],
      [99, { kind: "invalid" }],
    ]),
  );
  await tracker.apply(first, { kind: "set-status", status: { kind: "fixed", version: "2" } });
  expect((await tracker.statusOf([first])).get(first)).toEqual({ kind: "fixed", version: "2" });
  expect((await lab.tracker.statusOf([first])).get(first)).toEqual({ kind: "open" });
  expect(edits.map(([crash, { kind }]) => [crash, kind])).toEqual([
    [second, "mark-duplicate"],
    [first, "set-status"],
  ]);
});

test("a crash that is planned twice in one run has one plan; the next run's replaces it", async () => {
  await using folder = await temporaryFolder();
  const plans = join(folder.path, "plans");
  const notes = new PlanNotes(plans, now);
  notes.note(7, { kind: "remove-core" });
  notes.store();
  notes.note(7, { kind: "mark-duplicate", of: 3 });
  notes.note(12, { kind: "set-importance", importance: "Medium", ifUndecided: true });
  notes.store();
  expect(readPlan(plans, 7)?.edits.map(({ kind }) => kind)).toEqual(["remove-core", "mark-duplicate"]);
  expect(plannedCrashes(plans)).toEqual([7, 12]);
  const next = new PlanNotes(plans, now);
  next.note(7, { kind: "remove-tags", tags: ["x"] });
  next.store();
  expect(readPlan(plans, 7)).toEqual({
    crash: 7,
    plannedAt: "2026-01-02T03:04:05.000Z",
    edits: [{ kind: "remove-tags", tags: ["x"] }],
  });
});

test.each(["", "[]", '{"format":2}', '{"format":1,"crash":7,"plannedAt":"yesterday","edits":[]}'])(
  "a stored plan %j is a failure that names the file",
  async (text) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "7.json"), text);
    expect(() => readPlan(folder.path, 7)).toThrow(ServiceFailure);
    expect(() => readPlan(folder.path, 7)).toThrow("7.json");
  },
);

test("plans that cannot be stored are a failure, not a silence", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "plans"), "a file where the folder should be");
  const notes = new PlanNotes(join(folder.path, "plans"), now);
  notes.note(7, { kind: "remove-core" });
  expect(() => notes.store()).toThrow(/plan of crash 7 cannot be stored/);
});

test("a database is copied while somebody writes, as it was at one moment, and left alone", async () => {
  await using folder = await temporaryFolder();
  const [from, to] = [join(folder.path, "from.db"), join(folder.path, "to.db")];
  const writer = new DatabaseSync(from);
  writer.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n); INSERT INTO t VALUES (1), (2)");
  writer.exec("BEGIN; INSERT INTO t VALUES (3)");
  await copyDatabase(from, to);
  writer.exec("COMMIT");
  writer.close();
  const copy = new DatabaseSync(to);
  expect(copy.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 2 });
  copy.close();
  await copyDatabase(join(folder.path, "absent.db"), join(folder.path, "copy.db"));
  await expect(readFile(join(folder.path, "copy.db"))).rejects.toThrow("ENOENT");
});

test("a file that is no database is a failure that names it", async () => {
  await using folder = await temporaryFolder();
  const from = join(folder.path, "from.db");
  await writeFile(from, "no database, and long enough to be looked at".repeat(50));
  await expect(copyDatabase(from, join(folder.path, "to.db"))).rejects.toThrow(ServiceFailure);
});
