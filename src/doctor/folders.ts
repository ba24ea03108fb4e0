import { link, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { diskRoom, nearestFolder } from "../system/disk-room.ts";
import { messageOf } from "../system/failure.ts";
import { ok, problem, warning } from "./answers.ts";
import type { Answer } from "./types.ts";

/** Who looks: `process.geteuid()`. */
export type FolderOptions = { readonly userId: number; readonly mustBePrivate: boolean };

/** Whether a folder can be written, or made, and whether it is closed to others where it has to be. */
export async function checkFolder(path: string, { userId, mustBePrivate }: FolderOptions): Promise<Answer> {
  const there = await nearestFolder(path);
  const obstacle = await writeObstacle(there);
  if (obstacle !== null) {
    const what = there === path ? "cannot be written" : "is not there and cannot be made";
    return problem(
      `${path} ${what}: ${obstacle}`,
      `Give this user (uid ${userId}) a folder there: install -d -o USER ${path}`,
    );
  }
  if (there !== path) return ok(`${path} is not there yet: the first batch makes it`);
  const { mode, uid } = await stat(path);
  if (userId === 0 && uid !== 0) {
    return warning(
      `${path} belongs to user ${uid}: what root makes in it, the service cannot change`,
      `Run crash-digger as that user: setpriv --reuid=${uid} --clear-groups …, or sudo -u '#${uid}' …`,
    );
  }
  if (mustBePrivate && (mode & 0o077) !== 0) {
    return warning(`${path} is open to other users, and holds cores: passwords, letters`, `chmod go= ${path}`);
  }
  return ok(`${path} (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`);
}

/** Whether a sysroot of hard links can be made: symbols and crashes under way on one file system that has them. */
export async function checkHardLinks(symbols: string, work: string): Promise<Answer> {
  const [from, to] = [await nearestFolder(symbols), await nearestFolder(work)];
  const remedy = "Let cache_dir be one file system that has hard links (ext4, XFS, btrfs, …).";
  if ((await stat(from)).dev !== (await stat(to)).dev) {
    return problem(`${symbols} and ${work} are on two file systems: no hard links between them`, remedy);
  }
  const obstacle = await linkObstacle(from, to);
  return obstacle === null ? ok(`from ${symbols} to ${work}`) : problem(`in ${from}: ${obstacle}`, remedy);
}

const gibibyte = 1024 ** 3;

/** Whether there is room for what will be written to a folder. */
export async function checkSpace(path: string): Promise<Answer> {
  const { freeBytes, freeFiles } = await diskRoom(path);
  const free = freeBytes / gibibyte;
  const words = `${free.toFixed(1)} GiB free for ${path}`;
  const remedy = "Make room, or move the folder (state_dir, cache_dir); what is in cache_dir may be deleted.";
  if (freeFiles !== null && freeFiles < 10_000)
    return problem(`only ${freeFiles} more files can be made for ${path}`, remedy);
  if (free < 1) return problem(words, remedy);
  return free < 5 ? warning(words, remedy) : ok(words);
}

// Asked of the file system itself: access(2) knows nothing of quotas, and root may do everything it says.
function writeObstacle(folder: string): Promise<string | null> {
  return inProbe(folder, async () => {});
}

function linkObstacle(from: string, to: string): Promise<string | null> {
  return inProbe(from, async (one) => {
    await writeFile(join(one, "file"), "");
    const obstacle = await inProbe(to, (other) => link(join(one, "file"), join(other, "link")));
    if (obstacle !== null) throw new Error(obstacle);
  });
}

/** Tries something in a folder of our own in there, and leaves nothing behind. @returns why it did not work */
async function inProbe(folder: string, attempt: (probe: string) => Promise<void>): Promise<string | null> {
  try {
    const probe = await mkdtemp(join(folder, ".crash-digger-doctor-"));
    try {
      await attempt(probe);
    } finally {
      await rm(probe, { recursive: true });
    }
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
