import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatLock, parseLock, runningLock } from "../../src/digger/lock-file.ts";
import { openState } from "../../src/digger/state.ts";
import type { ProcessResult } from "../../src/system/process.ts";
import { ownIdentity } from "../../src/system/process-identity.ts";
import { type CommandLab, createCommandLab, withoutSourceLines } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { createLab, type Lab } from "../lab/lab.ts";

let lab: Lab<"asserts">;
let report: string;
beforeAll(async () => {
  lab = await createLab("asserts");
  report = await crashReport(lab, lab.programs.asserts);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

/** Starts so many at once; one that works waits for the archive until all the others have ended, and is then stopped. */
async function startAtOnce(command: CommandLab, count: number): Promise<readonly ProcessResult[]> {
  const end = lab.server.misbehave(/InRelease/, { kind: "hang" });
  const results: ProcessResult[] = [];
  const all = Array.from({ length: count }, async () => {
    results.push(await command.crashDigger(["run"]));
  });
  await expect.poll(() => results.length, { timeout: 90_000, interval: 100 }).toBe(count - 1);
  const { pid } = parseLock(await readFile(command.lockPath, "utf8"));
  // Without one, kill() would be of our whole process group.
  if (pid === null) throw new Error("the lock of the one that works names no process");
  process.kill(pid, "SIGTERM");
  await Promise.all(all);
  end();
  lab.server.dropConnections();
  return results;
}

async function batchesOf(command: CommandLab): Promise<number> {
  const state = await openState(join(command.stateFolder, "state.db"));
  try {
    return (await state.lastBatches(100)).length;
  } finally {
    await state.close();
  }
}

test("of fifty processes that start at once exactly one runs, and the others end without a word on stderr", async () => {
  const command = await createCommandLab(lab, withoutSourceLines);
  await command.submit(report);
  const results = await startAtOnce(command, 50);
  const beside = results.filter(({ stdout }) => stdout.includes("another batch is running; nothing done"));
  expect(beside).toHaveLength(49);
  expect(beside.filter(({ exitCode, stderr }) => exitCode !== 0 || stderr !== "")).toEqual([]);
  expect(results.filter(({ exitCode }) => exitCode === 143)).toHaveLength(1);
  expect(await batchesOf(command)).toBe(1);
});

test("of many that start at once after a kill exactly one tells of it, and none runs", async () => {
  const command = await createCommandLab(lab, withoutSourceLines);
  const gone = { ...ownIdentity(), startTicks: "1" };
  await writeFile(command.lockPath, formatLock(runningLock(gone, new Date())));
  const results = await Promise.all(Array.from({ length: 8 }, () => command.crashDigger(["run"])));
  expect(results.filter(({ exitCode }) => exitCode === 1)).toHaveLength(1);
  expect(results.filter(({ stderr }) => stderr !== "")).toHaveLength(1);
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
});

test("of many that start at once after a reboot exactly one takes the lock over", async () => {
  const command = await createCommandLab(lab, withoutSourceLines);
  await command.submit(report);
  const before = { ...ownIdentity(), bootId: "an-earlier-boot" };
  await writeFile(command.lockPath, formatLock(runningLock(before, new Date())));
  const results = await startAtOnce(command, 8);
  expect(results.filter(({ stdout }) => stdout.includes("lock taken over"))).toHaveLength(1);
  expect(results.map(({ exitCode }) => exitCode).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 143]);
  expect(await batchesOf(command)).toBe(1);
});
