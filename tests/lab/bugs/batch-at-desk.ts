import { loadConfig } from "../../../src/config/load.ts";
import { type BatchSummary, runBatch } from "../../../src/digger/run-batch.ts";
import { openState } from "../../../src/digger/state.ts";
import { silentLog } from "../../../src/system/log.ts";
import { wireBatch } from "../../../src/wiring/batch.ts";
import { pathsOf } from "../../../src/wiring/paths.ts";
import type { LaunchpadLab } from "../launchpad/start-launchpad.ts";
import { trackerOn } from "../tracker/launchpad-client.ts";
import type { Desk } from "./bug-world.ts";

// Deadlines that a test can wait for. An answer of the server beside us takes some milliseconds, so that what is not
// there after a second and a half never comes.
const impatient = { exchangeMs: 1500, stallMs: 1500 };

/**
 * One batch as the command runs it, with everything but its waits: its own databases, gdb, archive and symbols, and a
 * client of Launchpad that pauses for nothing.
 *
 * @throws what a batch throws: ServiceFailure when a person has to act.
 */
export async function batchAtDesk(desk: Desk, launchpad: LaunchpadLab): Promise<BatchSummary> {
  const controller = new AbortController();
  const { signal } = controller;
  // The tracker that is wired is not used; a local one asks nobody.
  const config = { ...loadConfig(desk.configFile), tracker: { type: "local" as const } };
  await using wired = await wireBatch(config, silentLog, signal);
  const { tracker } = trackerOn(launchpad, { limits: impatient, signal });
  const services = { ...wired.services, tracker, pause: async () => {} };
  const options = { architecture: wired.architecture, dupcheckOnly: false, limit: null, jobs: 2, only: null };
  return await runBatch(options, services, { name: "lab", pid: process.pid }, controller);
}

/** Edits that are planned and not carried out. */
export async function openEditsAt(desk: Desk): Promise<number> {
  const state = await openState(pathsOf(loadConfig(desk.configFile)).state);
  try {
    return await state.countOpenEntries();
  } finally {
    await state.close();
  }
}

/** Lets edits that failed too often be tried again, as `crash-digger retry` does. @returns whose they were. */
export async function unstickAt(desk: Desk): Promise<readonly number[]> {
  const state = await openState(pathsOf(loadConfig(desk.configFile)).state);
  try {
    const stuck = [...(await state.stuckCrashes())];
    for (const crash of stuck) await state.unstick(crash);
    return stuck;
  } finally {
    await state.close();
  }
}
