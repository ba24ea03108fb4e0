import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { sharedWork } from "../../../src/symbols/archive/shared-work.ts";

// Long enough for a round to begin, which takes one turn of the event loop after the one before has ended.
async function aFewTurns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await nextTurn();
}

const never = new AbortController().signal;

function controlled() {
  const started: { finish: () => void; fail: (error: Error) => void; signal: AbortSignal }[] = [];
  const work = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      started.push({ finish: resolve, fail: reject, signal });
      signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  return { started, ask: sharedWork(work) };
}

test("who asks together shares one piece of work", async () => {
  const { started, ask } = controlled();
  const asked = Promise.all([ask(never), ask(never), ask(never)]);
  await aFewTurns();
  expect(started).toHaveLength(1);
  started[0]?.finish();
  await asked;
});

test("who asks while it runs waits for the next one, which all the later share", async () => {
  const { started, ask } = controlled();
  const first = ask(never);
  await aFewTurns();
  const later = Promise.all([ask(never), ask(never)]);
  await aFewTurns();
  expect(started).toHaveLength(1);
  started[0]?.finish();
  await first;
  await aFewTurns();
  expect(started).toHaveLength(2);
  started[1]?.finish();
  await later;
});

test("a failure is told to those who shared it, and the next round begins afresh", async () => {
  const { started, ask } = controlled();
  const first = Promise.allSettled([ask(never), ask(never)]);
  await aFewTurns();
  const later = ask(never);
  started[0]?.fail(new Error("mirror down"));
  expect((await first).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await aFewTurns();
  started[1]?.finish();
  await later;
});

test("the work goes on while anybody wants it, and is aborted when nobody does", async () => {
  const { started, ask } = controlled();
  const [one, other] = [new AbortController(), new AbortController()];
  const asked = Promise.allSettled([ask(one.signal), ask(other.signal)]);
  await aFewTurns();
  one.abort();
  expect(started[0]?.signal.aborted).toBe(false);
  other.abort();
  expect(started[0]?.signal.aborted).toBe(true);
  expect((await asked).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
