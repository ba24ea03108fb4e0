import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLab, createCommandLab, withoutSourceLines } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { inTerminal } from "../lab/in-terminal.ts";
import { createLab, type Lab } from "../lab/lab.ts";

let lab: Lab;
let report: string;

beforeAll(async () => {
  lab = await createLab();
  report = await crashReport(lab, lab.programs.workers);
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

async function batchOf(crashes: number): Promise<CommandLab> {
  const command = await createCommandLab(lab, withoutSourceLines);
  for (let count = 0; count < crashes; count += 1) await command.submit(report);
  return command;
}

function run(command: CommandLab, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return inTerminal(["--config", command.configFile, "run", ...args], "", env);
}

test("on a terminal a status line stays below the log, and a table is all that is left of it", async () => {
  const { text, exitCode } = await run(await batchOf(2), ["--jobs", "1"]);
  expect(exitCode).toBe(0);
  expect(text).toMatch(/\r\x1b\[K0 of 2 crashes done, \d+:\d\d, working on 1/);
  expect(text).toMatch(/\r\x1b\[K[-\dT:.Z]+ crash done crash=1 .*\n0 of 2 crashes done/);
  expect(text).toMatch(/\r\x1b\[K1 of 2 crashes done, \d+:\d\d, working on 2/);
  const afterwards = text.slice(text.lastIndexOf("\r\x1b[K") + "\r\x1b[K".length);
  expect(afterwards).toMatch(/^[^\r]*ID +PROGRAM +VERDICT/);
});

test("a failure's notice is not written into the status line", async () => {
  const command = await batchOf(1);
  const behaveAgain = lab.server.misbehave(/./, { kind: "status", status: 404 });
  const { text, exitCode } = await run(command, []);
  behaveAgain();
  expect(exitCode).toBe(1);
  expect(text).toMatch(/\r\x1b\[Kcrash-digger stopped: /);
});

test.each([
  ["as JSON", ["--format", "json"], {}],
  ["with NO_COLOR", [], { NO_COLOR: "1" }],
  ["on a dumb terminal", [], { TERM: "dumb" }],
] as const)("%s there is no status line", async (_name, args, env) => {
  const { text } = await run(await batchOf(0), args, env);
  expect(text).toMatch(/"crashes":\[\]|Nothing is pending/);
  expect(text).not.toMatch(/\r|crashes done|looking for work/);
});
