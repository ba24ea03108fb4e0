import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nativeArchitecture } from "../../lab/architecture.ts";
import { type CommandLab, type CommandWorld, createCommandLab, launcher } from "../../lab/command.ts";
import { type Machine, startMachine } from "../../lab/machine/machine.ts";
import { type MailServer, mailLogin, startMailServer } from "../../lab/machine/mail-server.ts";

let lab: CommandWorld;
let machine: Machine;
let mail: MailServer;
let passwordFile: string;

beforeAll(async () => {
  machine = await startMachine();
  lab = {
    folder: machine.folder,
    configFolder: join(machine.folder, "releases"),
    architecture: await nativeArchitecture(),
  };
  await mkdir(lab.configFolder);
  mail = await startMailServer(machine);
  passwordFile = join(machine.folder, "smtp-password");
  await writeFile(passwordFile, `${mailLogin.password}\n`, { mode: 0o600 });
});

afterAll(() => machine?.[Symbol.asyncDispose]());

/** A command whose duplicate database is damaged, so that every batch fails at once. */
async function failingCommand(notify: readonly string[]): Promise<CommandLab> {
  const to = 'mail_to = ["maintainer@lab.example"]';
  const command = await createCommandLab(lab, `[notify]\n${[to, ...notify].join("\n")}\n`);
  await writeFile(join(command.stateFolder, "duplicates.db"), "no database, and long enough\n".repeat(100));
  return command;
}

/** Runs a batch on the machine, where the mail server has its name. */
function batchOf(command: CommandLab) {
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", NODE_EXTRA_CA_CERTS: mail.certificate };
  return machine.run([launcher, "--config", command.configFile, "run"], { env });
}

const login = (): readonly string[] => [`smtp_password_file = "${passwordFile}"`];

const routes: [string, () => readonly string[], RegExp][] = [
  ["sendmail", () => [], /with local /],
  [
    "SMTP with STARTTLS and a login",
    () => [`smtp = "smtp://${mailLogin.user}@mail.lab.example:${mail.port}"`, ...login()],
    /with esmtpsa /,
  ],
  [
    "SMTP with TLS from the first byte on and a login",
    () => [`smtp = "smtps://${mailLogin.user}@mail.lab.example:${mail.tlsPort}"`, ...login()],
    /with esmtpsa /,
  ],
];

test.each(routes)("a failure is mailed by %s, and stderr stays empty", async (_name, notify, received) => {
  const before = (await mail.mails("maintainer")).length;
  const batch = await batchOf(await failingCommand(notify()));
  expect(batch).toMatchObject({ exitCode: 1, stderr: "" });
  const told = (await mail.untilMails(before + 1, "maintainer")).at(-1);
  expect(told?.subject).toMatch(/^crash-digger stopped: .*duplicates\.db/);
  expect(told?.headers["received"]).toMatch(received);
  expect(told?.headers["from"]).toMatch(/^crash-digger@/);
});

const unsendable: [string, () => readonly string[], RegExp][] = [
  ["nobody listens at the mail server", () => ['smtp = "smtp://127.0.0.1:1"'], /127\.0\.0\.1:1: .*ECONNREFUSED/],
  [
    "the server's certificate is nobody's",
    () => [`smtp = "smtps://127.0.0.1:${mail.tlsPort}"`],
    /self-signed certificate/,
  ],
  [
    "the password is wrong",
    () => [`smtp = "smtp://nobody@mail.lab.example:${mail.port}"`, ...login()],
    /Invalid login: 535/,
  ],
];

test.each(unsendable)(
  "when %s, the failure is on stderr with the reason, once, and the log has it",
  async (_, notify, reason) => {
    const before = (await mail.mails("maintainer")).length;
    const command = await failingCommand(notify());
    const isForged = _.includes("certificate");
    const batch = isForged ? await command.crashDigger(["run"]) : await batchOf(command);
    expect(batch.exitCode).toBe(1);
    expect(batch.stderr).toMatch(/^crash-digger stopped: .*duplicates\.db/);
    expect(batch.stderr).toMatch(new RegExp(`^This could not be mailed: .*${reason.source}`, "m"));
    expect(batch.stdout.toString("utf8")).toMatch(/the mail could not be sent to=maintainer@lab\.example reason="/);
    expect(batch.stderr + batch.stdout.toString("utf8")).not.toContain(mailLogin.password);
    expect((await readFile(command.lockPath, "utf8")).match(/^reason: /gm)).toHaveLength(1);
    expect(await mail.mails("maintainer")).toHaveLength(before);
  },
);

test("a password that others can read is not used, and the configuration does not show it", async () => {
  const command = await failingCommand(routes[2]?.[1]() ?? []);
  await chmod(passwordFile, 0o644);
  const batch = await batchOf(command);
  await chmod(passwordFile, 0o600);
  expect(batch.stderr).toMatch(/could not be mailed: the mail password .* can be read by others \(mode 0644\)/);
  const shown = await command.crashDigger(["config", "show"]);
  expect(shown.stdout.toString("utf8")).toContain(`smtp_password_file = "${passwordFile}"`);
  expect(shown.stdout.toString("utf8")).not.toContain(mailLogin.password);
});

test("crashes that wait for a person are told in one mail, not in one each, and only once", async () => {
  const before = (await mail.mails("maintainer")).length;
  const notify = ['mail_to = "maintainer@lab.example"', `smtp = "smtp://127.0.0.1:${mail.port}"`, "reminder_s = 1"];
  const command = await createCommandLab(lab, `[notify]\n${notify.join("\n")}\n`);
  for (const name of ["one", "two", "three"]) {
    const report = join(lab.folder, `${name}.crash`);
    await writeFile(
      report,
      `ProblemType: Crash\nExecutablePath: /home/secret/${name}\nArchitecture: ${lab.architecture}\nCoreDump: base64\n H4sICAAAAAAC/0NvcmVEdW1wAA==\n AwAAAAAAAAAAAA==\n`,
    );
    await command.submit(report);
  }
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  const told = await mail.untilMails(before + 1, "maintainer");
  expect(told).toHaveLength(before + 1);
  expect(told.at(-1)?.subject).toBe("crash-digger: 3 crashes wait for a person");
  expect(told.at(-1)?.text).toMatch(/^1: .*\n2: .*\n3: .*\n\n/m);
  expect(told.at(-1)?.text).not.toContain("secret");
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await mail.mails("maintainer")).toHaveLength(before + 1);
});

test("a command of the service that has no lock tells of its failure the same way", async () => {
  const before = (await mail.mails("maintainer")).length;
  const command = await failingCommand([`smtp = "smtp://127.0.0.1:${mail.port}"`]);
  const published = await command.crashDigger(["dupdb", "publish", join(lab.folder, "www")]);
  expect(published).toMatchObject({ exitCode: 1, stderr: "" });
  await writeFile(join(command.cacheFolder, "cache.db"), "no database either\n".repeat(200));
  expect(await command.crashDigger(["cache", "prune"])).toMatchObject({ exitCode: 1, stderr: "" });
  const told = (await mail.untilMails(before + 2, "maintainer")).slice(before);
  expect(told[0]?.subject).toMatch(/^crash-digger dupdb publish failed: .*duplicates\.db/);
  expect(told[1]?.subject).toMatch(/^crash-digger cache prune failed: .*cache\.db/);
  expect(told.map(({ text }) => text).join()).not.toContain("unlock");
});

test("a unit that was killed is told; one that failed by itself has told so", async () => {
  const before = (await mail.mails("maintainer")).length;
  const command = await failingCommand([`smtp = "smtp://127.0.0.1:${mail.port}"`]);
  const tellOf = (code: string, status: string, outcome: string) => {
    const env = {
      PATH: "/usr/bin:/bin",
      MONITOR_EXIT_CODE: code,
      MONITOR_EXIT_STATUS: status,
      MONITOR_SERVICE_RESULT: outcome,
    };
    return machine.run([launcher, "--config", command.configFile, "schedule", "tell", "crash-digger-backup"], { env });
  };
  expect(await tellOf("exited", "1", "exit-code")).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await tellOf("killed", "KILL", "oom-kill")).toMatchObject({ exitCode: 0, stderr: "" });
  const told = (await mail.untilMails(before + 1, "maintainer")).slice(before);
  expect(told.map(({ subject }) => subject)).toEqual(["crash-digger-backup failed: oom-kill, killed, KILL"]);
});
