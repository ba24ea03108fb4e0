import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "../../../src/system/process.ts";
import { runAsOrdinaryUser } from "../system/other-user.ts";
import { crash, ordinaryLimits, removeCrashed } from "./crashed.ts";

afterAll(removeCrashed);

const fixture = "tests/integration/debugger/fixtures/debug.ts";
const repository = join(import.meta.dirname, "../../..");

test("an ordinary user gets the same trace", async () => {
  const { task, program } = await crash({ source: "asserts.c" });
  // The lab's folders are closed to others, as a spool folder is; an ordinary user's own are open to that user.
  await run(["chmod", "o+x", join(program, "../..")], { deadlineMs: 10_000 });
  const result = await runAsOrdinaryUser(fixture, ["batch", JSON.stringify({ task, limits: ordinaryLimits })]);
  const said = JSON.parse(result.stdout.toString());
  expect(said.uid).not.toBe(0);
  expect(said.kind).toBe("output");
  const functions = said.output.threads[0].frames.map((frame: { function: string }) => frame.function);
  expect(functions).toEqual(expect.arrayContaining(["withdraw", "main"]));
});

test("a person can ask gdb questions, and gdb's exit code comes back", async () => {
  const { task } = await crash({ source: "asserts.c" });
  const words = ["interactive", JSON.stringify({ task, limits: ordinaryLimits })];
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", join(repository, fixture), ...words];
  const stdin = "frame function withdraw\nprint account->balance * 1000\nshow auto-load python-scripts\nquit 9\n";
  const result = await run(command as [string, ...string[]], { deadlineMs: 90_000, stdin });
  const text = result.stdout.toString();
  expect(text).toContain("$1 = 10000");
  expect(text).toContain("Auto-loading of Python scripts is off");
  expect(result.exitCode).toBe(9);
});
