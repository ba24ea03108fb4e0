import { randomUUID } from "node:crypto";
import { readlinkSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { startTicksOf } from "../../system/process-identity.ts";
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
  const owner = `${pidNamespace()}-${process.pid}-${startTicksOf(process.pid) ?? 0}`;
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
  if (namespace === pidNamespace()) return startTicksOf(Number(pid)) === started;
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
