/** A signal that is aborted when the time is up, or with an outer signal. Disposing leaves nothing behind. */
export type Deadline = Disposable & {
  readonly signal: AbortSignal;
  readonly isOver: () => boolean;
  /** The time begins anew. */
  readonly restart: (ms: number) => void;
  /** The time stands still. */
  readonly stop: () => void;
  /** Ends it at once: whoever still waits is let go, and it is disposed of. */
  readonly end: () => void;
};

/** Starts a deadline. */
export function deadlineIn(firstMs: number, outer: AbortSignal): Deadline {
  const controller = new AbortController();
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  const restart = (ms: number): void => {
    stop();
    timer = setTimeout(() => {
      isOver = true;
      controller.abort();
    }, ms);
  };
  const dispose = (): void => {
    stop();
    outer.removeEventListener("abort", end);
  };
  const end = (): void => {
    dispose();
    controller.abort(outer.reason);
  };
  outer.addEventListener("abort", end, { once: true });
  restart(firstMs);
  if (outer.aborted) end();
  return { signal: controller.signal, isOver: () => isOver, restart, stop, end, [Symbol.dispose]: dispose };
}
