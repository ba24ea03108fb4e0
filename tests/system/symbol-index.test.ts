import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { createLab, type Lab } from "../lab/lab.ts";

let lab: Lab;
let report: string;

beforeAll(async () => {
  lab = await createLab();
  report = await crashReport(lab, lab.programs.workers);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function retrace(command: CommandLab): Promise<string> {
  const { exitCode, stdout, stderr } = await command.crashDigger(["retrace", "-s", report]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.toString("utf8");
}

async function indexes(command: CommandLab): Promise<readonly string[]> {
  const entries = await readdir(command.cacheFolder, { recursive: true, withFileTypes: true });
  return entries.map((entry) => join(entry.parentPath, entry.name)).filter((path) => path.endsWith("/index/file"));
}

function archiveOnly(): Promise<CommandLab> {
  return createCommandLab(lab, '[symbols]\nsources = ["archive"]\nsource_lines = false\n');
}

test("symbols that are used a second time get an index, and the trace is the same with it and without", async () => {
  const command = await archiveOnly();
  const first = await retrace(command);
  expect(first).toContain("count_pages");
  expect(await indexes(command)).toEqual([]);
  expect(await retrace(command)).toBe(first);
  const [index = ""] = await indexes(command);
  const made = await stat(index);
  expect(await retrace(command)).toBe(first);
  expect((await stat(index)).mtimeMs).toBe(made.mtimeMs);
  expect(await indexes(command)).toEqual([index]);
});

test("verify finds an index with other content than was recorded, and the next retrace makes it again", async () => {
  const command = await archiveOnly();
  await retrace(command);
  const trace = await retrace(command);
  const [index = ""] = await indexes(command);
  const whole = await readFile(index);
  await writeFile(index, Buffer.from(whole).fill(0, whole.readUInt32LE(12)));
  const verified = await command.crashDigger(["cache", "verify"]);
  expect(verified.stdout.toString("utf8")).toMatch(/\/index\/file: its sha256 is .*; removed$/m);
  expect(await indexes(command)).toEqual([]);
  expect(await retrace(command)).toBe(trace);
  expect(await readFile(index)).toEqual(whole);
});

test("an index counts in the cache, goes with its symbols, and one that was cut off is made again", async () => {
  const command = await archiveOnly();
  await retrace(command);
  const trace = await retrace(command);
  const status = await command.crashDigger(["cache", "status"]);
  expect(status.stdout.toString("utf8")).toMatch(/^index +1 /m);
  const [index = ""] = await indexes(command);
  const whole = await readFile(index);
  await writeFile(index, whole.subarray(0, -1));
  expect(await retrace(command)).toBe(trace);
  expect(await readFile(index)).toEqual(whole);
  expect((await command.crashDigger(["cache", "prune", "--max-bytes", "0"])).exitCode).toBe(0);
  expect(await indexes(command)).toEqual([]);
});
