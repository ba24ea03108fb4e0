import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openState, type State } from "../../../src/digger/state.ts";
import { openDuplicates } from "../../../src/duplicates/duplicates.ts";
import type { BackupSettings } from "../../../src/maintenance/backup/types.ts";
import type { Clock } from "../../../src/system/clock.ts";
import { temporaryFolder } from "../../lab/temporary.ts";

/** Databases with something in them, and where their backups go. */
export type BackupLab = AsyncDisposable & {
  readonly folder: string;
  readonly settings: BackupSettings & { readonly secondFolder: string };
  readonly statePath: string;
  readonly duplicatesPath: string;
  /** Stores crashes as new ones, each with a signature of its own. */
  learn(ids: readonly number[]): Promise<void>;
  /** What the duplicate database holds now. */
  known(): Promise<readonly number[]>;
};

const keep = { daily: 7, weekly: 4, monthly: 12 };

export async function createBackupLab(): Promise<BackupLab> {
  const temporary = await temporaryFolder("backup");
  const folder = temporary.path;
  await mkdir(join(folder, "state"));
  const [statePath, duplicatesPath] = [join(folder, "state", "state.db"), join(folder, "state", "duplicates.db")];
  const settings = {
    folder: join(folder, "backups"),
    secondFolder: join(folder, "second"),
    keep,
    databases: [
      { name: "state", path: statePath, mode: 0o600 },
      { name: "duplicates", path: duplicatesPath, mode: 0o644 },
    ],
  } as const;
  const lab = { folder, settings, statePath, duplicatesPath };
  await withState(statePath, (state) => state.beginBatch("lab", 1, new Date()));
  await learn(duplicatesPath, [1, 2, 3]);
  return {
    ...lab,
    learn: (ids) => learn(duplicatesPath, ids),
    known: () => known(duplicatesPath),
    [Symbol.asyncDispose]: temporary.remove,
  };
}

export async function withState<T>(path: string, work: (state: State) => Promise<T>): Promise<T> {
  const state = await openState(path);
  try {
    return await work(state);
  } finally {
    await state.close();
  }
}

async function learn(path: string, ids: readonly number[]): Promise<void> {
  const duplicates = await openDuplicates(path);
  try {
    for (const id of ids) {
      const signature = `/usr/bin/x:11:f${id}:${"g".repeat(200)}:main`;
      await duplicates.check({ id, signature, addressSignature: null, packageVersion: null }, async () => new Map());
    }
  } finally {
    await duplicates.close();
  }
}

async function known(path: string): Promise<readonly number[]> {
  const duplicates = await openDuplicates(path);
  try {
    const ids: number[] = [];
    for await (const { id } of duplicates.dump()) ids.push(id);
    return ids;
  } finally {
    await duplicates.close();
  }
}

/** A clock that stands at a moment. */
export function clockAt(moment: string): Clock {
  return { now: () => new Date(moment), monotonicMs: () => performance.now() };
}
