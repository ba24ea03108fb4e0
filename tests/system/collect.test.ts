import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { machineRelease } from "../../src/collect/machine-release.ts";
import { parsePackageField } from "../../src/report/package-field.ts";
import { readReport } from "../../src/report/read-report.ts";
import { minimalEnvironment, run } from "../../src/system/process.ts";
import { createCommandLab, launcher } from "../lab/command.ts";
import { crashProgram } from "../lab/crash-program.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { makeCore } from "../lab/make-core.ts";
import { cutCore } from "../lab/report.ts";
import { tool } from "../lab/tool.ts";

const compressors = {
  zst: ["zstd", "-q"],
  lz4: ["lz4", "-q", "-m"],
  xz: ["xz", "--keep"],
} as const;

const versionFormat = "--showformat=$" + "{Version}";

let lab: Lab;
let core: string;
/** Of a program that no package ships: apt is not asked, so that it takes a third of the time. */
let bareCore: string;
let spool: string;

beforeAll(async () => {
  lab = await createLab();
  core = await makeCore(["/usr/bin/sleep", "1000"], lab.folder);
  await utimes(core, 1_700_000_000, 1_700_000_000);
  bareCore = await crashProgram(lab.programs.workers, lab.folder);
  await utimes(bareCore, 1_700_000_000, 1_700_000_000);
  spool = join(lab.folder, "spool");
  await mkdir(spool);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function collect(args: readonly string[], wrapper: readonly string[] = []) {
  const command = [...wrapper, launcher, "collect", ...args] as [string, ...string[]];
  const env = { ...minimalEnvironment, TZ: "UTC", TMPDIR: spool };
  const result = await run(command, { deadlineMs: 60_000, env, cwd: lab.folder });
  expect(await readdir(spool)).toEqual([]);
  return { ...result, out: result.stdout.toString("utf8") };
}

async function collected(name: string, args: readonly string[], wrapper: readonly string[] = []) {
  const path = join(lab.folder, name);
  const result = await collect(["-o", path, ...args], wrapper);
  expect(result).toMatchObject({ exitCode: 0, out: `${path}\n` });
  const report = await readReport(path, { spoolFolder: lab.folder, binaries: "skip" });
  if (!report.ok) throw new Error(report.fault.message);
  return { path, fields: Object.fromEntries(report.report.fields), stderr: result.stderr };
}

test("a core of a packaged program becomes a complete report, which its owner alone may read", async () => {
  const { path, fields, stderr } = await collected("sleep.crash", ["--core", core]);
  const version = (await tool(["dpkg-query", "-W", versionFormat, "coreutils"])).toString("utf8");
  expect(fields).toMatchObject({
    ProblemType: "Crash",
    Architecture: lab.architecture,
    Date: "Tue Nov 14 22:13:20 2023",
    Dependencies: expect.stringMatching(/^libc6 \d\S+$/m),
    DistroRelease: await machineRelease(),
    ExecutablePath: "/usr/bin/sleep",
    PackageArchitecture: lab.architecture,
    ProcCmdline: "/usr/bin/sleep 1000",
    ProcMaps: expect.stringMatching(/r-xp .*\/usr\/bin\/sleep\n(.*\n)*.*libc/),
    Signal: "11",
    SignalName: "SIGSEGV",
    SourcePackage: "coreutils",
    Title: "sleep crashed with SIGSEGV",
    Uname: expect.stringMatching(/^Linux \S+ \S+$/),
  });
  expect(parsePackageField(fields["Package"] ?? "")).toMatchObject({ name: "coreutils", version, modified: [] });
  for (const field of ["ProcEnviron", "UserGroups", "InterpreterPath"]) expect(fields).not.toHaveProperty(field);
  expect(stderr).not.toContain("ships");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test.each(Object.entries(compressors))(
  "a core stored as %s gives the same report as the raw one",
  async (end, command) => {
    await tool([...command, bareCore]);
    // Its name says nothing about what it is.
    const stored = join(lab.folder, `core.workers.1000.stored-${end}`);
    await rename(`${bareCore}.${end}`, stored);
    await utimes(stored, 1_700_000_000, 1_700_000_000);
    const raw = await collected(`raw-${end}.crash`, ["--core", bareCore]);
    const { exitCode, stdout } = await collect(["--core", stored, "-o", "-"]);
    expect(exitCode).toBe(0);
    expect(stdout.equals(await readFile(raw.path))).toBe(true);
  },
);

test.each(Object.entries(compressors))("a %s file that was cut off is refused", async (end, command) => {
  const cut = join(lab.folder, `cut.${end}.core`);
  await copyFile(core, cut);
  await tool([...command, cut]);
  await truncate(`${cut}.${end}`, 10_000);
  const result = await collect(["--core", `${cut}.${end}`, "-o", `${cut}.crash`]);
  expect(result).toMatchObject({ exitCode: 1, out: "" });
  expect(result.stderr).toMatch(/cut\.\w+\.core\.\w+ cannot be decompressed: .+\.\n$/);
  await expect(stat(`${cut}.crash`)).rejects.toThrow("ENOENT");
});

test("collect, submit, run: the crash is traced", async () => {
  const command = await createCommandLab(lab, '[symbols]\nsources = ["host"]\n');
  const id = await command.submit(join(lab.folder, "sleep.crash"));
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  const { header } = await command.crash(id);
  expect(header.tags).not.toContain(`need-${lab.architecture}-retrace`);
  expect(header.fields.get("Stacktrace")).toMatch(/nanosleep/);
});

test("a program of no package is traced by its build-ids alone", async () => {
  const { path, fields, stderr } = await collected("workers.crash", ["--core", bareCore]);
  const { installedPath } = lab.programs.workers.recipe;
  expect(fields).toMatchObject({ ExecutablePath: installedPath, Title: "workers crashed with SIGSEGV" });
  expect(fields).not.toHaveProperty("Package");
  expect(stderr).toMatch(/No installed package ships .*workers/);
  await symlink(join(lab.configFolder, lab.release), join(lab.configFolder, await machineRelease()));
  const command = await createCommandLab(lab, '[symbols]\nsources = ["archive"]\nsource_lines = false\n');
  const id = await command.submit(path);
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await command.crash(id)).header.fields.get("StacktraceTop")).toMatch(/^count_pages \(document=0x0\)/);
});

test("a script's crash is the script's, in its interpreter", async () => {
  const script = join(lab.folder, "nap");
  await writeFile(script, "#!/usr/bin/python3\nimport time\ntime.sleep(1000)\n", { mode: 0o755 });
  const crashed = await makeCore([script], lab.folder);
  const { fields } = await collected("nap.crash", ["--core", crashed]);
  expect(fields).toMatchObject({
    ExecutablePath: script,
    InterpreterPath: expect.stringMatching(/^\/usr\/bin\/python3\.\d+$/),
    Title: "nap crashed with SIGSEGV",
  });
  const told = await collected("told.crash", ["--core", crashed, "--executable", "/usr/bin/python3"]);
  expect(told.fields).toMatchObject({ ExecutablePath: expect.stringMatching(/^\/usr\/bin\/python3\.\d+$/) });
  expect(told.fields).not.toHaveProperty("InterpreterPath");
  expect(told.fields["Package"]).toMatch(/^python3\.\d+-minimal \d/);
});

test("a file that was changed or replaced since is told", async () => {
  const bound = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", "/usr/bin/true", "/usr/bin/sleep", "--"];
  const { fields, stderr } = await collected("replaced.crash", ["--core", core], bound);
  expect(fields["Package"]).toMatch(/^coreutils \[modified: (usr\/)?bin\/sleep\]/);
  expect(stderr).toMatch(/\/usr\/bin\/sleep is another file now than the one that crashed/);
});

test("without -o the report is named after program and process, and none is overwritten", async () => {
  const first = await collect(["--core", bareCore]);
  expect(first).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^workers\.\d+\.crash\n$/) });
  const name = join(lab.folder, first.out.trim());
  await writeFile(name, "of another crash");
  const second = await collect(["--core", bareCore]);
  expect(second).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("is there already") });
  expect(await readFile(name, "utf8")).toBe("of another crash");
});

test("a core that was cut off is refused with the bytes that are missing", async () => {
  const cut = await cutCore(core, 100_000, join(lab.folder, "cut.core"));
  const result = await collect(["--core", cut]);
  expect(result).toMatchObject({ exitCode: 1, out: "" });
  expect(result.stderr).toMatch(/cut\.core is cut off: \d+ bytes of \d+ are missing\. .*ExternalSizeMax/);
});

test("a core of another machine's program is refused", async () => {
  const foreign = join(lab.folder, "foreign.core");
  await copyFile(core, foreign);
  const bytes = await readFile(foreign);
  // e_machine: PA-RISC, which Debian's dpkg allows beside nothing.
  bytes.writeUInt16LE(15, 18);
  await writeFile(foreign, bytes);
  const result = await collect(["--core", foreign]);
  expect(result).toMatchObject({ exitCode: 1, out: "" });
  expect(result.stderr).toMatch(/The core is of a program for .*, and this machine is /);
});

test.each([
  [["--core", "/nonexistent"], 1, "cannot be opened: ENOENT"],
  [["--core", "/"], 1, "not a regular file"],
  [["--core", "/dev/zero"], 1, "not a regular file"],
  [["--core", "/bin/true"], 1, "not a core"],
  [["--core", "/etc/os-release"], 1, "/etc/os-release is not a core that can be read"],
  [[], 2, "required option '--core <core>'"],
  [["--core"], 2, "argument missing"],
] as const)("collect %j says what is wrong", async (args, code, words) => {
  const result = await collect(args);
  expect(result).toMatchObject({ exitCode: code, out: "" });
  expect(result.stderr).toContain(words);
});

test("a report that cannot be written says why", async () => {
  const result = await collect(["--core", bareCore, "-o", "/nonexistent/x.crash"]);
  expect(result).toMatchObject({ exitCode: 1, out: "" });
  expect(result.stderr).toMatch(/the report cannot be made: ENOENT.*\/nonexistent/);
});

test("told to stop in the middle of its work, it leaves nothing behind", async () => {
  const [zeros, stored] = [join(lab.folder, "zeros"), join(lab.folder, "zeros.zst")];
  await writeFile(zeros, Buffer.alloc(64 * 1024 ** 2));
  const frame = await tool(["zstd", "-q", "--stdout", zeros]);
  // Frames in a row are one stream: 32 GiB, which nobody decompresses before the signal comes.
  await writeFile(stored, Buffer.concat(Array.from({ length: 512 }, () => frame)));
  const env = { ...minimalEnvironment, TMPDIR: spool };
  const child = spawn(launcher, ["collect", "--core", stored], { env, cwd: lab.folder, stdio: "ignore" });
  const ended = once(child, "exit");
  while (child.exitCode === null && (await readdir(spool, { recursive: true })).length < 2) await setTimeout(20);
  child.kill("SIGTERM");
  expect(await ended).toEqual([143, null]);
  expect(await readdir(spool)).toEqual([]);
});
