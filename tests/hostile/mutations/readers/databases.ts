import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { spoilRows } from "../../../lab/spoil-row.ts";
import { ensure, type MutatedReader } from "../reader.ts";
import { makeDuplicates, useDuplicates } from "./use-duplicates.ts";
import { makeState, useState } from "./use-state.ts";
import { makeTracker, useTracker } from "./use-tracker.ts";

/** One of our databases: how a sound one is made, and all that is read and done with it. */
type Kind = {
  /** The database's path inside the folder that `make` fills. */
  readonly file: string;
  make(folder: string): Promise<void>;
  /**
   * @returns how many crashes or batches it holds, before anything is changed.
   * @throws ServiceFailure, or an Error when an answer is not what it has to be.
   */
  use(folder: string): Promise<number>;
};

const kinds = {
  duplicates: { file: "duplicates.db", make: makeDuplicates, use: useDuplicates },
  state: { file: "state.db", make: makeState, use: useState },
  tracker: { file: "tracker/tracker.db", make: makeTracker, use: useTracker },
} as const satisfies Record<string, Kind>;

/** A database whose file is damaged: by a disk, a power cut, or somebody's program. */
export async function damagedFileReader(folder: string, name: keyof typeof kinds): Promise<MutatedReader> {
  const { sound, copy } = await prepare(folder, kinds[name]);
  const bytes = await readFile(join(sound, kinds[name].file));
  const whole = await useCopy(kinds[name], sound, copy);
  return {
    samples: [bytes],
    read: async (damaged) => {
      const put = (): Promise<void> => writeFile(join(copy, kinds[name].file), damaged);
      const found = await useCopy(kinds[name], sound, copy, put);
      ensure(found === whole, `all ${whole} are there, not ${found}, or the damage is told`);
    },
  };
}

/** A sound database that holds values of types, sizes and meanings that no program of ours writes. */
export async function oddRowsReader(folder: string, name: keyof typeof kinds): Promise<MutatedReader> {
  const { sound, copy } = await prepare(folder, kinds[name]);
  return {
    samples: [Buffer.alloc(0)],
    read: async (_, random) => {
      const spoil = async (): Promise<void> => spoilRows(join(copy, kinds[name].file), random);
      await useCopy(kinds[name], sound, copy, spoil);
    },
  };
}

async function prepare(folder: string, kind: Kind): Promise<{ readonly sound: string; readonly copy: string }> {
  const sound = join(folder, "sound");
  await mkdir(sound, { recursive: true });
  await kind.make(sound);
  using sqlite = new DatabaseSync(join(sound, kind.file));
  // All in the one file, for a copy of it to be whole.
  sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return { sound, copy: join(folder, "copy") };
}

async function useCopy(kind: Kind, sound: string, copy: string, change?: () => Promise<void>): Promise<number> {
  try {
    await cp(sound, copy, { recursive: true });
    await change?.();
    return await kind.use(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
