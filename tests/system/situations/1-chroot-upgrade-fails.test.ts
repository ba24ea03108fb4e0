import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ChrootLab, createChrootLab, inChroot, plantChroot } from "../../lab/chroot-lab.ts";
import { type CommandLab, createCommandLab } from "../../lab/command.ts";
import { crashReport } from "../../lab/crash-report.ts";
import { type Machine, startMachine } from "../../lab/machine/machine.ts";
import { type MailServer, startMailServer } from "../../lab/machine/mail-server.ts";

// A system is copied, and installed into, a few times: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 300_000 });

let lab: ChrootLab;
let machine: Machine;
let mail: MailServer;
let command: CommandLab;

beforeAll(async () => {
  [lab, machine] = await Promise.all([createChrootLab(), startMachine()]);
  mail = await startMailServer(machine);
  const notify = ['mail_to = "maintainer@lab.example"', `smtp = "smtp://127.0.0.1:${mail.port}"`];
  command = await createCommandLab(lab, `${inChroot}[notify]\n${notify.join("\n")}\n`);
  await plantChroot(command, lab);
});

afterAll(async () => {
  await Promise.all([lab?.[Symbol.asyncDispose](), machine?.[Symbol.asyncDispose]()]);
});

test("a maintainer script makes the automatic upgrade of a chroot fail: it stops, and the maintainers get one mail", async () => {
  await lab.upload("2.0", new Map([["postinst", "echo 'postinst: the database of colours is missing' >&2; exit 7"]]));
  const id = await command.submit(await crashReport(lab, lab.programs.workers));
  const before = await command.crash(id);
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 1, stderr: "" });

  // The problem in the package's own words, what to do, the exception and where it was.
  const [told, ...further] = await mail.untilMails(1, "maintainer");
  expect(further).toEqual([]);
  const stopped = `^crash-digger stopped: while working on crash ${id}: .*upgrade of the chroot of Lab 1 `;
  expect(told?.subject).toMatch(new RegExp(stopped));
  expect(told?.text).toMatch(/error processing package lab-tool \(--configure\)/);
  expect(told?.text).toContain("postinst: the database of colours is missing");
  expect(told?.text).toMatch(/exit status 7/);
  expect(told?.text).toMatch(/^What to do: .*chroot enter RELEASE --broken/m);
  expect(told?.text).toMatch(/\n {4}at .*src\/.*\.ts:\d+/);
  expect(await readFile(command.lockPath, "utf8")).toMatch(/^reason: .*database of colours/m);
  expect(await command.crash(id)).toEqual(before);

  // Nothing more is done, nor told, until a person has looked.
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await command.crash(id)).toEqual(before);

  await lab.upload("2.1");
  expect(await command.crashDigger(["unlock"])).toMatchObject({ exitCode: 0 });
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  const after = await command.crash(id);
  expect(after.header.tags).not.toContain(`need-${lab.architecture}-retrace`);
  expect(after.attachmentTexts.get("StacktraceTop.txt")).toMatch(/^count_pages .*\nprint_job .*\nhandle_job /);
  expect(await mail.mails("maintainer")).toHaveLength(1);
});
