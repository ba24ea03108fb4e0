import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import path from "node:path";
import type { JailMount } from "../system/jail.ts";
import { jailPaths } from "./gdb-command.ts";
import type { DebuggerTask } from "./types.ts";

/** The script that prints the frames as JSON. */
export const framesMount: JailMount = {
  hostPath: path.join(import.meta.dirname, "frames.py"),
  jailPath: jailPaths.frames,
};

/**
 * What gdb's jail shows. The program gets a name of our own choosing: its path comes from the core, and in a
 * command of gdb a quote, a space or a line break in it would mean something.
 */
export function debuggerMounts(task: DebuggerTask): readonly JailMount[] {
  const mounts: JailMount[] = [
    { hostPath: task.sysroot, jailPath: jailPaths.sysroot },
    { hostPath: task.corePath, jailPath: jailPaths.core },
    framesMount,
  ];
  if (task.indexFolder !== null) mounts.push({ hostPath: task.indexFolder, jailPath: jailPaths.indexes });
  if (task.executablePath === null) return mounts;
  return [...mounts, { hostPath: programIn(task.sysroot, task.executablePath), jailPath: jailPaths.program }];
}

/** The program's file, with links resolved; never one outside the sysroot, whatever its path says. */
export function programIn(sysroot: string, executablePath: string): string {
  const root = realpathSync(sysroot);
  const program = realpathSync(path.join(root, executablePath));
  if (!program.startsWith(`${root}/`)) throw new Error(`${executablePath} leads out of the sysroot ${sysroot}`);
  return program;
}

/** Throws for a sysroot that is not what `buildSysroot` makes. */
// Inside the jail `/lib64 -> /usr/lib64` would lead out of /sysroot to this machine's own libraries: a trace against
// the wrong files, without a word. Whoever builds a sysroot has to make its links relative.
export function refuseAbsoluteLinks(sysroot: string): void {
  for (const name of readdirSync(sysroot)) {
    const entry = path.join(sysroot, name);
    if (!lstatSync(entry).isSymbolicLink()) continue;
    const target = readlinkSync(entry);
    if (path.isAbsolute(target)) throw new Error(`Absolute link in the sysroot: ${entry} -> ${target}`);
  }
}
