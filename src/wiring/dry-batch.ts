import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { copyDatabase } from "../database/copy-database.ts";
import { readRestoredNote, writeRestoredNote } from "../database/restored-note.ts";
import { shadowTracker } from "../digger/shadow/shadow-tracker.ts";
import { makeWorkFolder } from "../digger/work-folders.ts";
import type { Log } from "../system/log.ts";
import type { CrashId, Edit } from "../tracker/types.ts";
import { type WiredBatch, wireBatch } from "./batch.ts";
import { pathsOf } from "./paths.ts";

/**
 * What a dry run works with: the tracker is only read, and the databases are copies that go with the run. Symbols and
 * package lists are fetched into the cache as ever.
 *
 * @param planned is told each edit that a batch would have carried out
 */
export async function wireDryBatch(
  config: Config,
  log: Log,
  signal: AbortSignal,
  planned: (crash: CrashId, edit: Edit) => void,
): Promise<WiredBatch> {
  await using opened = new AsyncDisposableStack();
  const paths = pathsOf(config);
  const folder = opened.use(await makeWorkFolder(paths.work));
  const copies = { state: join(folder.path, "state.db"), duplicates: join(folder.path, "duplicates.db") };
  for (const name of ["state", "duplicates"] as const) {
    await copyDatabase(paths[name], copies[name]);
    const note = readRestoredNote(paths[name]);
    if (note !== null) writeRestoredNote(copies[name], note);
  }
  const wired = opened.use(await wireBatch(config, log, signal, copies));
  const services = { ...wired.services, tracker: shadowTracker(wired.services.tracker, planned) };
  const everything = opened.move();
  return {
    architecture: wired.architecture,
    services,
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
