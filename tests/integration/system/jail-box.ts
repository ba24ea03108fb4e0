import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type JailLimits, type JailResult, type JailTask, runInJail } from "../../../src/system/jail.ts";
import { run } from "../../../src/system/process.ts";

export const limits: JailLimits = {
  wallMs: 60_000,
  cpuSeconds: 30,
  memoryBytes: 1024 ** 3,
  processes: 32,
  scratchBytes: 1024 ** 2,
  openFiles: 64,
  outputBytes: 1024 ** 2,
};
export const fixture = "tests/integration/system/fixtures/jail.ts";
export const repository = join(import.meta.dirname, "../../..");
export const isRoot = process.getuid?.() === 0;
export function taskOf(script: string, mounts: JailTask["mounts"] = [], changed: Partial<JailLimits> = {}): JailTask {
  return { command: ["sh", "-c", script], mounts, limits: { ...limits, ...changed } };
}

export function inJail(
  script: string,
  mounts?: JailTask["mounts"],
  changed?: Partial<JailLimits>,
): Promise<JailResult> {
  return runInJail(taskOf(script, mounts, changed));
}

// mkdtemp makes folders that only their owner may enter; what goes into the jail has to be open.
export function openUp(path: string): Promise<unknown> {
  return run(["chmod", "-R", "o+rX", path], { deadlineMs: 10_000 });
}

/** A number of seconds that no other process in the world sleeps for. */
export function uniqueSeconds(): string {
  return `6${process.pid}.${Math.floor(Math.random() * 1e9)}`;
}

export async function expectGone(mark: string): Promise<void> {
  await expect.poll(() => processesWith(mark), { timeout: 30_000 }).toEqual([]);
}

export function processesWith(mark: string): string[] {
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && procFile(pid, "cmdline").includes(mark));
}

export function procFile(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    // It has just ended.
    return "";
  }
}
