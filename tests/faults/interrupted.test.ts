import { existsSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type CommandLab, createCommandLab, withoutSourceLines } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { startBatch } from "../lab/started-batch.ts";

let lab: Lab<"asserts">;
let report: string;
let command: CommandLab;
let crash: number;
let mark: string;

beforeAll(async () => {
  lab = await createLab("asserts");
  mark = `need-${lab.architecture}-retrace`;
  report = await crashReport(lab, lab.programs.asserts);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

beforeEach(async () => {
  command = await createCommandLab(lab, withoutSourceLines);
  crash = await command.submit(report);
});

/** Runs a batch that waits for the archive, and sends it a signal in the middle. */
async function interrupt(signal: NodeJS.Signals): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> {
  const end = lab.server.misbehave(/dbgsym.*\.deb/, { kind: "hang" });
  try {
    const asked = lab.server.hits(/dbgsym.*\.deb/).length;
    const batch = startBatch(command);
    await expect.poll(() => lab.server.hits(/dbgsym.*\.deb/).length, { timeout: 60_000 }).toBeGreaterThan(asked);
    expect(existsSync(command.lockPath)).toBe(true);
    process.kill(batch.pid, signal);
    return await batch.ended;
  } finally {
    end();
    // The apt-get of a killed batch lives on and holds its lock for as long as the mirror keeps it waiting.
    lab.server.dropConnections();
  }
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "a batch that is told to stop by %s leaves no lock, and the next one goes on",
  async (signal) => {
    expect(await interrupt(signal)).toMatchObject({ exitCode: signal === "SIGTERM" ? 143 : 130 });
    expect(existsSync(command.lockPath)).toBe(false);
    expect((await command.crash(crash)).header.tags).toContain(mark);
    expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await command.crash(crash)).header.tags).not.toContain(mark);
  },
);

test("a killed batch is told once, loses nothing, and is over after unlock", async () => {
  expect(await interrupt("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
  const next = await command.crashDigger(["run"]);
  expect(next.exitCode).toBe(1);
  expect(next.stderr).toMatch(/killed/);
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0 });
  expect((await command.crash(crash)).header.tags).toContain(mark);
  expect(await command.crashDigger(["unlock"])).toMatchObject({ exitCode: 0 });
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  const { header, comments } = await command.crash(crash);
  expect(header.tags).not.toContain(mark);
  expect(comments).toEqual([]);
});

test("a second batch beside a running one ends at once and leaves it alone", async () => {
  const end = lab.server.misbehave(/dbgsym.*\.deb/, { kind: "hang" });
  const batch = startBatch(command);
  try {
    await expect.poll(() => existsSync(command.lockPath), { timeout: 60_000 }).toBe(true);
    expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(existsSync(command.lockPath)).toBe(true);
  } finally {
    end();
    process.kill(batch.pid, "SIGTERM");
    expect(await batch.ended).toMatchObject({ exitCode: 143 });
  }
});
