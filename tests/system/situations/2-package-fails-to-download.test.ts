import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLab, createCommandLab } from "../../lab/command.ts";
import { crashReport } from "../../lab/crash-report.ts";
import { createSignedLab, type Lab } from "../../lab/lab.ts";
import { type Machine, startMachine } from "../../lab/machine/machine.ts";
import { type MailServer, startMailServer } from "../../lab/machine/mail-server.ts";

let lab: Lab;
let machine: Machine;
let mail: MailServer;
let command: CommandLab;

beforeAll(async () => {
  [lab, machine] = await Promise.all([createSignedLab(), startMachine()]);
  mail = await startMailServer(machine);
  const notify = ['mail_to = "maintainer@lab.example"', `smtp = "smtp://127.0.0.1:${mail.port}"`];
  command = await createCommandLab(lab, `[notify]\n${notify.join("\n")}\n`);
});

afterAll(async () => {
  await Promise.all([lab?.[Symbol.asyncDispose](), machine?.[Symbol.asyncDispose]()]);
});

test("a debug package fails to download in the set-up for one crash: it stops, and the maintainers get one mail", async () => {
  const id = await command.submit(await crashReport(lab, lab.programs.workers));
  const before = await command.crash(id);
  const behaveAgain = lab.server.misbehave(/workers-dbgsym.*\.deb/, { kind: "status", status: 404 });
  const batch = await command.crashDigger(["run"]);
  // The mail was taken: nothing on stderr that cron would mail a second time.
  expect(batch).toMatchObject({ exitCode: 1, stderr: "" });
  expect(batch.stdout.toString("utf8")).toContain("told by mail to=maintainer@lab.example");

  const [told, ...further] = await mail.untilMails(1, "maintainer");
  expect(further).toEqual([]);
  expect(told?.subject).toMatch(new RegExp(`^crash-digger stopped: while working on crash ${id}: .*apt-get download`));
  expect(told?.headers).toMatchObject({ "auto-submitted": "auto-generated", to: "maintainer@lab.example" });
  expect(told?.text).toMatch(/404\s+Not Found/);
  expect(told?.text).toMatch(/workers-dbgsym_1\.0-1/);
  expect(told?.text).toMatch(/^Host: \S+$/m);
  expect(told?.text).toMatch(/^Batch: 1$/m);
  expect(told?.text).toContain(`\nCrash: ${id}\n`);
  expect(told?.text).toMatch(/^What to do: /m);
  expect(told?.text).toMatch(/\n {4}at .*src\/.*\.ts:\d+/);

  expect(await command.crash(id)).toEqual(before);
  expect(await readFile(command.lockPath, "utf8")).toMatch(/^reason: .*apt-get download/m);
  behaveAgain();
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await command.crash(id)).toEqual(before);

  expect(await command.crashDigger(["unlock"])).toMatchObject({ exitCode: 0 });
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await command.crash(id)).attachmentTexts.get("StacktraceTop.txt")).toMatch(/^count_pages /);
  expect(await mail.mails("maintainer")).toHaveLength(1);
});
