import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pauseUntil } from "./process-state.ts";

// A group of processes with a limit on their memory, by both of the kernel's interfaces.
const kinds = [
  {
    root: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    isThere: "/sys/fs/cgroup/memory/memory.limit_in_bytes",
  },
  { root: "/sys/fs/cgroup", limit: "memory.max", isThere: "/sys/fs/cgroup/cgroup.controllers" },
] as const;

// Less than a program of any size asks for in its next steps. What it has already is not counted.
const limitBytes = 1024 * 1024;

/**
 * Has a process killed for memory: by the kernel's own out-of-memory killer in a control group with hardly any, where
 * this user may make one; elsewhere by what that killer does, a SIGKILL out of nowhere.
 *
 * @returns what did it, and what has to be called when the process has ended.
 */
export function killForMemory(pid: number | null): { readonly by: "kernel" | "signal"; remove(): Promise<void> } {
  // 0 would be whoever asks, with its whole process group.
  if (pid === null || pid <= 1) throw new Error(`process ${pid} is none to kill`);
  const group = limitedGroup();
  if (group === null) {
    process.kill(pid, "SIGKILL");
    return { by: "signal", remove: async () => {} };
  }
  writeFileSync(join(group, "cgroup.procs"), String(pid));
  return { by: "kernel", remove: () => removeGroup(group) };
}

// A child that was started in there may take a moment longer.
async function removeGroup(group: string): Promise<void> {
  const until = performance.now() + 10_000;
  while (!isRemoved(group)) await pauseUntil(until, `processes in ${group} do not end`);
}

function isRemoved(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
    return false;
  }
}

function limitedGroup(): string | null {
  for (const { root, limit, isThere } of kinds) {
    if (!existsSync(isThere)) continue;
    const group = join(root, `crash-digger-test-${process.pid}-${performance.now()}`);
    try {
      mkdirSync(group);
      writeFileSync(join(group, limit), String(limitBytes));
      return group;
    } catch {
      // Not ours to make, or without the controller for memory: an ordinary user's, a container's.
      if (existsSync(group)) rmdirSync(group);
    }
  }
  return null;
}

/** The first process with this name among those that a process has started, and their children; null when there is none. */
export function descendantNamed(name: string, ancestor: number): number | null {
  const processes = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap(statOf);
  const family = new Set([ancestor]);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes.find((each) => each.name === name && family.has(each.pid))?.pid ?? null;
}

type Stat = { readonly pid: number; readonly name: string; readonly parent: number };

function statOf(entry: string): readonly Stat[] {
  try {
    const [, name = "", parent = ""] =
      /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${entry}/stat`, "latin1")) ?? [];
    return [{ pid: Number(entry), name, parent: Number(parent) }];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
