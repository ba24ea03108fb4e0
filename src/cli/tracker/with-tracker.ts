import type { Command } from "commander";
import type { LocalTracker } from "../../tracker/local/local-tracker.ts";
import type { CrashId, EditOutcome } from "../../tracker/types.ts";
import { CliError } from "../exit.ts";
import { printable } from "../printable.ts";
import { noSuchCrash } from "./crash-id.ts";

/** Opens the local tracker for the time of some work. */
export async function withTracker<T>(command: Command, work: (tracker: LocalTracker) => Promise<T>): Promise<T> {
  const [{ loadConfig }, { openLocal }] = await Promise.all([
    import("../../config/load.ts"),
    import("../../wiring/open.ts"),
  ]);
  const config = loadConfig(command.optsWithGlobals<{ config?: string }>().config);
  if (config.tracker.type !== "local") throw onlyLocal(command.name(), config.tracker.type);
  await using tracker = await openLocal(config);
  return await work(tracker);
}

function onlyLocal(name: string, type: string): CliError {
  return new CliError(
    `"${name}" works on the local tracker only, and the configured one is ${type} (tracker.type): use its own pages ` +
      "for this. What the retracer thinks of a crash, status, retry and bury tell and change.",
  );
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
