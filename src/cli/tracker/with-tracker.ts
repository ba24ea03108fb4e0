import type { Command } from "commander";
import type { LocalTracker } from "../../tracker/local/local-tracker.ts";
import type { CrashId, EditOutcome } from "../../tracker/types.ts";
import { CliError } from "../exit.ts";
import { printable } from "../printable.ts";
import { noSuchCrash } from "./crash-id.ts";

/** Opens the configured tracker for the time of some work. */
export async function withTracker<T>(command: Command, work: (tracker: LocalTracker) => Promise<T>): Promise<T> {
  const [{ loadConfig }, { openTracker }] = await Promise.all([
    import("../../config/load.ts"),
    import("../../wiring/open.ts"),
  ]);
  await using tracker = await openTracker(loadConfig(command.optsWithGlobals<{ config?: string }>().config));
  return await work(tracker);
}

/** Says what an edit by hand did: the sentence when it changed something, why not otherwise. */
export function tellOutcome(id: CrashId, outcome: EditOutcome | { readonly kind: "absent" }, done: string): void {
  switch (outcome.kind) {
    case "absent":
      throw noSuchCrash(id);
    case "dropped":
      throw new CliError(`crash ${id}: ${printable(outcome.note)}`);
    case "already":
      process.stdout.write(`crash ${id}: nothing to change\n`);
      return;
    case "done":
      process.stdout.write(`crash ${id}: ${printable(done)}\n`);
  }
}
