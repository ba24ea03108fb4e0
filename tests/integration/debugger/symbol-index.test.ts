import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { interactiveCommand } from "../../../src/debugger/gdb-command.ts";
import { debuggerMounts } from "../../../src/debugger/jail-task.ts";
import { writeSymbolIndex } from "../../../src/debugger/write-symbol-index.ts";
import { elfOf } from "../../../src/symbols/elf-of.ts";
import { buildIndexFolder } from "../../../src/symbols/sysroot.ts";
import { runInJail } from "../../../src/system/jail.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { type CrashedProgram, crash, ordinaryLimits, removeCrashed } from "./crashed.ts";

let folder: TemporaryFolder;
let crashed: CrashedProgram;
const { signal } = new AbortController();

beforeAll(async () => {
  folder = await temporaryFolder("symbol-index");
  crashed = await crash({ source: "inlined.c" });
});
afterAll(async () => {
  await folder?.remove();
  await removeCrashed();
});

test("the index that gdb writes in a jail of its own is found by the gdb that reads the core", async () => {
  const { task, program } = crashed;
  const index = join(folder.path, "index");
  expect(await writeSymbolIndex(program, index, task.architecture, ordinaryLimits, signal)).toEqual({ kind: "made" });
  const indexFolder = join(folder.path, "indexes");
  await buildIndexFolder(indexFolder, new Map([[elfOf(program)?.buildId ?? "", index]]));
  const withIndex = { ...task, indexFolder };
  const command = [...interactiveCommand(withIndex, "gdb"), "-batch", "-ex", "show index-cache stats"] as const;
  const limits = { ...ordinaryLimits, cpuSeconds: 60, scratchBytes: 1024 ** 2, openFiles: 1024 };
  const result = await runInJail({ command: ["env", ...command], mounts: debuggerMounts(withIndex), limits });
  expect(result.stdout.toString("utf8")).toMatch(/Cache hits \(this session\): [1-9]/);
});

test("a file without debug symbols has no index, and gdb's end is the reason", async () => {
  const text = join(folder.path, "not-elf");
  const { task } = crashed;
  expect(await writeSymbolIndex(import.meta.filename, text, task.architecture, ordinaryLimits, signal)).toEqual({
    kind: "none",
    reason: "exit code 1",
  });
  expect((await stat(text)).size).toBe(0);
});

test("without the memory for it there is no index", async () => {
  const output = join(folder.path, "without-memory");
  const limits = { ...ordinaryLimits, memoryBytes: 32 * 1024 ** 2 };
  const made = await writeSymbolIndex(crashed.program, output, crashed.task.architecture, limits, signal);
  expect(made).toMatchObject({ kind: "none", reason: expect.stringMatching(/^exit code|^killed/) });
  expect((await readFile(output)).length).toBe(0);
});
