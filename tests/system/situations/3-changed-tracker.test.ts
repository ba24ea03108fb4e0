import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLab, createCommandLab } from "../../lab/command.ts";
import { crashProgram } from "../../lab/crash-program.ts";
import { createLab, type Lab } from "../../lab/lab.ts";
import { type LaunchpadLab, startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import { type Machine, startMachine } from "../../lab/machine/machine.ts";
import { type MailServer, startMailServer } from "../../lab/machine/mail-server.ts";
import { crashAsBug } from "../../lab/tracker/crash-as-bug.ts";

let lab: Lab;
let launchpad: LaunchpadLab;
let machine: Machine;
let mail: MailServer;
let command: CommandLab;
let credentials: string;

beforeAll(async () => {
  [lab, launchpad, machine] = await Promise.all([createLab(), startLaunchpad(), startMachine()]);
  mail = await startMailServer(machine);
  credentials = launchpad.credentials();
  const credentialsFile = join(lab.folder, "launchpad-credentials");
  await writeFile(credentialsFile, credentials, { mode: 0o600 });
  const tracker = ['type = "launchpad"', 'distribution = "ubuntu"', `api = "${launchpad.webUrl}"`];
  const notify = ['mail_to = "maintainer@lab.example"', `smtp = "smtp://127.0.0.1:${mail.port}"`];
  const lines = ["[tracker]", ...tracker, `credentials = "${credentialsFile}"`, "[notify]", ...notify];
  command = await createCommandLab(lab, `${lines.join("\n")}\n`);
});

afterAll(async () => {
  await Promise.all([launchpad?.close(), lab?.[Symbol.asyncDispose](), machine?.[Symbol.asyncDispose]()]);
});

// Private: a password on a command line, and what the reporter was doing. In the core, too.
const secret = "hunter2-of-the-reporter";

async function filePrivateBug(): Promise<number> {
  const { installedPath, name, version } = lab.programs.workers.recipe;
  const fields = {
    ProblemType: "Crash",
    Title: `workers crashed while ${secret} was typed`,
    Architecture: lab.architecture,
    DistroRelease: lab.release,
    ExecutablePath: installedPath,
    Package: `${name} ${version}`,
    ProcCmdline: `workers --password=${secret}`,
    Signal: "11",
  };
  return launchpad.addBug(crashAsBug(fields, await readFile(await crashProgram(lab.programs.workers, lab.folder))));
}

test("a new version of the tracker breaks the client: the exception is mailed with its backtrace, and it stops", async () => {
  const id = await filePrivateBug();
  const before = launchpad.bug(id);
  const behaveAgain = launchpad.fault({
    route: "GET bug",
    times: Infinity,
    fault: { kind: "changed-shape", field: "tags", to: { entries: ["apport-crash"] } },
  });
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 1, stderr: "" });

  const [told, ...further] = await mail.untilMails(1, "maintainer");
  expect(further).toEqual([]);
  expect(told?.subject).toMatch(new RegExp(`^crash-digger stopped: while working on crash ${id}: Launchpad's answer`));
  expect(told?.text).toMatch(/is not what it used to be: tags: .*array/);
  expect(told?.text).toMatch(/^Batch: 1$/m);
  expect(told?.text).toContain(`\nCrash: ${id}\n`);
  expect(told?.text).toMatch(/^What to do: .*version has changed/m);
  expect(told?.text).toMatch(/\n {4}at .*src\/tracker\/launchpad\/.*\.ts:\d+/);
  const whole = JSON.stringify(told);
  expect(whole).not.toContain(secret);
  for (const line of credentials.match(/(?<=access_\w+ = ).+/g) ?? []) expect(whole).not.toContain(line);

  expect(launchpad.bug(id)).toEqual(before);
  behaveAgain();
  launchpad.forgetRequests();
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(launchpad.requests()).toEqual([]);

  expect(await command.crashDigger(["unlock"])).toMatchObject({ exitCode: 0 });
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(launchpad.bug(id).tags).toEqual(["apport-crash"]);
  expect(await mail.mails("maintainer")).toHaveLength(1);
});
