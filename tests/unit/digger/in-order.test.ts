import { expect, test } from "vitest";
import { inOrder } from "../../../src/digger/in-order.ts";

/** Promises that are settled by hand, so that the test decides the order of events. */
function gates(count: number) {
  return Array.from({ length: count }, () => Promise.withResolvers<void>());
}

test("results are committed in the order of the items, whichever is ready first", async () => {
  const [slow, quick] = gates(2);
  const committed: number[] = [];
  const done = inOrder(
    [1, 2],
    2,
    new AbortController(),
    async (item) => await (item === 1 ? slow : quick)?.promise,
    async (item) => {
      committed.push(item);
    },
  );
  quick?.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(committed).toEqual([]);
  slow?.resolve();
  await done;
  expect(committed).toEqual([1, 2]);
});

test("never more than so many are prepared at a time", async () => {
  let running = 0;
  let most = 0;
  await inOrder(
    Array.from({ length: 20 }, (_, index) => index),
    3,
    new AbortController(),
    async () => {
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    },
    async () => {},
  );
  expect(most).toBe(3);
});

test("an error ends everything: nothing later is committed, those under way are told to stop", async () => {
  const controller = new AbortController();
  const committed: number[] = [];
  const work = inOrder(
    [1, 2, 3, 4],
    2,
    controller,
    async (item) => {
      if (item === 2) throw new Error("broken");
      if (item === 1) await new Promise((resolve) => controller.signal.addEventListener("abort", resolve));
    },
    async (item) => {
      committed.push(item);
    },
  );
  await expect(work).rejects.toThrow("broken");
  expect(committed).toEqual([]);
});

test("no item at all is fine", async () => {
  await inOrder(
    [],
    4,
    new AbortController(),
    async () => {},
    async () => {},
  );
});

test("the next item is prepared while one is committed, and no more than one waits", async () => {
  const [commit, ...others] = gates(4);
  const events: string[] = [];
  const done = inOrder(
    [1, 2, 3, 4],
    1,
    new AbortController(),
    async (item) => void events.push(`prepare ${item}`),
    async (item) => {
      await (item === 1 ? commit : others[item - 2])?.promise;
      events.push(`commit ${item}`);
    },
  );
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(events).toEqual(["prepare 1", "prepare 2"]);
  commit?.resolve();
  for (const gate of others) gate.resolve();
  await done;
  expect(events.filter((event) => event.startsWith("commit"))).toEqual([1, 2, 3, 4].map((item) => `commit ${item}`));
});

test("a commit that fails ends everything, also what is being prepared meanwhile", async () => {
  const controller = new AbortController();
  const committed: number[] = [];
  const work = inOrder(
    [1, 2, 3],
    1,
    controller,
    async (item) => {
      if (item === 2) await new Promise((resolve) => controller.signal.addEventListener("abort", resolve));
    },
    async (item) => {
      committed.push(item);
      throw new Error("the tracker is broken");
    },
  );
  await expect(work).rejects.toThrow("the tracker is broken");
  expect(committed).toEqual([1]);
});

test("an item that was handed over makes room for the next one, and is committed before it all the same", async () => {
  const dear = gates(3);
  const [begun, committed]: [number[], number[]] = [[], []];
  const done = inOrder(
    [0, 1, 2],
    1,
    new AbortController(),
    async (item, handOver) => {
      begun.push(item);
      if (item === 0) handOver();
      // Once more is once.
      if (item === 0) handOver();
      await dear[item]?.promise;
    },
    async (item) => {
      committed.push(item);
    },
  );
  dear[1]?.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  // The second one kept its place, so that the third has to wait for its end.
  expect([begun, committed]).toEqual([[0, 1], []]);
  dear[0]?.resolve();
  dear[2]?.resolve();
  await done;
  expect([begun, committed]).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
});

test.each([1, 2, 4])(
  "one that takes long does not let all the others pile up behind it, with %i jobs",
  async (jobs) => {
    const [slow] = gates(1);
    let [prepared, committed, mostWaiting] = [0, 0, 0];
    const done = inOrder(
      Array.from({ length: 200 }, (_, index) => index),
      jobs,
      new AbortController(),
      async (item, handOver) => {
        handOver();
        prepared++;
        mostWaiting = Math.max(mostWaiting, prepared - committed);
        if (item === 0) await slow?.promise;
      },
      async () => {
        committed++;
      },
    );
    for (let turn = 0; turn < 1000; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(committed).toBe(0);
    slow?.resolve();
    await done;
    expect(committed).toBe(200);
    expect(mostWaiting).toBe(2 * jobs + 1);
  },
);

test("an error in an item that was begun ahead ends everything, and is thrown when all have ended", async () => {
  const [first] = gates(1);
  const committed: number[] = [];
  const done = inOrder(
    [0, 1, 2],
    1,
    new AbortController(),
    async (item, handOver) => {
      handOver();
      if (item === 1) throw new Error("broken");
      await first?.promise;
    },
    async (item) => {
      committed.push(item);
    },
  );
  first?.resolve();
  await expect(done).rejects.toThrow("broken");
  expect(committed).toEqual([0]);
});

test("told to stop when nothing is under way, what was not begun does not pass for done", async () => {
  const controller = new AbortController();
  const committed: number[] = [];
  const work = inOrder(
    [1, 2],
    1,
    controller,
    async () => {},
    async (item) => {
      committed.push(item);
      controller.abort(new Error("stopped by SIGTERM"));
    },
  );
  await expect(work).rejects.toThrow("stopped by SIGTERM");
  expect(committed).toEqual([1]);
});
