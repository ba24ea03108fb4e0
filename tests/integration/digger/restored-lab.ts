import { mkdtemp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { copyDatabase } from "../../../src/database/copy-database.ts";
import { readRestoredNote, removeRestoredNote, writeRestoredNote } from "../../../src/database/restored-note.ts";
import type { DiggerServices, Restored } from "../../../src/digger/services.ts";
import { openState } from "../../../src/digger/state.ts";
import { openDuplicates } from "../../../src/duplicates/duplicates.ts";
import type { Tracker } from "../../../src/tracker/types.ts";
import { startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import { crashAsBug } from "../../lab/tracker/crash-as-bug.ts";
import { trackerOn } from "../../lab/tracker/launchpad-client.ts";
import type { BatchLab } from "./batch-lab.ts";

/** Crashes on a tracker, of either kind, as people see them. */
export type Place = AsyncDisposable & {
  /** Files a crash whose core is this text; null: it has none. */
  file(core: string | null, fields?: Readonly<Record<string, string>>): Promise<number>;
  /** A client as the next batch has one. */
  tracker(): Tracker;
  /** All that people can see. */
  picture(): Promise<unknown>;
  comments(id: number): Promise<readonly string[]>;
};

export async function onLocalTracker(lab: BatchLab): Promise<Place> {
  let last = 0;
  return {
    file: async (core, fields) => {
      last = await lab.submit(core, fields);
      return last;
    },
    tracker: () => lab.tracker,
    picture: async () => await Promise.all(Array.from({ length: last }, (_, index) => lab.tracker.show(index + 1))),
    comments: async (id) => ((await lab.tracker.show(id))?.comments ?? []).map(({ subject }) => subject),
    [Symbol.asyncDispose]: async () => {},
  };
}

const report = {
  ProblemType: "Crash",
  Architecture: "amd64",
  DistroRelease: "Ubuntu 25.10",
  ExecutablePath: "/usr/bin/sleep",
  Package: "coreutils 9.1-1",
  SourcePackage: "app",
  Signal: "11",
};

export async function onLaunchpad(): Promise<Place> {
  const launchpad = await startLaunchpad();
  return {
    file: async (core, fields) => {
      const bug = crashAsBug({ ...report, ...fields }, core === null ? undefined : Buffer.from(core));
      return launchpad.addBug({ ...bug, tasks: ["ubuntu/+source/app"] });
    },
    tracker: () => trackerOn(launchpad).tracker,
    picture: async () => launchpad.dump(),
    comments: async (id) =>
      launchpad
        .bug(id)
        .comments.map(({ content }) => content)
        .filter(isOurs),
    [Symbol.asyncDispose]: launchpad.close,
  };
}

// An attachment comes with a comment too, that names it.
function isOurs(content: string): boolean {
  return content.includes("[crash-digger:");
}

/** The databases as they were at one moment. */
export type Kept = { readonly state: string; readonly duplicates: string; readonly asOf: string };

export async function keep(lab: BatchLab): Promise<Kept> {
  const folder = await mkdtemp(join(dirname(lab.statePath), "kept-"));
  const kept = { state: join(folder, "state.db"), duplicates: join(folder, "duplicates.db") };
  await copyDatabase(lab.statePath, kept.state);
  await copyDatabase(lab.duplicatesPath, kept.duplicates);
  return { ...kept, asOf: new Date().toISOString() };
}

type Which = "state" | "duplicates";

/** Puts databases back, as the command does: the others go on as they are. To be used for one process's life. */
export async function putBack(
  lab: BatchLab,
  kept: Kept,
  which: readonly Which[],
): Promise<AsyncDisposable & { readonly services: Partial<DiggerServices> }> {
  for (const name of which) {
    if (readRestoredNote(kept[name]) === null) writeRestoredNote(kept[name], { asOf: kept.asOf, forgotUpTo: null });
  }
  return await openKept(lab, kept, which);
}

/** Opens them once more, as the next batch does. */
export async function openKept(lab: BatchLab, kept: Kept, which: readonly Which[]) {
  const state = which.includes("state") ? await openState(kept.state) : lab.state;
  const duplicates = which.includes("duplicates") ? await openDuplicates(kept.duplicates) : lab.duplicates;
  const restored = { state: restoredOf(kept.state), duplicates: restoredOf(kept.duplicates) };
  return {
    services: { state, duplicates, restored },
    duplicates,
    state,
    [Symbol.asyncDispose]: async () => {
      if (which.includes("state")) await state.close();
      if (which.includes("duplicates")) await duplicates.close();
    },
  };
}

function restoredOf(path: string): Restored | null {
  const note = readRestoredNote(path);
  if (note === null) return null;
  return { note, settled: (next) => (next === null ? removeRestoredNote(path) : writeRestoredNote(path, next)) };
}
