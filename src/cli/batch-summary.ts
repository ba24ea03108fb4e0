import type { Attempted, BatchSummary } from "../digger/run-batch.ts";
import { masterOf, reasonOf } from "../digger/verdict.ts";
import { nextStepOf } from "./next-step.ts";
import { printable } from "./printable.ts";
import { type Column, renderTable } from "./table.ts";

export type SummaryFormat = "log" | "table" | "json";

const columns: readonly Column[] = [
  { heading: "ID", align: "right" },
  { heading: "PROGRAM", maxWidth: 40, keep: "end" },
  { heading: "VERDICT" },
  { heading: "MASTER", align: "right" },
  { heading: "TOP FUNCTION", maxWidth: 40 },
  { heading: "FIDELITY", align: "right" },
  { heading: "TIME", align: "right" },
  { heading: "NEXT" },
];

/**
 * Prints what a batch did; in the log's format every crash has had its line already.
 *
 * @param further more for the JSON object
 */
export function printSummary(summary: BatchSummary, format: SummaryFormat, further: object = {}): void {
  if (format === "json") process.stdout.write(`${JSON.stringify({ ...jsonOf(summary), ...further })}\n`);
  if (format !== "table") return;
  if (summary.attempts.length === 0) process.stdout.write("Nothing is pending.\n");
  else process.stdout.write(`\n${renderTable(columns, summary.attempts.map(rowOf))}${reasonsOf(summary.attempts)}`);
  if (summary.endedEarly !== null) process.stdout.write(`The batch ended early: ${printable(summary.endedEarly)}\n`);
}

function rowOf(attempt: Attempted): readonly string[] {
  return [
    String(attempt.crashId),
    printable(attempt.program ?? "-"),
    attempt.verdict.kind,
    masterOf(attempt.verdict)?.toString() ?? "-",
    printable(attempt.topFunction ?? "-"),
    attempt.fidelity ?? "-",
    `${(attempt.durationMs / 1000).toFixed(1)} s`,
    nextStepOf(attempt.aside),
  ];
}

function reasonsOf(attempts: readonly Attempted[]): string {
  const lines = attempts.flatMap(({ crashId, verdict }) => {
    const reason = reasonOf(verdict);
    return reason === null ? [] : [`${crashId}: ${printable(reason)}\n`];
  });
  return lines.length === 0 ? "" : `\n${lines.join("")}`;
}

function jsonOf(summary: BatchSummary): object {
  return {
    batch: summary.batchId,
    endedEarly: summary.endedEarly,
    crashes: summary.attempts.map((attempt) => ({
      id: attempt.crashId,
      program: attempt.program,
      verdict: attempt.verdict.kind,
      master: masterOf(attempt.verdict),
      reason: reasonOf(attempt.verdict),
      topFunction: attempt.topFunction,
      fidelity: attempt.fidelity,
      next: attempt.aside,
      durationMs: Math.round(attempt.durationMs),
    })),
  };
}
