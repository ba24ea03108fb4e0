import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLab, createCommandLab, launcher } from "../../lab/command.ts";
import { crashReport } from "../../lab/crash-report.ts";
import { createSignedLab, type Lab } from "../../lab/lab.ts";
import { startCron } from "../../lab/machine/cron.ts";
import { type Machine, startMachine } from "../../lab/machine/machine.ts";
import { type MailServer, startMailServer } from "../../lab/machine/mail-server.ts";
import { until } from "../../lab/machine/until.ts";

let lab: Lab;
let machine: Machine;
let mail: MailServer;
let command: CommandLab;
let log: string;

beforeAll(async () => {
  [lab, machine] = await Promise.all([createSignedLab(), startMachine()]);
  mail = await startMailServer(machine);
  command = await createCommandLab(lab, "[notify]\nreminder_s = 86400\n");
  log = join(lab.folder, "crash-digger.log");
});

afterAll(async () => {
  await Promise.all([lab?.[Symbol.asyncDispose](), machine?.[Symbol.asyncDispose]()]);
});

/** How often the log has a line so far. */
function countInLog(words: string): number {
  return readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.includes(words)).length;
}

/** Waits until cron has started two more batches, which found the lock of the failed one. */
async function twoMoreRuns(): Promise<void> {
  const words = "the lock of a failed batch is there; nothing done";
  const before = countInLog(words);
  await until("two more runs", () => (countInLog(words) >= before + 2 ? true : null), 300_000);
}

async function remindAfter(seconds: number): Promise<void> {
  const config = await readFile(command.configFile, "utf8");
  await writeFile(command.configFile, config.replace(/^reminder_s = .*$/m, `reminder_s = ${seconds}`));
}

test("cron mails a failure once, reminds once in the interval, and goes on after unlock and repair", async () => {
  const id = await command.submit(await crashReport(lab, lab.programs.workers));
  const behaveAgain = lab.server.misbehave(/Release/, { kind: "status", status: 404 });
  const install = ["schedule", "install", "--cron", "--every-min", "1", "--log", log, "--yes"];
  const installed = await machine.run([launcher, "--config", command.configFile, ...install]);
  expect(installed).toMatchObject({ exitCode: 0, stderr: "" });
  await startCron(machine);

  const [first] = await mail.untilMails(1);
  const { text, subject, headers } = first ?? { text: "", subject: "", headers: {} };
  expect(subject).toMatch(/^Cron <root@.*> .*crash-digger .*run >> .*crash-digger\.log$/);
  expect(headers).toMatchObject({ to: expect.stringMatching(/^root@/) });
  expect(text).toMatch(/^crash-digger stopped: while working on crash \d+: .*apt-get update/);
  expect(text).toContain("does not have a Release file");
  expect(text).toMatch(/^Host: \S+$/m);
  expect(text).toMatch(/^Batch: 1$/m);
  expect(text).toContain(`\nCrash: ${id}\n`);
  expect(text).toMatch(/^What to do: /m);
  expect(text).toContain("\nThen:  crash-digger unlock\n");
  expect(text).toMatch(/\n {4}at .*src\/.*\.ts:\d+/);

  await twoMoreRuns();
  expect(await mail.mails()).toHaveLength(1);

  // A day, shortened; and long again before the next one would be due, on a busy machine too.
  await remindAfter(20);
  const [, second] = await mail.untilMails(2);
  await remindAfter(86_400);
  expect(second?.text).toMatch(/^crash-digger is stopped: while working on crash \d+: .*apt-get update/);
  expect(second?.text).toContain('"crash-digger unlock"');
  await twoMoreRuns();
  expect(await mail.mails()).toHaveLength(2);

  behaveAgain();
  expect(await command.crashDigger(["unlock"])).toMatchObject({ exitCode: 0 });
  await until("the crash to be traced", () => (countInLog(`crash done crash=${id} verdict=new`) > 0 ? true : null));
  expect((await command.crash(id)).attachmentTexts.get("StacktraceTop.txt")).toMatch(/^count_pages /);
  expect(await mail.mails()).toHaveLength(2);
}, 900_000);
