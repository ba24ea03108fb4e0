import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalCrash } from "../../../src/tracker/local/read-crash.ts";
import { addPackages, publish } from "../../lab/archive.ts";
import { createCommandLab } from "../../lab/command.ts";
import { crashProgram } from "../../lab/crash-program.ts";
import { createLab, type Lab } from "../../lab/lab.ts";
import { type PackagedProgram, packageProgram } from "../../lab/program.ts";
import { makeReport, type ReportRecipe } from "../../lab/report.ts";

let lab: Lab<"asserts">;
let mark: string;
let reports = 0;

beforeAll(async () => {
  lab = await createLab("asserts");
  mark = `need-${lab.architecture}-retrace`;
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function reportOf(program: PackagedProgram, fields: ReportRecipe["fields"] = {}): Promise<string> {
  const { name, version, installedPath } = program.recipe;
  const core = await crashProgram(program, lab.folder);
  const recipe = { core, executablePath: installedPath, package: `${name} ${version}`, release: lab.release, fields };
  reports += 1;
  return makeReport(recipe, join(lab.folder, `${reports}.crash`));
}

async function packaged(name: string): Promise<PackagedProgram> {
  const installedPath = join(lab.folder, "opt/lab/bin", name);
  const program = await packageProgram({ name, version: "1.0-1", sources: [`${name}.c`], installedPath }, lab.folder);
  await addPackages(lab.archive, [program.package, program.debugPackage]);
  await publish(lab.archive);
  return program;
}

/** Everything that is now known about a crash, as text. */
function saidOf({ header, comments, attachmentTexts }: LocalCrash): string {
  return JSON.stringify([header, comments, [...attachmentTexts]]);
}

// Says its words only when it is carried out: as part of a name it would not read `canary-sang`.
const song = 'printf "%s-%s\\n", "canary", "sang"';

const commands = [
  `\n${song}\n`,
  `'";${song};python print("canary" + "-" + "sang")`,
  "x\nshell echo canary-$(echo sang)\n!echo canary-$(echo sang)\npipe echo canary | sed s/$/-sang/",
  `-ex=${song}`,
  "x\nset auto-load safe-path /\nadd-auto-load-safe-path /\nsource /frames.py\nquit",
];

test("a batch with attacks through packages, fields and endless output goes on to the good report", async () => {
  const pwned = join(lab.folder, "pwned");
  const shellWords = `$(touch ${pwned})\`touch ${pwned}\`;touch ${pwned}`;
  const attacks = [...commands, shellWords].map((words) => ({
    ExecutablePath: `/usr/bin/${words}`,
    ProcCmdline: words,
    Signal: `11${words}`,
    Package: `workers${words} 1.0-1`,
    Dependencies: words,
    SourcePackage: words,
    InterpreterPath: `/usr/bin/python3${words}`,
    ProcMaps: `00400000-00401000 r-xp 00000000 00:00 0    ${words}`,
  }));
  const { workers, asserts } = lab.programs;
  const scripted = await reportOf(await packaged("scripted"));
  const endless = await reportOf(await packaged("recursion"));
  const hostile: string[] = [];
  for (const fields of attacks) hostile.push(await reportOf(workers, fields));
  const good = await reportOf(asserts);

  const command = await createCommandLab(lab, "[gdb]\noutput_bytes = 100000\n");
  const ids: number[] = [];
  for (const report of [scripted, endless, ...hostile, good]) ids.push(await command.submit(report));
  const batch = await command.crashDigger(["run"]);

  expect(batch).toMatchObject({ exitCode: 0, stderr: "" });
  expect(existsSync(pwned)).toBe(false);
  expect(existsSync(command.lockPath)).toBe(false);
  const crashes = await Promise.all(ids.map((id) => command.crash(id)));
  const said = crashes.map(saidOf).join("\n") + batch.stdout;
  expect(said.match(/canary-sang|script-was-run/g)).toBeNull();
  for (const { header } of crashes) expect(header.tags).not.toContain(mark);
  expect(crashes[0]?.attachmentTexts.get("StacktraceTop.txt")).toMatch(/^follow /);
  expect(saidOf(crashes[1] as LocalCrash).match(/printed more than allowed/)).not.toBeNull();
  expect(crashes.at(-1)?.attachmentTexts.get("Stacktrace.txt")).toContain("withdraw");
});
