import { existsSync } from "node:fs";
import { appendFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLab, createCommandLab, withoutSourceLines } from "../../lab/command.ts";
import { crashProgram } from "../../lab/crash-program.ts";
import { createLab, type Lab } from "../../lab/lab.ts";
import { makeReport } from "../../lab/report.ts";

let lab: Lab;
let core: string;
let canary: string;
let command: CommandLab;

beforeAll(async () => {
  lab = await createLab();
  canary = join(lab.folder, "canary");
  core = await crashProgram(lab.programs.workers, lab.folder);
  command = await createCommandLab(lab, withoutSourceLines);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

/** Fields that some rule, tool, path, pattern, statement or terminal might take for more than a text. */
const names = [
  ...["ExecutablePath", "InterpreterPath", "Package", "SourcePackage", "Dependencies", "ProcMaps", "ProcCmdline"],
  ...["Signal", "SignalName", "Title", "Tags", "DuplicateSignature", "StacktraceAddressSignature", "Stacktrace"],
  ...["StacktraceTop", "ThreadStacktrace", "Traceback", "AssertionMessage", "ProcEnviron", "ProcStatus", "Date"],
  ...["Uname", "UserGroups", "ExecutableTimestamp", "MachineType", "Failure", "OopsText", "_PythonExceptionQualifier"],
];

// What a terminal would act upon: everything below a blank but line breaks, DEL, C1, and marks that reorder text.
const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const kinds: readonly (readonly [string, () => string])[] = [
  ["a path out of its folder", () => `${"../".repeat(30)}${canary.slice(1)}`],
  [
    "quotes and shell commands",
    () => `a'b"c\\d%n'; DROP TABLE crash; -- ;$(touch ${canary})\`touch ${canary}\`|touch ${canary} &`,
  ],
  [
    "line breaks and gdb commands",
    () => `one\n\nTags: x\nshell touch ${canary}\npython open("${canary}", "w")\n#0  0x1 in f ()`,
  ],
  ["an option", () => `-oAPT::Update::Pre-Invoke::=touch\t${canary}`],
  ["help", () => "--help"],
  ["a million bytes", () => "0-f /x ".repeat(150_000)],
  ["terminal escapes", () => "\u001b]0;pwned\u0007\u001b[2J\u009b31m\u202egnp\u2066\r\u0008\ufeff\u2028\u{e0041}é😀"],
];

async function report(name: string, fields: Readonly<Record<string, string>>): Promise<number> {
  const executablePath = lab.programs.workers.recipe.installedPath;
  const recipe = { core, executablePath, package: "workers 1.0-1", release: lab.release, fields };
  return command.submit(await makeReport(recipe, join(lab.folder, `${name.replaceAll(" ", "-")}.crash`)));
}

async function listing(): Promise<readonly string[]> {
  const all = await readdir(lab.folder, { recursive: true });
  const ours = [command.stateFolder, command.cacheFolder].map((folder) => folder.slice(lab.folder.length + 1));
  return all.filter((path) => !ours.some((folder) => path === folder || path.startsWith(`${folder}/`))).toSorted();
}

async function expectClean(args: readonly string[]): Promise<string> {
  const result = await command.crashDigger(args);
  const shown = result.stdout.toString("utf8") + result.stderr;
  expect(shown, args.join(" ")).not.toMatch(harmful);
  return shown;
}

test("every field with every kind of harm in it goes through a batch, and the good crash among them is traced", async () => {
  const ids: number[] = [];
  for (const [kind, value] of kinds) {
    ids.push(await report(kind, Object.fromEntries(names.map((name) => [name, value()]))));
  }
  const good = await report("good", {});
  const placeIds: number[] = [];
  for (const [kind, value] of kinds) {
    placeIds.push(await report(`${kind} release`, { DistroRelease: value() }));
    placeIds.push(await report(`${kind} architecture`, { Architecture: value() }));
  }
  const before = await listing();

  const batch = await command.crashDigger(["run"]);
  expect({ exitCode: batch.exitCode, stderr: batch.stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(batch.stdout.toString("utf8")).not.toMatch(harmful);
  expect(
    Math.max(
      ...batch.stdout
        .toString("utf8")
        .split("\n")
        .map((line) => line.length),
    ),
  ).toBeLessThan(10_000);
  expect(existsSync(canary)).toBe(false);
  expect(await listing()).toEqual(before);
  expect(await readdir(join(command.cacheFolder, "work"))).toEqual([]);

  const mark = `need-${lab.architecture}-retrace`;
  for (const id of ids) expect((await command.crash(id)).header.tags, `crash ${id}`).not.toContain(mark);
  const traced = await command.crash(good);
  expect(traced.attachmentTexts.get("StacktraceTop.txt")).toMatch(/^count_pages /);
  // What is no release of ours is left alone.
  const [release] = await Promise.all(placeIds.slice(0, 1).map((id) => command.crash(id)));
  expect(release?.header).toMatchObject({ status: { kind: "open" }, tags: [mark] });

  await expectClean(["list"]);
  await expectClean(["status"]);
  for (const id of ids) await expectClean(["show", String(id)]);
  expect(existsSync(canary)).toBe(false);
});

test("a text that holds a NUL is refused when it is filed, with the field's name", async () => {
  const path = await makeReport(
    { core, executablePath: "/usr/bin/x", package: "workers 1.0-1", release: lab.release },
    join(lab.folder, "nul.crash"),
  );
  await appendFile(path, `DuplicateSignature: base64\n ${gzipSync(`/usr/bin/x\0${canary}`).toString("base64")}\n`);
  const result = await command.crashDigger(["submit", path]);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain("DuplicateSignature");
});
