import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import { replaceFile } from "../../system/replace-file.ts";
import type { ScheduleFile, ScheduleKind } from "./schedule.ts";

/** The first line of every file that is ours. */
export const marker =
  '# crash-digger schedule: written by "crash-digger schedule install", which replaces it; "remove" removes it.';

const markerStart = "# crash-digger schedule:";

/** How a path looks: nothing there, a file of ours, or somebody else's. */
export type Ownership = { readonly kind: "absent" | "foreign" } | { readonly kind: "ours"; readonly text: string };

/** Whose the file at a path is. A link or a folder is never ours. */
export function ownershipOf(path: string): Ownership {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: "absent" };
  if (!stat.isFile()) return { kind: "foreign" };
  const text = readFileSync(path, "utf8");
  return text.startsWith(markerStart) ? { kind: "ours", text } : { kind: "foreign" };
}

/**
 * Writes a file in place of an older one of ours, whole or not at all, for everybody to read.
 *
 * @throws ServiceFailure when somebody else's is there, or when it cannot be written.
 */
export function putFile(root: string, { path, text }: ScheduleFile): void {
  const target = join(root, path);
  if (ownershipOf(target).kind === "foreign") {
    throw new ServiceFailure(`${target} is there and was not written by crash-digger`, {
      remedy: "Look what it is; move it away if it is not needed any more.",
    });
  }
  try {
    mkdirSync(dirname(target), { recursive: true });
    // Its name until it is whole (`.NAME.PID.new`) is one that cron, systemd and logrotate pass over.
    replaceFile(target, text, 0o644);
  } catch (cause) {
    throw new ServiceFailure(`${target} cannot be written: ${messageOf(cause)}`, { cause, remedy: "Run it as root." });
  }
}

/** Removes a file if it is ours. */
export function removeFile(path: string): void {
  if (ownershipOf(path).kind === "ours") rmSync(path);
}

const places: Readonly<Record<ScheduleKind, RegExp>> = {
  cron: /^crash-digger$/,
  systemd: /^crash-digger(?:-[a-z]+)?@?\.(?:service|timer)$/,
};

const folders: Readonly<Record<ScheduleKind, string>> = { cron: "/etc/cron.d", systemd: "/etc/systemd/system" };

/** Paths (without the root) below which an earlier schedule of this kind may be: those of jobs that are gone, too. */
export function installedPaths(root: string, kind: ScheduleKind): readonly string[] {
  return namesIn(join(root, folders[kind]))
    .filter((name) => places[kind].test(name))
    .sort()
    .map((name) => join(folders[kind], name));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No such folder: cron, or systemd, is not there.
    return [];
  }
}
