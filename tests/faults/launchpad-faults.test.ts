import { afterAll, beforeAll, expect, test } from "vitest";
import { ServiceFailure } from "../../src/system/failure.ts";
import { batchAtDesk, openEditsAt, unstickAt } from "../lab/bugs/batch-at-desk.ts";
import { beginRound, type Round } from "../lab/bugs/begin-round.ts";
import { type BugWorld, createBugWorld } from "../lab/bugs/bug-world.ts";
import { faultKinds, faultsAtRate, fewFaults } from "../lab/bugs/every-fault.ts";
import { type Random, randomFrom, seedOfRun } from "../lab/random.ts";

const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
const bugs = isLong ? 200 : 24;
const mostBatches = isLong ? 2000 : 60;
const timeout = isLong ? 4 * 3600_000 : 120_000;
const seed = seedOfRun();
const repeat = `repeat with CRASH_DIGGER_SEED=${seed}`;

let world: BugWorld;
beforeAll(async () => {
  world = await createBugWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

test("bugs of every kind end as they have to, one by one", { timeout }, async () => {
  await using round = await beginRound(world, seed, bugs);
  expect(await batchAtDesk(round.desk, round.launchpad), repeat).toMatchObject({ endedEarly: null });
  expect(round.observed(), repeat).toEqual(round.expected);
  tell({ bugs, requests: round.launchpad.requests().length });
});

test("whatever a web service does, they end so too: nothing lost, nothing twice, nothing overwritten", {
  timeout,
}, async () => {
  await using round = await beginRound(world, seed, bugs);
  if (isLong) faultsAtRate(round.launchpad, seed);
  else fewFaults(round.launchpad, seed);
  const { batches, early, failures, revoked } = await workThrough(round, randomFrom("tokens", seed));
  expect(round.observed(), repeat).toEqual(round.expected);
  expect(await openEditsAt(round.desk), repeat).toBe(0);
  const used = round.launchpad.faultsUsed();
  expect(Object.keys(used).sort(), repeat).toEqual([...faultKinds, "revoked-token"].sort());
  expect(
    failures.filter((message) => reasonFor(message) === "another"),
    repeat,
  ).toEqual([]);
  const requests = round.launchpad.requests().length;
  tell({ bugs, batches, early, failures: failures.length, revoked, requests, faults: JSON.stringify(used) });
});

type Figures = { batches: number; early: number; revoked: number; readonly failures: string[] };

/** Batch after batch, each as a new process, until one comes to its end. */
async function workThrough(round: Round, random: Random): Promise<Figures> {
  const figures: Figures = { batches: 0, early: 0, revoked: 0, failures: [] };
  for (let isDone = false; !isDone && figures.batches < mostBatches; figures.batches += 1) {
    const nth = 1 + random.below(isLong ? 100 : 40);
    const isRevoked = figures.batches < 2 || random.below(4) === 0;
    const newToken = isRevoked
      ? round.launchpad.fault({ fault: { kind: "revoked-token" }, nth, times: Infinity })
      : null;
    isDone = await oneBatch(round, figures);
    newToken?.();
  }
  return figures;
}

/** A batch, and a person who mends what stops it. @returns whether it came to its end. */
async function oneBatch({ desk, launchpad }: Round, figures: Figures): Promise<boolean> {
  try {
    const { endedEarly } = await batchAtDesk(desk, launchpad);
    if (endedEarly !== null) figures.early += 1;
    return endedEarly === null;
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    figures.failures.push(error.message);
    if (reasonFor(error.message) === "token") figures.revoked += 1;
    await unstickAt(desk);
    return false;
  }
}

/** Why a batch stopped, as a person reads it: each reason that is looked for is in the message, with the address. */
function reasonFor(message: string): string {
  if (/Launchpad refuses us: GET http:\S+.*401 Expired token/.test(message)) return "token";
  if (/answer to (GET|PATCH) http:\S+.* is not what it used to be: \S*self_link: /.test(message)) return "shape";
  if (/answer to (GET|PATCH) http:\S+.* is no JSON: /.test(message)) return "no JSON";
  return "another";
}

function tell(figures: Readonly<Record<string, string | number>>): void {
  const words = Object.entries(figures).map(([name, value]) => `${name}=${value}`);
  process.stderr.write(`launchpad-faults: ${words.join(" ")} seed=${seed}\n`);
}
