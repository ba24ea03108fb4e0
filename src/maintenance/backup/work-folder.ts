import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ownIdentity, startTicksOf } from "../../system/process-identity.ts";

const namePattern = /^\.work-(\d{1,10})-(\d{0,20})-[0-9a-f-]{36}$/;

/** A folder for what is not whole yet, inside a folder of backups; what is left in it goes with it. */
export type WorkFolder = AsyncDisposable & {
  readonly path: string;
  /** Makes it a backup: everything is on the disk before it has its name, and the name before this returns. */
  becomes(name: string): Promise<void>;
};

/** Makes one, and removes those of processes that are gone. */
export async function makeWorkFolder(inside: string): Promise<WorkFolder> {
  await mkdir(inside, { recursive: true, mode: 0o700 });
  await removeAbandoned(inside);
  const { pid, startTicks } = ownIdentity();
  const path = join(inside, `.work-${pid}-${startTicks}-${randomUUID()}`);
  await mkdir(path, { mode: 0o700 });
  return {
    path,
    becomes: async (name) => {
      await syncFolder(path);
      await rename(path, join(inside, name));
      await syncFolder(inside);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Makes new names and removals in a folder last through a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function removeAbandoned(inside: string): Promise<void> {
  for (const name of await readdir(inside)) {
    const [, pid, startTicks] = namePattern.exec(name) ?? [];
    const isAtWork = pid === undefined || startTicksOf(Number(pid)) === startTicks;
    if (!isAtWork) await rm(join(inside, name), { recursive: true, force: true });
  }
}
