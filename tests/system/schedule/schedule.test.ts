import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { minimalEnvironment, run } from "../../../src/system/process.ts";
import { launcher } from "../../lab/command.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder("schedule");
});
afterAll(() => folder?.remove());

async function newRoot(): Promise<string> {
  return await mkdtemp(join(folder.path, "root-"));
}

async function schedule(args: readonly string[], toml = "") {
  const configFile = join(await newRoot(), "config.toml");
  const folders = `state_dir = "/var/lib/crash-digger"\ncache_dir = "/var/cache/crash-digger"\n`;
  await writeFile(configFile, folders + toml);
  const result = await run([launcher, "--config", configFile, "schedule", ...args], {
    deadlineMs: 60_000,
    env: { ...minimalEnvironment, TZ: "UTC" },
  });
  return { ...result, stdout: result.stdout.toString("utf8"), configFile };
}

test("install prints what it would write, and writes it only when told so", async () => {
  const root = await newRoot();
  const dry = await schedule(["install", "--cron", "--root", root]);
  expect(dry).toMatchObject({ exitCode: 0, stderr: "" });
  expect(dry.stdout).toContain("==> /etc/cron.d/crash-digger <==");
  expect(dry.stdout).toContain("==> /etc/logrotate.d/crash-digger <==");
  expect(dry.stdout).toContain("Nothing was written");
  expect(readdirSync(root)).toEqual([]);
  const real = await schedule(["install", "--cron", "--root", root, "--yes"]);
  expect(real.stdout).toBe("written: /etc/cron.d/crash-digger\nwritten: /etc/logrotate.d/crash-digger\n");
  const text = await readFile(join(root, "etc/cron.d/crash-digger"), "utf8");
  const command = `root ${launcher} --config ${real.configFile}`;
  expect(text.split("\n").slice(2)).toEqual([
    "SHELL=/bin/sh",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "MAILTO=root",
    "",
    `*/10 * * * * ${command} run >> /var/log/crash-digger.log`,
    `17 3 * * * ${command} backup >> /var/log/crash-digger.log`,
    `47 3 * * * ${command} dupdb consolidate >> /var/log/crash-digger.log`,
    `17 4 * * * ${command} cache prune >> /var/log/crash-digger.log`,
    "",
  ]);
});

test("times, user, log, mail and the published folder come from the configuration, and from options before it", async () => {
  const toml = [
    '[notify]\nmail_to = ["a@lab.example", "b@lab.example"]',
    '[schedule]\nuser = "retracer"\nevery_min = 5\ndaily_at = "23:50"\nlog = "/srv/log"\npublish_dir = "/srv/www"\n',
  ].join("\n");
  const configured = (await schedule(["install", "--cron"], toml)).stdout;
  expect(configured).toContain("\nMAILTO=a@lab.example,b@lab.example\n");
  expect(configured).toMatch(/^\*\/5 \* \* \* \* retracer .* run >> \/srv\/log$/m);
  expect(configured).toMatch(/^50 23 \* \* \* retracer .* backup >> \/srv\/log$/m);
  expect(configured).toMatch(/^20 0 \* \* \* retracer .* dupdb consolidate >> \/srv\/log$/m);
  expect(configured).toMatch(/^50 \* \* \* \* retracer .* dupdb publish \/srv\/www >> \/srv\/log$/m);
  const words = [
    "--user",
    "root",
    "--every-min",
    "60",
    "--daily-at",
    "01:00",
    "--log",
    "/l",
    "--mail-to",
    "c@lab.example",
  ];
  const told = (await schedule(["install", "--cron", ...words], toml)).stdout;
  expect(told).toMatch(
    /\nMAILTO=c@lab\.example\n\n0 \* \* \* \* root .* run >> \/l\n0 1 \* \* \* root .* backup >> \/l\n/,
  );
});

test("install wants to be told which of the two", async () => {
  const result = await schedule(["install"]);
  expect(result).toMatchObject({ exitCode: 2, stdout: "" });
  expect(result.stderr).toContain("say --cron or --systemd");
});

test("show tells whether what is installed is what install would write now", async () => {
  const root = await newRoot();
  expect((await schedule(["show", "--root", root])).stdout).toBe("No schedule is installed.\n");
  const { configFile } = await schedule(["install", "--systemd", "--root", root, "--yes"]);
  const shown = async (): Promise<string> => {
    const args = ["--config", configFile, "schedule", "show", "--root", root] as const;
    return (await run([launcher, ...args], { deadlineMs: 60_000 })).stdout.toString("utf8");
  };
  expect((await shown()).split("\n").filter((line) => line.endsWith(": installed"))).toHaveLength(10);
  await writeFile(configFile, `${await readFile(configFile, "utf8")}[schedule]\nevery_min = 30\n`);
  const lines = (await shown()).split("\n").filter((line) => line.includes("otherwise"));
  expect(lines).toEqual([expect.stringMatching(/^\/etc\/systemd\/system\/crash-digger\.timer: installed; /)]);
});

test("remove takes away what install wrote, says so, and nothing else", async () => {
  const root = await newRoot();
  await schedule(["install", "--systemd", "--root", root, "--yes"]);
  const foreign = join(root, "etc/systemd/system/crash-digger-own.service");
  await writeFile(foreign, "[Service]\nExecStart=/bin/true\n");
  const dry = await schedule(["remove", "--root", root]);
  expect(dry.stdout).toContain("would be removed: /etc/systemd/system/crash-digger.timer\n");
  expect(dry.stdout).toContain("Nothing was removed");
  expect(existsSync(join(root, "etc/systemd/system/crash-digger.timer"))).toBe(true);
  const real = await schedule(["remove", "--root", root, "--yes"]);
  expect(real.stdout).toMatch(/^First: systemctl disable --now crash-digger-backup\.timer /);
  expect(real.stdout.match(/^removed: /gm)).toHaveLength(10);
  expect(real.stdout).toContain("left alone: /etc/systemd/system/crash-digger-own.service (not written by");
  expect(readdirSync(dirname(foreign))).toEqual(["crash-digger-own.service"]);
  expect(readdirSync(join(root, "etc/logrotate.d"))).toEqual([]);
});

test("a file that is not ours is not overwritten, nor one that a link leads to, nor are both kinds installed", async () => {
  const root = await newRoot();
  const [cron, other] = [join(root, "etc/cron.d/crash-digger"), join(root, "other")];
  await mkdir(dirname(cron), { recursive: true });
  await writeFile(cron, "* * * * * root crash-digger run\n");
  const install = ["install", "--cron", "--root", root, "--yes"];
  const refused = await schedule(install);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/cron\.d\/crash-digger is there and was not written by crash-digger\nWhat to do: /);
  expect(await readFile(cron, "utf8")).toBe("* * * * * root crash-digger run\n");
  const linked = await newRoot();
  await mkdir(join(linked, "etc/cron.d"), { recursive: true });
  await writeFile(other, "# crash-digger schedule: a copy\n");
  await symlink(other, join(linked, "etc/cron.d/crash-digger"));
  expect((await schedule(["install", "--cron", "--root", linked, "--yes"])).exitCode).toBe(1);
  expect(await readFile(other, "utf8")).toBe("# crash-digger schedule: a copy\n");
  const both = await newRoot();
  await schedule(["install", "--systemd", "--root", both, "--yes"]);
  const second = await schedule(["install", "--cron", "--root", both, "--yes"]);
  expect(second).toMatchObject({ exitCode: 1, stdout: "" });
  expect(second.stderr).toContain("crash-digger schedule remove --systemd --yes");
});

test("systemd-analyze finds nothing to complain about", async () => {
  const root = await newRoot();
  const toml = '[schedule]\npublish_dir = "/srv/www"\n[notify]\nmail_to = "root"\n';
  expect(await schedule(["install", "--systemd", "--root", root, "--yes"], toml)).toMatchObject({ exitCode: 0 });
  const units = readdirSync(join(root, "etc/systemd/system")).map((name) => join(root, "etc/systemd/system", name));
  expect(units).toHaveLength(11);
  const verified = await run(["systemd-analyze", "verify", "--man=no", ...units], { deadlineMs: 60_000 });
  expect(verified).toMatchObject({ exitCode: 0, stderr: "" });
  expect(verified.stdout.toString("utf8")).toBe("");
  const times = units.filter((path) => path.endsWith(".timer")).map((path) => readFile(path, "utf8"));
  const calendars = (await Promise.all(times)).map((text) => /^OnCalendar=(.*)$/m.exec(text)?.[1] ?? "");
  const read = await run(["systemd-analyze", "calendar", ...calendars], { deadlineMs: 60_000 });
  expect(read.stdout.toString("utf8").match(/^Normalized form: .*$/gm)).toEqual([
    "Normalized form: *-*-* 03:17:00",
    "Normalized form: *-*-* 03:47:00",
    "Normalized form: *-*-* 04:17:00",
    "Normalized form: *-*-* *:17:00",
    "Normalized form: *-*-* *:00/10:00",
  ]);
});
