import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { pythonReport } from "../lab/python-report.ts";

let lab: Lab;
let command: CommandLab;
let crash: number;
beforeAll(async () => {
  lab = await createLab();
  command = await createCommandLab(lab);
  const script = { scriptPath: `${lab.folder}/opt/timesheet.py`, package: "timesheet 1.0-1", release: lab.release };
  crash = await command.submit(await pythonReport(script, `${lab.folder}/python.crash`));
});
afterAll(() => lab?.[Symbol.asyncDispose]());

test("a log on a full disk is a failure like any other: told with what to do, its reason in the lock, nothing lost", async () => {
  const broken = await command.crashDiggerBehind(["sh", "-c", 'exec "$@" >/dev/full', "sh"], ["run"]);
  expect(broken.exitCode).toBe(1);
  expect(broken.stderr).toMatch(/^crash-digger stopped: the output cannot be written: ENOSPC/);
  expect(broken.stderr).toMatch(/^What to do: Make room where stdout goes/m);
  expect(readFileSync(command.lockPath, "utf8")).toMatch(/^reason: "the output cannot be written: ENOSPC/m);
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  // While the lock is there too: in words, not as a crash of ours.
  const held = await command.crashDiggerBehind(["sh", "-c", 'exec "$@" >/dev/full', "sh"], ["run"]);
  expect(held.exitCode).toBe(1);
  expect(held.stderr).toMatch(
    /^crash-digger run failed: the output cannot be written: ENOSPC[^\n]*\n[\s\S]*\nWhat to do: /,
  );
  expect(held.stderr).not.toContain("Node.js");
  await command.crashDigger(["unlock"]);
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await command.crash(crash)).header.tags).toEqual([]);
  expect(existsSync(command.lockPath)).toBe(false);
});
