import { messageOf, ServiceFailure } from "../system/failure.ts";
import { withOriginalPositions } from "../system/original-positions.ts";

export type FailureContext = {
  readonly host: string;
  readonly time: Date;
  /** The lock that keeps further batches from running; null when what failed keeps none. */
  readonly lockPath: string | null;
  /** What has come to an end (`crash-digger backup failed`); the whole service unless told. */
  readonly what?: string;
  /** Number of the batch, once it has one. */
  readonly batch?: number | undefined;
  /** Number of the crash that was worked on. */
  readonly crash?: number | undefined;
};

const maxCauses = 10;

/**
 * What a person is told when a batch, or another command of the service, stopped on a failure. The first line
 * says what failed, so that the mail's subject or its first line is enough to judge it; then where, what to do, and
 * the exception with its backtrace.
 */
export function failureNotice(error: unknown, context: FailureContext): string {
  const { lockPath, batch, crash } = context;
  const causes = causeChain(error);
  const remedy = causes.flatMap((cause) => (cause instanceof ServiceFailure ? (cause.remedy ?? []) : []))[0];
  return [
    `${context.what ?? "crash-digger stopped"}: ${headline(error)}`,
    "",
    `Host: ${context.host}`,
    `Time: ${context.time.toISOString()}`,
    ...(batch === undefined ? [] : [`Batch: ${batch}`]),
    ...(crash === undefined ? [] : [`Crash: ${crash}`]),
    ...(lockPath === null ? [] : [`Lock: ${lockPath} (kept: no further batch runs until it is removed)`]),
    ...(remedy === undefined ? [] : [`What to do: ${remedy}`]),
    ...(lockPath === null ? [] : ["Then:  crash-digger unlock"]),
    "",
    ...causes.map((cause, index) =>
      index === 0 ? backtrace(cause) : `Caused by: ${causeTrace(cause, causes[index - 1])}`,
    ),
    "",
  ].join("\n");
}

/** One line about a thrown value. */
function headline(error: unknown): string {
  return messageOf(error).split("\n", 1)[0] ?? "";
}

// What failed first and why, and after it what failed while that was being tidied up.
function causeChain(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  const open = [error];
  while (open.length > 0 && chain.length < maxCauses) {
    const next = open.shift();
    if (next instanceof SuppressedError) {
      open.unshift(next.suppressed);
      open.push(next.error);
      continue;
    }
    chain.push(next);
    if (next instanceof Error && next.cause !== undefined) open.unshift(next.cause);
  }
  return chain;
}

// What wraps an exception repeats its message (apt's lines, say): once in a mail is enough.
function causeTrace(cause: unknown, wrapper: unknown): string {
  if (!(cause instanceof Error && wrapper instanceof Error) || !wrapper.message.endsWith(cause.message)) {
    return backtrace(cause);
  }
  return backtrace(cause).replace(cause.message, "(as above)");
}

function backtrace(error: unknown): string {
  return error instanceof Error
    ? withOriginalPositions(error.stack ?? `${error.name}: ${error.message}`)
    : String(error);
}
