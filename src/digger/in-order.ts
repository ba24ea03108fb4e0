/**
 * Works through items with at most `jobs` at a time. Each item has two parts: `prepare` runs beside others,
 * `commit` runs alone and in the order of the items, so that the outcome does not depend on `jobs` - of two
 * equal crashes the older one becomes the master, however long its retrace takes.
 *
 * The first error ends everything: no further item is begun, `signal` is aborted for those under way, and
 * the error is thrown once all of them have ended.
 */
export async function inOrder<Item, Prepared>(
  items: readonly Item[],
  jobs: number,
  controller: AbortController,
  prepare: (item: Item) => Promise<Prepared>,
  commit: (item: Item, prepared: Prepared) => Promise<void>,
): Promise<void> {
  let next = 0;
  let previous: Promise<void> = Promise.resolve();
  let failure: { error: unknown } | null = null;

  async function worker(): Promise<void> {
    while (next < items.length && failure === null && !controller.signal.aborted) {
      const item = items[next++] as Item;
      const before = previous;
      const { promise, resolve } = Promise.withResolvers<void>();
      previous = promise;
      try {
        const prepared = await prepare(item);
        await before;
        if (failure === null && !controller.signal.aborted) await commit(item, prepared);
      } catch (error) {
        failure ??= { error };
        controller.abort(error);
      } finally {
        resolve();
      }
    }
  }

  await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));
  if (failure !== null) throw (failure as { error: unknown }).error;
}
