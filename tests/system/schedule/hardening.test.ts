import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allowedCalls } from "../../../src/system/jail-allowed-calls.ts";
import { minimalEnvironment, run } from "../../../src/system/process.ts";
import { createCommandLab, launcher } from "../../lab/command.ts";
import { crashReport } from "../../lab/crash-report.ts";
import { createLab } from "../../lab/lab.ts";
import { temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";

async function serviceUnit(): Promise<string> {
  await using folder = await temporaryFolder("units");
  await tool([launcher, "schedule", "install", "--systemd", "--root", folder.path, "--yes"]);
  return await readFile(join(folder.path, "etc/systemd/system/crash-digger.service"), "utf8");
}

// What systemd does for these directives, done by hand in namespaces of its own: no other system is started here.
const belowTheUnit = `
for folder in /usr /etc /boot; do mount --bind $folder $folder; mount -o remount,bind,ro $folder; done
for folder in /home /usr/lib/modules; do [ ! -d $folder ] || mount -t tmpfs -o mode=0,ro none $folder; done
exec setpriv --no-new-privs "$@"
`;

test("apt, bubblewrap and gdb work below what the units forbid: a real crash is traced", async () => {
  expect(await serviceUnit()).toMatch(
    /^NoNewPrivileges=yes\n(?:.*\n)*ProtectSystem=full\n(?:.*\n)*ProtectKernelModules=yes$/m,
  );
  await using lab = await createLab();
  const command = await createCommandLab(lab);
  const id = await command.submit(await crashReport(lab, lab.programs.workers));
  const shell = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", belowTheUnit, "sh"] as const;
  const batch = await run([...shell, launcher, "--config", command.configFile, "run"], {
    deadlineMs: 100_000,
    env: { ...minimalEnvironment, TZ: "UTC" },
  });
  expect(batch).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await command.crash(id)).attachmentTexts.get("StacktraceTop.txt")).toMatch(/^count_pages /);
});

const bubblewrapNeeds = [
  "clone",
  "unshare",
  "setns",
  "mount",
  "umount2",
  "pivot_root",
  "sethostname",
  "capset",
  "prctl",
];

test("no system call that the units forbid is one that the jail, or what is in it, needs", async () => {
  const groups = /^SystemCallFilter=~(.*)$/m.exec(await serviceUnit())?.[1]?.split(" ") ?? [];
  expect(groups.length).toBeGreaterThan(3);
  const listed = (await tool(["systemd-analyze", "--no-pager", "syscall-filter", ...groups])).toString("utf8");
  const forbidden = new Set(listed.split("\n").map((line) => line.trim()));
  expect(forbidden).toContain("settimeofday");
  expect(bubblewrapNeeds.filter((name) => forbidden.has(name))).toEqual([]);
  expect(Object.keys(allowedCalls).filter((name) => forbidden.has(name))).toEqual([]);
});
