import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readReport } from "../../src/report/read-report.ts";
import { type CommandLab, createCommandLab, withoutSourceLines } from "../lab/command.ts";
import { crashProgram } from "../lab/crash-program.ts";
import { inTerminal } from "../lab/in-terminal.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { makeReport, writeFields } from "../lab/report.ts";

// What people have in their cron lines and in their fingers from Apport's crash-digger and apport-retrace.

let lab: Lab;
let command: CommandLab;
let core: string;
let report: string;

beforeAll(async () => {
  lab = await createLab();
  command = await createCommandLab(lab, withoutSourceLines);
  core = await crashProgram(lab.programs.workers, lab.folder);
  report = await reportOf("workers.crash");
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

async function reportOf(name: string, fields: Record<string, string | null> = {}): Promise<string> {
  const { installedPath } = lab.programs.workers.recipe;
  const recipe = { core, executablePath: installedPath, package: "workers 1.0-1", release: lab.release, fields };
  return await makeReport(recipe, join(lab.folder, name));
}

async function crashDigger(...args: readonly string[]) {
  const result = await command.crashDigger(args);
  return { exitCode: result.exitCode, out: result.stdout.toString("utf8"), stderr: result.stderr };
}

async function contentsOf(path: string) {
  const spoolFolder = join(lab.folder, "spool");
  await mkdir(spoolFolder, { recursive: true });
  const result = await readReport(path, { spoolFolder, binaries: "spool" });
  if (!result.ok) throw new Error(result.fault.message);
  return result.report;
}

test("a cron line of Apport's crash-digger works, and says once in the log what no longer means anything", async () => {
  const folder = join(lab.folder, "cron");
  const [cache, lock, database, published] = ["cache", "lock", "duplicates.db", "published"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  await mkdir(published, { recursive: true });
  const bare = await createCommandLab(lab, "");
  await bare.submit(report);
  const line = ["-a", "/etc/auth", "-c", lab.configFolder, "-C", cache, "-l", lock, "-d", database, "-v"];
  const more = ["--crash-db", "ubuntu", "--sandbox-dir", "/srv/sandbox", "--gdb-sandbox", "--publish-db", published];
  const result = await bare.crashDigger(["run", ...line, ...more]);
  const log = result.stdout.toString("utf8");
  expect(result.stderr).toBe("");
  expect(result.exitCode).toBe(0);
  expect(
    log.match(/options without effect --auth=".*" --crash-db=".*" --sandbox-dir=".*" --gdb-sandbox=".*"/g),
  ).toHaveLength(1);
  expect(log).toContain("verdict=new");
  expect(log).toMatch(/duplicate database published .*signatures=1 addresses=1/);
  expect(await readdir(published)).toEqual(expect.arrayContaining(["address", "sig"]));
  expect(existsSync(database)).toBe(true);
  expect(await readdir(cache)).toContain("symbols");
  expect(existsSync(lock)).toBe(false);
});

test("run -l keeps to its own lock file, which unlock -l takes away", async () => {
  const lock = join(lab.folder, "own.lock");
  await writeFile(lock, '1\nreason: "the disk is full"\n');
  expect((await crashDigger("run", "-l", lock)).out).toContain("the lock of a failed batch is there");
  expect((await crashDigger("unlock", "-l", lock)).out).toContain("the disk is full");
  expect(existsSync(lock)).toBe(false);
});

test("apport-retrace FILE -S DIR -C DIR -o OUT works under another name", async () => {
  const out = join(lab.folder, "out.crash");
  const bare = await createCommandLab(lab, '[symbols]\nsources = ["archive"]\nsource_lines = false\n');
  const args = [report, "-S", lab.configFolder, "-C", join(lab.folder, "own-cache"), "-o", out];
  const result = await bare.crashDigger(["retrace", ...args]);
  expect(result.stderr).toBe("");
  expect(result.exitCode).toBe(0);
  expect((await contentsOf(out)).fields.get("StacktraceTop")).toMatch(/^count_pages \(document=0x0\)/);
});

test("options of apport-retrace without effect are accepted; only the log says so", async () => {
  const idle = ["--gdb-sandbox", "--timestamps", "--dynamic-origins", "-p", "coreutils", "-p", "zsh"];
  const more = ["--sandbox-dir", "/srv/sandbox"];
  expect(await crashDigger("retrace", "-s", ...idle, ...more, report)).toMatchObject({ exitCode: 0, stderr: "" });
  const { stderr } = await crashDigger("retrace", "-s", "-v", ...idle, ...more, report);
  expect(stderr.match(/options without effect .*--timestamps=/g)).toHaveLength(1);
});

test("-c leaves the core out and keeps every other field, binary ones too", async () => {
  const own = join(lab.folder, "attachments.crash");
  const { fields } = await contentsOf(report);
  const screenshot = join(lab.folder, "screenshot");
  await writeFile(screenshot, "\x89PNG");
  await writeFields(
    { ...Object.fromEntries(fields), UserGroups: "adm" },
    new Map([
      ["CoreDump", { path: core }],
      ["Screenshot", { path: screenshot }],
    ]),
    own,
  );
  expect(await crashDigger("retrace", "-c", own)).toMatchObject({ exitCode: 0 });
  const written = await contentsOf(own);
  expect([...written.binaries.keys()]).toEqual(["Screenshot"]);
  expect(written.fields.get("UserGroups")).toBe("adm");
  expect(written.fields.get("Stacktrace")).toContain("count_pages");
});

test("-r, -x and -m stand in for the report's core, program and maps", async () => {
  const empty = await writeFields(
    {
      ProblemType: "Crash",
      DistroRelease: lab.release,
      Architecture: lab.architecture,
      ExecutablePath: "/wrong",
      ProcMaps: "no maps",
    },
    new Map(),
    join(lab.folder, "empty.crash"),
  );
  expect((await crashDigger("retrace", "-s", empty)).stderr).toContain("no core dump");
  const maps = join(lab.folder, "maps");
  await writeFile(maps, `${(await contentsOf(report)).fields.get("ProcMaps")}\n`);
  const { installedPath } = lab.programs.workers.recipe;
  const out = join(lab.folder, "substituted.crash");
  const result = await crashDigger("retrace", "-r", core, "-x", installedPath, "-m", maps, "-o", out, empty);
  expect(result.stderr).toBe("");
  const { fields } = await contentsOf(out);
  expect(fields.get("ExecutablePath")).toBe(installedPath);
  expect(fields.get("StacktraceAddressSignature")).toMatch(new RegExp(`^${installedPath}:11:`));
  expect(fields.get("StacktraceTop")).toContain("count_pages");
  expect((await crashDigger("retrace", "-s", "-r", "/nonexistent", empty)).stderr).toContain(
    "/nonexistent: the core cannot be read",
  );
  expect((await crashDigger("retrace", "-s", "-r", core, "-m", "/nonexistent", empty)).stderr).toContain(
    "the maps cannot be read",
  );
});

test("-R names the package in which the program's file was found", async () => {
  const bare = await createCommandLab(lab, '[symbols]\nsources = ["archive"]\nsource_lines = false\n');
  const wrong = await reportOf("wrong-package.crash", { Package: "workers 0.9-1" });
  await bare.crashDigger(["retrace", "-R", wrong]);
  expect((await contentsOf(wrong)).fields.get("Package")).toBe("workers 1.0-1");
});

test("a report whose release has no package sources says so", async () => {
  const foreign = await reportOf("foreign.crash", { DistroRelease: "Lab 9" });
  const { stderr } = await crashDigger("retrace", "-s", foreign);
  expect(stderr).toContain("foreign.crash: no package sources are configured for Lab 9: only files of this machine");
  expect(stderr.split("\n")).toHaveLength(2);
});

test("retrace ID --auth sends the result to the tracker, as a batch of that crash alone", async () => {
  const own = await createCommandLab(lab, withoutSourceLines);
  const [first, second] = [await own.submit(report), await own.submit(await reportOf("second.crash"))];
  const result = await own.crashDigger(["retrace", String(second), "--auth", "/etc/auth", "-S", lab.configFolder]);
  expect(result.stderr).toBe("");
  expect(result.exitCode).toBe(0);
  expect((await own.crash(second)).header.tags).not.toContain(`need-${lab.architecture}-retrace`);
  expect((await own.crash(second)).attachmentTexts.get("Stacktrace.txt")).toContain("count_pages");
  expect((await own.crash(first)).header.tags).toContain(`need-${lab.architecture}-retrace`);
  const again = await own.crashDigger(["retrace", String(second), "--auth", "/etc/auth"]);
  expect(again.exitCode).toBe(1);
  expect(again.stderr).toContain(`crash ${second} does not wait for a retrace`);
});

test("--confirm shows the traces and takes silence for a no", async () => {
  const own = await createCommandLab(lab, withoutSourceLines);
  const id = await own.submit(report);
  const result = await own.crashDigger(["retrace", String(id), "--auth", "/etc/auth", "--confirm"]);
  expect(result.exitCode).toBe(0);
  expect(result.stdout.toString("utf8")).toMatch(/count_pages[\s\S]*Send this to the tracker\? \[y\/N\]/);
  expect((await own.crash(id)).header.tags).toContain(`need-${lab.architecture}-retrace`);
});

test("while another batch holds the lock retrace ID --auth is worth another try: 99", async () => {
  const own = await createCommandLab(lab, withoutSourceLines);
  const id = await own.submit(report);
  // Ours is a process that lives.
  await writeFile(own.lockPath, `${process.pid}\n`);
  const result = await own.crashDigger(["retrace", String(id), "--auth", "/etc/auth"]);
  expect(result.exitCode).toBe(99);
  expect(result.stderr).toContain("still waits for its retrace");
});

test("retrace -g lets a person at a terminal talk to gdb in the jail", async () => {
  const copy = join(lab.folder, "by-hand.crash");
  await copyFile(report, copy);
  const before = await readFile(copy);
  const screen = await inTerminal(
    ["--config", command.configFile, "retrace", "-g", copy],
    "frame function\nprint 6 * 7\nquit\n",
  );
  expect(screen.exitCode).toBe(0);
  expect(screen.text).toMatch(/#0 .*count_pages \(document=0x0\)/);
  expect(screen.text).toContain("$1 = 42");
  expect(await readFile(copy)).toEqual(before);
});
