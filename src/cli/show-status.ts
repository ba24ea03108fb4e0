import { loadConfig } from "../config/load.ts";
import { inspectLock, type LockState } from "../digger/lock.ts";
import type { BatchRow } from "../digger/state/batches.ts";
import { openState } from "../digger/state.ts";
import { ownIdentity } from "../system/process-identity.ts";
import { nativeArchitecture, openTracker } from "../wiring/open.ts";
import { pathsOf } from "../wiring/paths.ts";
import { exitCode } from "./exit.ts";
import { printable } from "./printable.ts";

type Status = {
  readonly lock: { readonly path: string; readonly state: LockState["kind"]; readonly reason: string | null };
  readonly pending: { readonly retrace: number; readonly duplicateCheck: number };
  readonly openEdits: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly batches: readonly BatchRow[];
};

/** Prints how the retracer is doing; resolves with the exit code. */
export async function showStatus(flags: { readonly config?: string; readonly json?: true }): Promise<number> {
  const status = await readStatus(flags.config);
  process.stdout.write(flags.json ? `${JSON.stringify(status)}\n` : textOf(status));
  return status.lock.state === "failed" || status.lock.state === "killed" ? exitCode.failed : exitCode.ok;
}

async function readStatus(configPath: string | undefined): Promise<Status> {
  const config = loadConfig(configPath);
  const paths = pathsOf(config);
  const lock = inspectLock({ path: paths.lock, identity: ownIdentity() });
  await using tracker = await openTracker(config);
  const state = await openState(paths.state);
  try {
    return {
      lock: { path: paths.lock, state: lock.kind, reason: lock.kind === "free" ? null : lock.content.reason },
      pending: {
        retrace: (await tracker.pending(await nativeArchitecture())).length,
        duplicateCheck: (await tracker.dupcheckOnly()).length,
      },
      openEdits: await state.countOpenEntries(),
      verdicts: Object.fromEntries(await state.countVerdicts()),
      batches: await state.lastBatches(5),
    };
  } finally {
    await state.close();
  }
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
  const reason = (status.lock.reason ?? "").split("\n").filter((line) => line !== "");
  const lines = [
    `Lock      ${lockWords[status.lock.state]} (${status.lock.path})`,
    ...reason.map((line) => `          ${printable(line)}`),
    `Pending   ${status.pending.retrace} to retrace, ${status.pending.duplicateCheck} to check for duplicates`,
    `Edits     ${status.openEdits} planned and not yet carried out`,
    `Verdicts  ${verdicts.length === 0 ? "none yet" : verdicts.join(", ")}`,
    ...status.batches.map(
      ({ id, startedAt, outcome }) => `Batch ${id}   ${startedAt}  ${printable(outcome ?? "not ended")}`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
