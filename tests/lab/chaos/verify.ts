import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openState } from "../../../src/digger/state.ts";
import { openDuplicates } from "../../../src/duplicates/duplicates.ts";
import { openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";
import type { LocalCrash } from "../../../src/tracker/local/read-crash.ts";
import { type ChaosCrash, type Expected, expectedOf } from "./population.ts";

/**
 * Looks at every crash and checks the databases, when nothing is left to do.
 *
 * @returns what is not as it should be, one sentence each.
 * @throws ServiceFailure when a database is damaged.
 */
export async function verify(stateFolder: string, population: readonly ChaosCrash[]): Promise<readonly string[]> {
  return [
    ...(await faultsOnTracker(stateFolder, population)),
    ...(await faultsAmongDuplicates(stateFolder)),
    ...(await faultsInState(stateFolder)),
    ...secondVerdicts(stateFolder),
  ];
}

async function faultsOnTracker(stateFolder: string, population: readonly ChaosCrash[]): Promise<readonly string[]> {
  const tracker = await openLocalTracker(join(stateFolder, "tracker"));
  const complaints: string[] = [];
  try {
    await tracker.integrityCheck("full");
    const expected = expectedOf(population);
    for (const [index, crash] of population.entries()) {
      const shown = await tracker.show(index + 1);
      const wrong = shown === null ? "is gone" : faultOf(shown, crash, expected[index] as Expected);
      if (wrong !== null) complaints.push(`crash ${index + 1} (${crash.kind} ${crash.number}) ${wrong}`);
    }
  } finally {
    await tracker.close();
  }
  return complaints;
}

function faultOf({ header, comments }: LocalCrash, { kind }: ChaosCrash, expected: Expected): string | null {
  const pending = header.tags.filter((tag) => tag.startsWith("need-"));
  if (pending.length > 0) return `is still pending: ${pending}`;
  if (header.duplicateOf !== expected.master) return `has the master ${header.duplicateOf} and not ${expected.master}`;
  if (expected.status === "invalid" && header.status.kind !== "invalid") return `is ${header.status.kind}`;
  // One comment says that a crash is a duplicate, or why it is invalid; none is said twice.
  const wanted = expected.status === "open" ? 0 : 1;
  if (comments.length !== wanted) return `has ${comments.length} comments: ${comments.map(({ subject }) => subject)}`;
  const hasTrace = header.fields.has("StacktraceTop");
  return kind === "real" && expected.status === "open" && !hasTrace ? "has no trace" : null;
}

async function faultsAmongDuplicates(stateFolder: string): Promise<readonly string[]> {
  const duplicates = await openDuplicates(join(stateFolder, "duplicates.db"), { integrityCheck: false });
  try {
    await duplicates.integrityCheck();
    return await duplicates.problems();
  } finally {
    await duplicates.close();
  }
}

async function faultsInState(stateFolder: string): Promise<readonly string[]> {
  const state = await openState(join(stateFolder, "state.db"));
  try {
    await state.integrityCheck("full");
    const left = await state.countOpenEntries();
    const aside = await state.allAside();
    return [
      ...(left > 0 ? [`${left} edits were not carried out`] : []),
      ...aside.map(({ crash, aside }) => `crash ${crash} is set aside: ${aside.kind}`),
    ];
  } finally {
    await state.close();
  }
}

// A postponed crash is tried again; every other verdict is the one that it gets.
function secondVerdicts(stateFolder: string): readonly string[] {
  using database = new DatabaseSync(join(stateFolder, "state.db"), { readOnly: true });
  const query = `SELECT crash_id, group_concat(verdict) AS verdicts FROM attempts WHERE verdict != 'postponed'
    GROUP BY crash_id HAVING count(*) > 1`;
  return database
    .prepare(query)
    .all()
    .map((row) => `crash ${row["crash_id"]} has several verdicts: ${row["verdicts"]}`);
}
