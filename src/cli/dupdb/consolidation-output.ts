import type { Change, Consolidation } from "../../maintenance/consolidate/types.ts";
import type { Log } from "../../system/log.ts";
import { printable } from "../printable.ts";
import { type Column, renderTable } from "../table.ts";
import { stateOf } from "./format-crash.ts";

type Format = { readonly json?: true; readonly dryRun?: true };

const columns: readonly Column[] = [
  { heading: "CRASH", align: "right" },
  { heading: "WAS" },
  { heading: "BECOMES" },
  { heading: "SIGNATURE", maxWidth: 80 },
];

// What a person reads; --json and the log have all of them.
const mostRows = 100;

/** Prints what a consolidation did, or would do: JSON, a table on a terminal, else a line of the log for each change. */
export function printConsolidation(done: Consolidation, { json, dryRun }: Format, log: Log): void {
  if (json === true) {
    process.stdout.write(`${JSON.stringify(jsonOf(done, dryRun === true))}\n`);
    return;
  }
  if (process.stdout.isTTY) process.stdout.write(tableOf(done.changes));
  else for (const change of done.changes) log.event(dryRun ? "would change" : "changed", wordsOf(change));
  log.event(dryRun ? "consolidation would do" : "consolidation done", { ...countsOf(done), stored: done.stored });
  if (done.postponed.length > 0) log.event("the rest is asked by the next runs", { crashes: done.postponed.length });
  if (done.refusal !== null) log.event("it would be refused without --max-losses", { reason: done.refusal });
}

function tableOf(changes: readonly Change[]): string {
  if (changes.length === 0) return "";
  const rows = changes.slice(0, mostRows).map((change) => {
    const { crash, was, becomes, signature } = wordsOf(change);
    return [String(crash), printable(was), printable(becomes), printable(signature)];
  });
  const rest = changes.length - rows.length;
  return `${renderTable(columns, rows)}${rest === 0 ? "" : `… and ${rest} more; --json prints all of them\n`}`;
}

function wordsOf({ id, was, becomes, isAbsent, signature }: Change) {
  const removed = isAbsent ? "removed (unknown)" : "removed";
  return {
    crash: id,
    was: stateOf(was),
    becomes: becomes.kind === "removed" ? removed : stateOf(becomes.kind === "open" ? null : becomes.version),
    signature,
  };
}

function countsOf({ changes, hidden, postponed, changedMeanwhile }: Consolidation) {
  const of = (kind: Change["becomes"]["kind"]): number => changes.filter(({ becomes }) => becomes.kind === kind).length;
  return {
    fixed: of("fixed"),
    reopened: of("open"),
    removed: of("removed"),
    absent: changes.filter(({ isAbsent }) => isAbsent).length,
    hidden: hidden.length,
    postponed: postponed.length,
    changedMeanwhile: changedMeanwhile.length,
  };
}

function jsonOf(done: Consolidation, dryRun: boolean): object {
  const { source, since, heardAt, stored, changes, hidden, postponed, changedMeanwhile, refusal } = done;
  return {
    source,
    since: since?.toISOString() ?? null,
    heardAt: heardAt.toISOString(),
    dryRun,
    refusal,
    stored,
    counts: countsOf(done),
    changes: changes.map(({ id, was, becomes, isAbsent, signature }) => ({
      id,
      was,
      becomes: becomes.kind,
      version: becomes.kind === "fixed" ? becomes.version : null,
      isAbsent,
      signature,
    })),
    hidden,
    postponed,
    changedMeanwhile,
  };
}
