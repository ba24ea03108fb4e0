/**
 * Works through items with at most `jobs` at a time. Each item has two parts: `prepare` runs beside others,
 * `commit` runs alone and in the order of the items, so that the outcome does not depend on `jobs` - of two
 * equal crashes the older one becomes the master, however long its retrace takes. While an item is committed the
 * next one is prepared already; no more than `2 * jobs + 1` items are begun and not yet committed.
 *
 * The first error ends everything: no further item is begun, `signal` is aborted for those under way, and
 * the error is thrown once all of them have ended. Aborted from outside, it throws the reason.
 *
 * @param prepare may call `handOver` once: from then on its item no longer counts as one of the `jobs`, and the next
 *   one is begun.
 * @param mayBegin is asked before each item; once it says no, no further one is begun, and those under way are finished.
 */
export async function inOrder<Item, Prepared>(
  items: readonly Item[],
  jobs: number,
  controller: AbortController,
  prepare: (item: Item, handOver: () => void) => Promise<Prepared>,
  commit: (item: Item, prepared: Prepared) => Promise<void>,
  mayBegin: () => boolean = () => true,
): Promise<void> {
  let next = 0;
  let settled = 0;
  /** Of each item that was begun: resolves when it is committed, or never will be. */
  const turns: Promise<void>[] = [];
  const most = 2 * Math.max(1, jobs) + 1;
  let failure: { error: unknown } | null = null;

  const goesOn = (): boolean => failure === null && !controller.signal.aborted;

  function fail(error: unknown): void {
    failure ??= { error };
    controller.abort(error);
  }

  const working = new Set<Promise<void>>();

  /** @param committed resolves when the item that it goes on from is committed. */
  function begin(committed: Promise<void>): void {
    const work = worker(committed).finally(() => working.delete(work));
    working.add(work);
  }

  async function worker(committed: Promise<void>): Promise<void> {
    let ownBefore = committed;
    let isOver = false;
    while (!isOver) {
      // One slow item must not let all the others be prepared and wait for it, with what they hold in memory.
      while (next - settled >= most && goesOn()) await turns[settled];
      if (next >= items.length || !goesOn() || !mayBegin()) break;
      const at = next++;
      const item = items[at] as Item;
      const before = turns[at - 1] ?? Promise.resolve();
      const turn = Promise.withResolvers<void>();
      turns[at] = turn.promise;
      const handOver = (): void => {
        if (!isOver) begin(turn.promise);
        isOver = true;
      };
      const [outcome] = await Promise.allSettled([prepare(item, handOver)]);
      // What was prepared before this item is worth keeping, whatever is wrong with this one.
      await ownBefore;
      if (outcome.status === "rejected") fail(outcome.reason);
      else ownBefore = before.then(() => (goesOn() ? commit(item, outcome.value).catch(fail) : undefined));
      ownBefore = ownBefore.then(() => {
        settled++;
        turn.resolve();
      });
    }
    await ownBefore;
  }

  for (let job = 0; job < Math.max(1, jobs); job++) begin(Promise.resolve());
  while (working.size > 0) await Promise.all(working);
  if (failure !== null) throw (failure as { error: unknown }).error;
  // Told to stop while nothing was under way that could have said so: what is left undone must not pass for done.
  controller.signal.throwIfAborted();
}
