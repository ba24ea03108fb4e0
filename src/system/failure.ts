/**
 * The two kinds of failure that stop a batch, as exceptions. The kinds that concern one crash
 * (`report`, `symbols`, `retry`) are values, returned by the folder that finds them.
 */

/** What an operator has to mend: the batch stops, the lock stays, the exception is mailed. */
export class ServiceFailure extends Error {
  override readonly name = "ServiceFailure";
  /** What a person can do about it, one sentence. */
  readonly remedy: string | undefined;

  /**
   * @param message what failed, on what, and why, with the failing tool's own words.
   */
  constructor(message: string, options: { cause?: unknown; remedy?: string } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.remedy = options.remedy;
  }
}

/** What passes by itself (a 503, a time-out of the tracker): the batch ends cleanly and tries again later. */
export class TransientFailure extends Error {
  override readonly name = "TransientFailure";
}

/** An error's message, whatever was thrown. */
export function messageOf(thrown: unknown): string {
  const first = firstThrown(thrown);
  return first instanceof Error ? first.message : String(first);
}

/**
 * What went wrong first. When a full disk stops the work and then the tidying up too (`await using`), JavaScript
 * throws a SuppressedError whose own message says nothing.
 */
export function firstThrown(thrown: unknown): unknown {
  let first = thrown;
  while (first instanceof SuppressedError) first = first.suppressed;
  return first;
}
