import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { LocalCrash } from "../../../src/tracker/local/read-crash.ts";
import { type CommandLab, createCommandLab, withoutSourceLines } from "../../lab/command.ts";
import { crashProgram } from "../../lab/crash-program.ts";
import { createLab, type Lab } from "../../lab/lab.ts";
import { cutCore, makeReport } from "../../lab/report.ts";

let lab: Lab;
let core: string;
let command: CommandLab;
let mark: string;
let reportCount = 0;

beforeAll(async () => {
  lab = await createLab();
  mark = `need-${lab.architecture}-retrace`;
  core = await crashProgram(lab.programs.workers, lab.folder);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

beforeEach(async () => {
  command = await createCommandLab(lab, withoutSourceLines);
});

type Twist = { readonly core?: string; readonly fields?: Readonly<Record<string, string | null>> };

async function report({ core: attachedCore = core, fields = {} }: Twist): Promise<string> {
  reportCount += 1;
  const { installedPath } = lab.programs.workers.recipe;
  const recipe = { core, attachedCore, executablePath: installedPath, package: "workers 1.0-1", release: lab.release };
  return makeReport({ ...recipe, fields }, join(lab.folder, `report-${reportCount}.crash`));
}

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(lab.folder, name);
  await writeFile(path, content);
  return path;
}

async function dig(reports: readonly string[]): Promise<readonly LocalCrash[]> {
  const ids: number[] = [];
  for (const each of reports) ids.push(await command.submit(each));
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await readdir(join(command.cacheFolder, "work"))).toEqual([]);
  return Promise.all(ids.map((id) => command.crash(id)));
}

test("cores that are none are refused with a reason, and the good report among them is traced", async () => {
  const half = await cutCore(core, 100_000, join(lab.folder, "half"));
  const onlyHeader = await cutCore(core, 64, join(lab.folder, "only-header"));
  const twists = [
    { core: half },
    { core: onlyHeader },
    { core: await file("empty", "") },
    { core: await file("text", "#!/bin/sh\ntouch /tmp/pwned\n") },
    { core: lab.programs.workers.unstripped },
    {},
  ];
  const crashes = await dig(await Promise.all(twists.map(report)));
  const bad = crashes.slice(0, -1);
  for (const { header, comments, attachmentTexts } of bad) {
    expect(header.tags).not.toContain(mark);
    expect(header.status).toEqual({ kind: "invalid" });
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toMatch(/core/);
    expect(attachmentTexts.has("Stacktrace.txt")).toBe(false);
  }
  expect(bad[0]?.comments[0]?.body).toMatch(/cut off: \d+ bytes/);
  expect(crashes.at(-1)?.attachmentTexts.get("StacktraceTop.txt")).toMatch(/^count_pages /);
});

test("a release that is a path is never followed, and its report left alone", async () => {
  const releases = [
    "../config/Lab 1",
    "Lab 1/../Lab 1",
    "..",
    ".",
    "/etc/apt",
    `${lab.configFolder}/Lab 1`,
    "Lab 1/",
    "-o",
  ];
  const asked = lab.server.hits().length;
  const crashes = await dig(
    await Promise.all(releases.map((release) => report({ fields: { DistroRelease: release } }))),
  );
  for (const { header, attachmentTexts } of crashes) {
    expect(header.tags).toContain(mark);
    expect(header.status).toEqual({ kind: "open" });
    expect(attachmentTexts.has("Stacktrace.txt")).toBe(false);
  }
  expect(lab.server.hits()).toHaveLength(asked);
});

test("package names and versions are never options, patterns or commands", async () => {
  const pwned = join(lab.folder, "pwned");
  const evil = [
    `-oDpkg::Pre-Invoke::=touch\t${pwned} 1.0`,
    `workers;touch ${pwned} 1.0-1`,
    `workers 1.0-1$(touch ${pwned})`,
    "../../../etc/passwd 1",
    "workers* 1.0-1",
    "workers 1.0-1\n-oAPT::Update::Pre-Invoke::=touch",
  ];
  const dependencies = evil.join("\n");
  const crashes = await dig(
    await Promise.all(evil.map((name) => report({ fields: { Package: name, Dependencies: dependencies } }))),
  );
  expect(existsSync(pwned)).toBe(false);
  // The build-ids of the core are all that is needed: the trace is good in spite of it all.
  expect(crashes[0]?.attachmentTexts.get("StacktraceTop.txt")).toMatch(/^count_pages /);
  for (const { header } of crashes) expect(header.tags).not.toContain(mark);
  const first = crashes[0]?.header.id;
  expect(crashes.map(({ header }) => header.duplicateOf)).toEqual([null, ...crashes.slice(1).map(() => first)]);
});

test("fields full of nonsense neither stop the batch nor get onto a terminal", async () => {
  const terminalEscape = "\u001b]0;pwned\u0007\u001b[2J";
  const fields = {
    ExecutablePath: `/usr/bin/${terminalEscape}`,
    ProcMaps: "Error: [Errno 13] Permission denied\nzzzz-yyyy r-xp\n",
    Signal: `11; ${terminalEscape}`,
    Title: terminalEscape,
    SourcePackage: terminalEscape,
    StacktraceAddressSignature: terminalEscape,
    ProcCmdline: `${terminalEscape}\nrun`,
  };
  const id = await command.submit(await report({ fields }));
  const batch = await command.crashDigger(["run"]);
  expect(batch).toMatchObject({ exitCode: 0, stderr: "" });
  expect(batch.stdout.includes("\u001b")).toBe(false);
  expect((await command.crash(id)).header.tags).not.toContain(mark);
  const status = await command.crashDigger(["status"]);
  expect(status.stdout.includes("\u001b")).toBe(false);
});
