import { expect, test } from "vitest";
import { batchCommand, interactiveCommand } from "../../../src/debugger/gdb-command.ts";
import type { DebuggerTask } from "../../../src/debugger/types.ts";

const hostile = "/opt/x\nshell id #$(id)";
const task: DebuggerTask = {
  corePath: hostile,
  sysroot: hostile,
  indexFolder: hostile,
  executablePath: hostile,
  architecture: hostile,
};

test("nothing of a report gets into gdb's command line", () => {
  const words = [...batchCommand(task, "gdb", "marker"), ...interactiveCommand(task, "gdb")];
  expect(words.join(" ")).not.toContain("shell id");
});

test("auto-load and debuginfod are off before any file is opened", () => {
  for (const command of [batchCommand(task, "gdb", "marker"), interactiveCommand(task, "gdb")]) {
    const early = command.slice(0, command.indexOf("-ex"));
    expect(command).toContain("-nx");
    expect(early).toContain("set auto-load off");
    expect(early).toContain("set auto-load safe-path /nonexistent");
    expect(early).toContain("set debuginfod enabled off");
    expect(early).toContain("set sysroot /sysroot");
  }
});

test("without the program's file gdb is given the core alone", () => {
  expect(batchCommand({ ...task, executablePath: null }, "gdb", "marker")).not.toContain("file /program");
});

test("libraries are looked for in the release's own folders, inside the sysroot only", () => {
  const command = batchCommand({ ...task, architecture: "arm64" }, "gdb", "marker");
  const path = command.find((word) => word.startsWith("set solib-search-path "));
  const folders = path?.split(" ")[2]?.split(":") ?? [];
  expect(folders).toContain("/sysroot/usr/lib/aarch64-linux-gnu");
  expect(folders.every((folder) => folder.startsWith("/sysroot/"))).toBe(true);
});
