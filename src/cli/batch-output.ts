import type { BatchSummary, BatchWatch } from "../digger/run-batch.ts";
import { systemClock } from "../system/clock.ts";
import { type Log, lineLog, silentLog } from "../system/log.ts";
import type { SummaryFormat } from "./batch-summary.ts";
import { failUnlessWritten } from "./output-failure.ts";
import { batchProgress, isLively, type StatusLine, statusLine } from "./progress.ts";

/** Where a batch's log goes, and on a terminal the status line below it. */
export type BatchOutput = { readonly log: Log; readonly line: StatusLine | null };

/** The output that was asked for. Results as JSON are for a program to read: nothing else is printed among them. */
export function batchOutput(options: { readonly format: SummaryFormat; readonly verbose?: true }): BatchOutput {
  if (options.format === "json") return { log: silentLog, line: null };
  const line = isLively(process.stdout.isTTY, process.env)
    ? statusLine({ write: writeOut, columns: () => process.stdout.columns })
    : null;
  const print = (text: string): void => (line === null ? writeOut(text) : line.print(text));
  return { log: lineLog(print, systemClock, options.verbose === true), line };
}

// Node tells each write's failure, but emits the stream's "error" of two quick ones not at all.
function writeOut(text: string): void {
  process.stdout.write(text, failUnlessWritten);
}

/**
 * Shows on the status line, if there is one, how a batch is getting on. The line is gone again before anything else is
 * printed, a failure's notice on stderr too.
 */
export async function watched(
  line: StatusLine | null,
  work: (watch: { readonly watch?: BatchWatch }) => Promise<BatchSummary>,
): Promise<BatchSummary> {
  if (line === null) return await work({});
  using progress = batchProgress(line, systemClock.monotonicMs);
  return await work({ watch: progress.watch });
}
