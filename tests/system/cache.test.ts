import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
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

async function answer(command: CommandLab, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await command.crashDigger(["cache", ...args]);
  expect(stderr).toBe("");
  return { exitCode, text: stdout.toString("utf8") };
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test("after a retrace the cache tells what it has, verifies it, and can be emptied and filled again", async () => {
  const command = await createCommandLab(lab, '[symbols]\nsources = ["archive"]\n');
  expect((await command.crashDigger(["retrace", "-s", report])).exitCode).toBe(0);
  const status = JSON.parse((await answer(command, "status", "--json")).text);
  expect(status).toMatchObject({ folder: command.cacheFolder, maxBytes: 20 * 1024 ** 3, holds: 0, unfinished: 0 });
  expect(
    Object.fromEntries(status.kinds.map(({ kind, files }: { kind: string; files: number }) => [kind, files])),
  ).toMatchObject({ executable: 1, debug: 1, dwz: 0, package: 2 });
  // libc and the linker are in no package of the lab: program and symbols of both; and there is no source package.
  expect(status.absences).toEqual({ fresh: 5, expired: 0 });
  const { text } = await answer(command, "status");
  expect(text).toMatch(/^Size +\d+\.\d KiB of 20\.0 GiB/m);
  expect(text).toMatch(/^package +2 /m);

  expect(await answer(command, "verify")).toMatchObject({ exitCode: 0, text: expect.stringContaining("4 files read") });
  const pruned = await answer(command, "prune", "--max-bytes", "0");
  expect(pruned.text).toMatch(/^3 removed, 0 leftovers of killed processes swept; .* before, 0 B now$/m);
  expect(JSON.parse((await answer(command, "status", "--json")).text)).toMatchObject({ bytes: 0, oldestUse: null });
  const again = await command.crashDigger(["retrace", "-s", report]);
  expect(again.stdout.toString("utf8")).toContain("count_pages");
});

test("verify names what is damaged, removes it, and exits with 1; the next retrace mends it", async () => {
  const command = await createCommandLab(lab, '[symbols]\nsources = ["archive"]\n');
  await command.crashDigger(["retrace", "-s", report]);
  const files = await filesBelow(command.cacheFolder);
  const debug = files.find((path) => path.endsWith("/debug/file")) ?? "";
  const bytes = await readFile(debug);
  bytes[bytes.length - 70] = (bytes.at(-70) ?? 0) ^ 1;
  await writeFile(debug, bytes);
  await appendFile(files.find((path) => path.endsWith(".deb")) ?? "", "x");
  const first = await answer(command, "verify");
  expect(first.exitCode).toBe(1);
  expect(first.text).toMatch(/^symbols\/.*\/debug\/file: its sha256 is [0-9a-f]{64}, not [0-9a-f]{64}; removed$/m);
  expect(first.text).toMatch(/^apt\/.*\.deb: its sha256 is [0-9a-f]{64}; removed$/m);
  expect(first.text).toMatch(/^4 files read .*, 2 damaged$/m);
  expect(await answer(command, "verify")).toMatchObject({ exitCode: 0 });
  const again = await command.crashDigger(["retrace", "-s", report]);
  expect(again.stdout.toString("utf8")).toContain("count_pages");
  expect((await answer(command, "status")).text).toMatch(/^debug +1 /m);
});

test("a limit that is no number of bytes is wrong usage", async () => {
  const command = await createCommandLab(lab);
  for (const limit of ["-1", "10G", "1e3", ""]) {
    const result = await command.crashDigger(["cache", "prune", "--max-bytes", limit]);
    expect(result.exitCode, limit).toBe(2);
  }
});
