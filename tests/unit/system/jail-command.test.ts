import { expect, test } from "vitest";
import { type JailHost, jailCommand } from "../../../src/system/jail-command.ts";
import type { JailTask } from "../../../src/system/jail-types.ts";
import { shellQuoted } from "../../../src/system/terminal.ts";

const task: JailTask = {
  command: ["gdb", "-batch"],
  mounts: [{ hostPath: "/var/spool/core", jailPath: "/core" }],
  limits: {
    wallMs: 1,
    cpuSeconds: 2,
    memoryBytes: 3,
    processes: 4,
    scratchBytes: 5,
    openFiles: 6,
    outputBytes: 7,
  },
};
const host: JailHost = {
  isRoot: false,
  system: "",
  topFolders: [{ path: "/lib", linkTarget: "usr/lib" }],
  hiddenFolders: ["/usr/local"],
  hasLinkerCache: true,
};

test("every namespace is demanded, none is only tried", () => {
  for (const isRoot of [true, false]) {
    const command = jailCommand(task, { ...host, isRoot }, "batch");
    for (const name of ["user", "pid", "net", "ipc", "uts", "cgroup"]) expect(command).toContain(`--unshare-${name}`);
    expect(command.join(" ")).not.toMatch(/--unshare-all|-try/);
  }
});

test("root becomes nobody before the jail is built", () => {
  const command = jailCommand(task, { ...host, isRoot: true }, "batch");
  const steps = ["bwrap", "setpriv", "bash", "gdb"].map((step) => command.indexOf(step));
  expect(steps).toEqual([...steps].sort((left, right) => left - right));
  expect(command.slice(command.indexOf("setpriv"))).toContain("--reuid=65534");
  expect(command.slice(command.indexOf("setpriv"))).not.toContain("/var/spool/core");
});

test("only a jail with a terminal of its own stays in our session", () => {
  expect(jailCommand(task, host, "batch")).toContain("--new-session");
  expect(jailCommand(task, host, "terminal")).not.toContain("--new-session");
});

test("on a system without merged /usr the top folders are mounted", () => {
  const unmerged = { ...host, topFolders: [{ path: "/lib", linkTarget: null }] };
  expect(jailCommand(task, unmerged, "batch").join(" ")).toContain("--ro-bind /lib /lib");
});

test.each([["plain"], ["it's"], ["a b\n$(id)`id`\\"], [""]])("a shell gets the word %j as it is", (word) => {
  expect(shellQuoted(word).replaceAll("'\\''", "\0").replace(/^'|'$/g, "").replaceAll("\0", "'")).toBe(word);
});
