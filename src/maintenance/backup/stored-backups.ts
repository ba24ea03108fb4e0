import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** A whole backup in a folder of backups: each is a folder, named after the moment it was taken. */
export type StoredBackup = { readonly name: string; readonly takenAt: Date; readonly path: string };

const namePattern = /^(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** The name of a backup: `2026-11-28T031005Z`. No colons, which some file systems do not take. */
export function nameFor(takenAt: Date): string {
  return `${takenAt.toISOString().slice(0, 19).replaceAll(":", "")}Z`;
}

/** When a backup of this name was taken; null when it is no such name. */
export function momentOf(name: string): Date | null {
  const [, day, hour, minute, second] = namePattern.exec(name) ?? [];
  const moment = new Date(`${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

/** The backups in a folder, newest first; none when there is no such folder. */
export async function storedBackups(folder: string): Promise<readonly StoredBackup[]> {
  const names = await namesIn(folder);
  return names
    .flatMap((name) => {
      const takenAt = momentOf(name);
      return takenAt === null ? [] : [{ name, takenAt, path: join(folder, name) }];
    })
    .sort((left, right) => right.takenAt.getTime() - left.takenAt.getTime());
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
