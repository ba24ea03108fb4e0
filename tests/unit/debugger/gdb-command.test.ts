import { expect, test } from "vitest";
import { gdbCommand, interactiveCommand, sessionScript } from "../../../src/debugger/gdb-command.ts";
import type { DebuggerTask } from "../../../src/debugger/types.ts";

const hostile = "/opt/x\nshell id #$(id)";
const task: DebuggerTask = {
  corePath: hostile,
  sysroot: hostile,
  indexFolder: hostile,
  executablePath: hostile,
  system: null,
  architecture: hostile,
};

test("nothing of a report gets into gdb's command line", () => {
  const words = [...gdbCommand(task, "gdb"), ...sessionScript(task, "marker"), ...interactiveCommand(task, "gdb")];
  expect(words.join(" ")).not.toContain("shell id");
});

test("auto-load and debuginfod are off before any file is opened", () => {
  const interactive = interactiveCommand(task, "gdb");
  for (const command of [gdbCommand(task, "gdb"), interactive.slice(0, interactive.indexOf("-ex"))]) {
    expect(command).toContain("-nx");
    expect(command).toContain("set auto-load off");
    expect(command).toContain("set auto-load safe-path /nonexistent");
    expect(command).toContain("set debuginfod enabled off");
    expect(command).toContain("set sysroot /sysroot");
  }
});

test("without the program's file gdb is given the core alone", () => {
  expect(sessionScript(task, "marker")).toContain("file /stage/program");
  expect(sessionScript({ ...task, executablePath: null }, "marker").join()).not.toContain("/stage/program");
});

test("libraries are looked for in the release's own folders, inside the sysroot only", () => {
  const command = gdbCommand({ ...task, architecture: "arm64" }, "gdb");
  const path = command.find((word) => word.startsWith("set solib-search-path "));
  const folders = path?.split(" ")[2]?.split(":") ?? [];
  expect(folders).toContain("/sysroot/usr/lib/aarch64-linux-gnu");
  expect(folders.every((folder) => folder.startsWith("/sysroot/"))).toBe(true);
});
