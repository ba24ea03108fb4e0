import type { LockState } from "../digger/lock.ts";
import { sizeText } from "../system/size-text.ts";
import { exitCode } from "./exit.ts";
import { printable } from "./printable.ts";
import { readStatus, type Status } from "./read-status.ts";

/** Prints how the retracer is doing; resolves with the exit code. */
export async function showStatus(flags: { readonly config?: string; readonly json?: true }): Promise<number> {
  const status = await readStatus(flags.config);
  process.stdout.write(flags.json ? `${JSON.stringify(status)}\n` : textOf(status));
  return status.lock.state === "failed" || status.lock.state === "killed" ? exitCode.failed : exitCode.ok;
}

const lockWords: Readonly<Record<LockState["kind"], string>> = {
  free: "free: batches may run",
  live: "a batch is running",
  failed: 'kept by a failure: nothing runs until "crash-digger unlock"',
  killed: 'left by a batch that was killed: nothing runs until "crash-digger unlock"',
  rebooted: "left by a reboot: the next batch takes it over",
};

function textOf(status: Status): string {
  const verdicts = Object.entries(status.verdicts).map(([verdict, count]) => `${count} ${verdict}`);
  const { pending, trackerAwaySince } = status;
  const lines = [
    `Lock      ${lockWords[status.lock.state]} (${status.lock.path})`,
    ...(status.lock.reason ?? "").split("\n").map((line) => (line === "" ? "" : `          ${printable(line)}`)),
    trackerAwaySince === null
      ? ""
      : `Tracker   away since ${trackerAwaySince}: batches end early and go on when it is back`,
    `Pending   ${pending.retrace} to retrace, ${pending.duplicateCheck} to check for duplicates${oldestText(pending)}`,
    `Edits     ${status.openEdits} planned and not yet carried out`,
    `Verdicts  ${verdicts.length === 0 ? "none yet" : verdicts.join(", ")}`,
    memoryText(status),
    ...status.batches.map(batchText),
    ...sections(status),
  ];
  return lines
    .filter((line) => line !== "")
    .map((line) => `${line}\n`)
    .join("");
}

function oldestText({ oldestSince }: Status["pending"]): string {
  return oldestSince === null ? "" : `; seen by batches since ${oldestSince}`;
}

// The last batch may still be running; the peak is known at a batch's end.
function memoryText({ batches, maxMemoryBytes }: Status): string {
  const last = batches.find(({ peakBytes }) => peakBytes !== null);
  if (last?.peakBytes == null) return "";
  return `Memory    ${peaksText(last)} in batch ${last.id}; above ${sizeText(maxMemoryBytes)} a batch ends early`;
}

function batchText(batch: Status["batches"][number]): string {
  const { id, startedAt, outcome } = batch;
  const peaks = peaksText(batch);
  return `Batch ${id}   ${startedAt}  ${printable(outcome ?? "not ended")}${peaks === "" ? "" : ` (${peaks})`}`;
}

function peaksText({ peakBytes, gdbPeakBytes }: Status["batches"][number]): string {
  const own = peakBytes === null ? [] : [`at most ${sizeText(peakBytes)}`];
  return [...own, ...(gdbPeakBytes === null ? [] : [`gdb ${sizeText(gdbPeakBytes)}`])].join(", ");
}

function sections(status: Status): readonly string[] {
  return [
    ...section("Edits that the tracker refuses", status.failingEdits.map(failingEdit)),
    ...section("Dead letters: a person has to look", status.deadLetters.map(deadLetter)),
    ...section("Waiting for another try", status.retries.map(retry)),
    ...section("Parked until debug symbols appear", status.parked.map(parked)),
    ...(status.buried.length === 0 ? [] : [`Buried: ${status.buried.length} (--json lists them)`]),
  ];
}

const maxRows = 20;

function section(title: string, rows: readonly (readonly [reason: string, next: string])[]): readonly string[] {
  if (rows.length === 0) return [];
  const lines = rows.slice(0, maxRows).flatMap(([reason, next]) => [`  ${printable(reason)}`, `      ${next}`]);
  const more = rows.length - maxRows;
  return [`${title}: ${rows.length}`, ...lines, ...(more > 0 ? [`  … and ${more} more (--json lists them)`] : [])];
}

function failingEdit(edit: Status["failingEdits"][number]): readonly [string, string] {
  const reason = `crash ${edit.crash}: edit ${edit.entryId} (${edit.kind}) failed ${edit.failures} times: ${edit.reason}`;
  const next = `the next batch tries it again, or: ${commands(edit.crash)}`;
  return [reason, edit.stuck ? `its crash is left alone until: ${commands(edit.crash)}` : next];
}

function deadLetter({ crash, since, reason }: Status["deadLetters"][number]): readonly [string, string] {
  return [`crash ${crash} (since ${since}): ${reason}`, commands(crash)];
}

function retry({ crash, tries, nextAt, reason }: Status["retries"][number]): readonly [string, string] {
  return [
    `crash ${crash}, tried ${tries} times: ${reason}`,
    `next try after ${nextAt}, or at once: crash-digger retry ${crash}`,
  ];
}

const maxNamed = 5;

function parked({ crash, modules, until }: Status["parked"][number]): readonly [string, string] {
  const named = modules.slice(0, maxNamed).map(({ path, buildId }) => `${path} (${buildId})`);
  const more = modules.length > maxNamed ? ` and ${modules.length - maxNamed} more` : "";
  return [
    `crash ${crash} waits for ${named.join(", ")}${more}`,
    `until ${until}, or at once: crash-digger retry ${crash}`,
  ];
}

function commands(crash: number): string {
  return `crash-digger retry ${crash} | crash-digger bury ${crash}`;
}
