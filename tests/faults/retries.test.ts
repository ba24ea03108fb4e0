import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addPackages, publish, removePackage } from "../lab/archive.ts";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { createLab, type Lab } from "../lab/lab.ts";

let lab: Lab;
let report: string;
let mark: string;

beforeAll(async () => {
  lab = await createLab();
  mark = `need-${lab.architecture}-retrace`;
  report = await crashReport(lab, lab.programs.workers);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function runWell(command: CommandLab): Promise<void> {
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
}

async function status(command: CommandLab) {
  return JSON.parse((await command.crashDigger(["status", "--json"])).stdout.toString("utf8"));
}

test("a crash is parked while the archive lacks its debug symbols, and traced when they are there", async () => {
  const { debugPackage, split } = lab.programs.workers;
  await removePackage(lab.archive, debugPackage);
  await publish(lab.archive);
  const command = await createCommandLab(lab);
  const id = await command.submit(report);
  await runWell(command);
  expect(await status(command)).toMatchObject({
    pending: { retrace: 0 },
    parked: [{ crash: id, modules: expect.arrayContaining([expect.objectContaining({ buildId: split.buildId })]) }],
  });
  expect((await command.crash(id)).header).toMatchObject({ hasCore: true, tags: ["apport-failed-retrace", mark] });
  await runWell(command);
  expect((await status(command)).verdicts).toEqual({ new: 1 });

  await addPackages(lab.archive, [debugPackage]);
  await publish(lab.archive);
  await runWell(command);
  const { header } = await command.crash(id);
  expect(header).toMatchObject({ hasCore: false, tags: [] });
  expect(header.fields.get("StacktraceTop")).toMatch(/^count_pages /);
  expect((await status(command)).parked).toEqual([]);
});

test("a gdb that runs out of memory is tried again, is a dead letter at last, and can be retried by hand", async () => {
  const command = await createCommandLab(
    lab,
    "[batch]\nretry_delay_s = 0\nmax_attempts = 2\n[gdb]\nmemory_bytes = 60000000\n",
  );
  const id = await command.submit(report);
  await runWell(command);
  expect((await status(command)).retries).toMatchObject([
    { crash: id, tries: 1, reason: expect.stringMatching(/memory/) },
  ]);
  await runWell(command);
  expect((await status(command)).deadLetters).toMatchObject([
    { crash: id, reason: expect.stringMatching(/^tried 2 times/) },
  ]);
  expect((await command.crash(id)).header).toMatchObject({ hasCore: true, tags: ["apport-failed-retrace"] });

  const config = await readFile(command.configFile, "utf8");
  await writeFile(command.configFile, config.replace(/\[gdb\]\n.*\n/, ""));
  expect(await command.crashDigger(["retry", String(id)])).toMatchObject({ exitCode: 0 });
  await runWell(command);
  expect((await command.crash(id)).header).toMatchObject({ hasCore: false, tags: [] });
  expect(await status(command)).toMatchObject({ deadLetters: [], retries: [], pending: { retrace: 0 } });
});
