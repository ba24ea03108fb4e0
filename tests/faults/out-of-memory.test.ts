import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { descendantNamed, killForMemory } from "../lab/kill-for-memory.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { type StartedBatch, startBatch } from "../lab/started-batch.ts";

let lab: Lab;
let report: string;
let command: CommandLab;
let crash: number;
let mark: string;

beforeAll(async () => {
  lab = await createLab();
  mark = `need-${lab.architecture}-retrace`;
  report = await crashReport(lab, lab.programs.workers);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

beforeEach(async () => {
  command = await createCommandLab(lab, "[batch]\nretry_delay_s = 0\n");
  crash = await command.submit(report);
});

/** A batch that waits for a package while its gdb waits for the crash; `goOn` lets it have both. */
async function batchInTheMiddle(): Promise<StartedBatch & { goOn(): void }> {
  const asked = lab.server.hits(/dbgsym.*\.deb/).length;
  const goOn = lab.server.misbehave(/dbgsym.*\.deb/, { kind: "drip", bytesPerPiece: 100, pauseMs: 60 });
  const batch = startBatch(command);
  await expect.poll(() => lab.server.hits(/dbgsym.*\.deb/).length, { timeout: 60_000 }).toBeGreaterThan(asked);
  return { ...batch, goOn };
}

async function status() {
  return JSON.parse((await command.crashDigger(["status", "--json"])).stdout.toString("utf8"));
}

test("a gdb that is killed because memory ran out has its crash tried again, and nothing else is disturbed", async () => {
  const batch = await batchInTheMiddle();
  let gdb: number | null = null;
  await expect.poll(() => (gdb = descendantNamed("gdb", batch.pid)), { timeout: 60_000 }).not.toBeNull();
  const killed = killForMemory(gdb);
  expect(await batch.ended).toEqual({ exitCode: 0, signal: null });
  batch.goOn();
  await killed.remove();
  expect((await status()).retries, `killed by the ${killed.by}`).toMatchObject([
    { crash, tries: 1, reason: expect.stringMatching(/memory/) },
  ]);
  expect((await command.crash(crash)).header.tags).toContain(mark);
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await command.crash(crash)).header.tags).toEqual([]);
});

test("a batch that is killed because memory ran out is noted as a failure by the next run, told once, and loses nothing", async () => {
  const batch = await batchInTheMiddle();
  const killed = killForMemory(batch.pid);
  batch.goOn();
  expect(await batch.ended, `killed by the ${killed.by}`).toEqual({ exitCode: null, signal: "SIGKILL" });
  await killed.remove();
  lab.server.dropConnections();
  const next = await command.crashDigger(["run"]);
  expect(next.exitCode).toBe(1);
  expect(next.stderr).toMatch(/^crash-digger is stopped: process \d+ was killed, or died, in mid-batch\n/);
  expect(next.stderr).toMatch(/"Out of memory"/);
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  await command.crashDigger(["unlock"]);
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await command.crash(crash)).header.tags).toEqual([]);
});
