import { join } from "node:path";
import { editIn } from "../../../../src/digger/edit-schema.ts";
import type { PlannedEdit } from "../../../../src/digger/plan.ts";
import { openState, type State } from "../../../../src/digger/state.ts";
import { ensure } from "../reader.ts";

const now = new Date("2026-01-01T00:00:00Z");
const attempt = { program: "/usr/bin/sleep", topFunction: "main", fidelity: "1 matched", durationMs: 12 };
const plan = (crash: number): readonly PlannedEdit[] => [
  { crash, edit: { kind: "comment", marker: "m", subject: "s", body: "b".repeat(500) } },
  { crash, edit: { kind: "attach", name: "Stacktrace.txt", text: "#0  main ()\n".repeat(200) } },
  { crash, edit: { kind: "set-status", status: { kind: "fixed", version: "1" } } },
  { crash, edit: { kind: "remove-pending", mark: { kind: "retrace", architecture: "amd64" } } },
];

/** Fills the batch's memory: three batches, with edits that are done and such that are not. */
export async function makeState(folder: string): Promise<void> {
  const state = await openState(join(folder, "state.db"));
  for (const crashId of [1, 2, 3]) await oneBatch(state, crashId);
  for (const { entryId } of await state.openEntries(5)) await state.markDone(entryId, "a note", now);
  await state.close();
}

/** Does with it all that a batch and `status` do. */
export async function useState(folder: string): Promise<number> {
  const state = await openState(join(folder, "state.db"));
  try {
    await state.integrityCheck();
    const batches = (await state.lastBatches(100)).length;
    for (const { entryId, crash, editText } of await state.openEntries(100)) {
      ensure(Number.isSafeInteger(entryId) && Number.isSafeInteger(crash), "an edit is for a crash");
      expectEditOrNone(editText);
      await state.noteEditFailure(entryId, "a reason");
      await state.markDone(entryId, null, now);
    }
    ensure((await state.openEntries(100)).length === 0, "an edit that was carried out is not open any more");
    await expectRecords(state);
    await state.forgetAside([1]);
    await oneBatch(state, 9);
    return batches;
  } finally {
    await state.close();
  }
}

// Whatever is thrown here counts as the edit's failure: it is noted, and the crash's edits are left alone after some.
function expectEditOrNone(text: string): void {
  try {
    ensure(typeof editIn(text).kind === "string", "an edit has a kind");
  } catch (error) {
    ensure(["SyntaxError", "ZodError"].includes((error as Error).name), "what is no edit is told as such");
  }
}

async function expectRecords(state: State): Promise<void> {
  for (const { startedAt, outcome } of await state.lastBatches(5)) {
    ensure(typeof startedAt === "string" && (outcome === null || typeof outcome === "string"), "batches have texts");
  }
  for (const [verdict, count] of await state.countVerdicts()) {
    ensure(typeof verdict === "string" && Number.isSafeInteger(count), "verdicts are counted");
  }
  for (const { crash, since } of await state.allAside()) {
    ensure(Number.isSafeInteger(crash) && typeof since === "string", "what is set aside is a crash, since a time");
  }
  for (const { crash, reason } of await state.failingEdits()) {
    ensure(Number.isSafeInteger(crash) && typeof reason === "string", "a failing edit is a crash's, and has a reason");
  }
  const { crashes, oldestSince } = await state.queue();
  ensure(Number.isSafeInteger(crashes) && crashes >= 0, "crashes in the queue are counted");
  ensure(oldestSince === null || typeof oldestSince === "string", "the oldest has been in the queue since a time");
  const since = await state.outageSince("tracker");
  ensure(since === null || typeof since === "string", "an outage has lasted since a time");
}

async function oneBatch(state: State, crashId: number): Promise<void> {
  const batch = await state.beginBatch("host", 42, now);
  const aside = {
    kind: "retry",
    markTag: "need-amd64-retrace",
    tries: 1,
    nextAt: now.toISOString(),
    reason: "r",
  } as const;
  await state.recordVerdict(batch, { crashId, verdict: { kind: "new" }, ...attempt }, plan(crashId), aside, now);
  await state.noteOutage("tracker", now);
  await state.noteQueue([crashId, crashId + 1], true, now);
  const end = { endedAs: "done", outcome: "done", peakBytes: 2 ** 27, gdbPeakBytes: null } as const;
  await state.endBatch(batch, end, now);
}
