import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateFolder } from "./private-files.ts";

/**
 * A submission under way: a folder of its own under `incoming/`, whose name says who is at work
 * (pid namespace, pid, the process's start time) and then an id that its stored files begin with.
 */
export type Submission = { readonly id: string; readonly folder: string };

const namePattern = /^(\d+)-(\d+)-(\d+)-([0-9a-f]{8}-[0-9a-f-]{27})$/;
const foreignLeftoverMs = 24 * 3600 * 1000;

/** Opens a submission. The caller removes its folder when the crash is visible, or has been refused. */
export async function beginSubmission(incomingFolder: string): Promise<Submission> {
  const id = randomUUID();
  const owner = `${pidNamespace()}-${process.pid}-${startTime(process.pid) ?? 0}`;
  const folder = join(incomingFolder, `${owner}-${id}`);
  await makePrivateFolder(folder);
  return { id, folder };
}

/** Submissions whose process is gone. What is no submission at all (a stray file) is left alone. */
export async function deadSubmissions(incomingFolder: string, now: Date): Promise<readonly Submission[]> {
  const dead: Submission[] = [];
  for (const name of await readdir(incomingFolder)) {
    const id = namePattern.exec(name)?.[4];
    const folder = join(incomingFolder, name);
    if (id !== undefined && !(await isAlive(name, folder, now))) dead.push({ id, folder });
  }
  return dead;
}

async function isAlive(name: string, path: string, now: Date): Promise<boolean> {
  const [, namespace, pid, started] = namePattern.exec(name) ?? [];
  if (namespace === pidNamespace()) return startTime(Number(pid)) === started;
  // Another container's process cannot be seen from here. Its folder is left alone for a day.
  const changedMs = await stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
  return now.getTime() - changedMs < foreignLeftoverMs;
}

function pidNamespace(): string {
  return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
}

/**
 * When a process started, in clock ticks since boot; null when there is none. Field 22 of /proc/PID/stat
 * (proc(5)). The command name before it is in parentheses and may hold blanks and parentheses itself.
 */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended, only its parent has not asked yet.
    return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
  } catch {
    // ENOENT: no such process.
    return null;
  }
}
