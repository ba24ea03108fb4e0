import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashProgram } from "../lab/crash-program.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { type LaunchpadLab, startLaunchpad } from "../lab/launchpad/start-launchpad.ts";
import { crashAsBug } from "../lab/tracker/crash-as-bug.ts";

let lab: Lab;
let launchpad: LaunchpadLab;
let command: CommandLab;
let credentials: string;
let core: Buffer;

beforeAll(async () => {
  [lab, launchpad] = await Promise.all([createLab(), startLaunchpad()]);
  credentials = join(lab.folder, "launchpad-credentials");
  await writeFile(credentials, launchpad.credentials(), { mode: 0o600 });
  command = await createCommandLab(lab, settings(`credentials = "${credentials}"`));
  core = await readFile(await crashProgram(lab.programs.workers, lab.folder));
});

afterAll(async () => {
  await Promise.all([launchpad.close(), lab[Symbol.asyncDispose]()]);
});

function settings(more: string): string {
  return `[tracker]\ntype = "launchpad"\ndistribution = "ubuntu"\napi = "${launchpad.webUrl}"\n${more}\n`;
}

function fileBug(): number {
  const { installedPath, name, version } = lab.programs.workers.recipe;
  const fields = {
    ProblemType: "Crash",
    Architecture: lab.architecture,
    DistroRelease: lab.release,
    ExecutablePath: installedPath,
    Package: `${name} ${version}`,
    Signal: "11",
  };
  return launchpad.addBug(crashAsBug(fields, core));
}

test("a batch works through the bugs of Launchpad: a real core, traced, and its duplicate", async () => {
  const [first, second] = [fileBug(), fileBug()];
  const result = await command.crashDigger(["run", "--format", "json"]);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(result.stdout.toString("utf8")).crashes).toMatchObject([
    { id: first, verdict: "new", topFunction: "count_pages" },
    { id: second, verdict: "duplicate", master: first },
  ]);
  expect(launchpad.bug(first)).toMatchObject({ tags: ["apport-crash"], tasks: [{ importance: "Medium" }] });
  expect(launchpad.bug(first).attachments.map(({ title }) => title)).toEqual(
    expect.arrayContaining(["Stacktrace.txt (retraced)", "ThreadStacktrace.txt (retraced)"]),
  );
  expect(launchpad.bug(second)).toMatchObject({ duplicateOf: first, attachments: [] });
  expect(
    launchpad.requests().filter(({ route, hasAuthorization }) => hasAuthorization && route.includes("librarian")),
  ).toEqual([]);
});

test("status, retry and bury work on it; commands of the local tracker say that they do not", async () => {
  const id = fileBug();
  expect(JSON.parse((await command.crashDigger(["status", "--json"])).stdout.toString("utf8"))).toMatchObject({
    pending: { retrace: 1 },
  });
  expect(await command.crashDigger(["bury", String(id), "not ours"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(launchpad.bug(id).tags).toEqual(["apport-crash", "apport-failed-retrace"]);
  expect(await command.crashDigger(["retry", String(id)])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(launchpad.bug(id).tags).toContain(`need-${lab.architecture}-retrace`);
  await command.crashDigger(["bury", String(id)]);
  for (const words of [["list"], ["show", "1"], ["tag", "1"], ["submit", "/dev/null"]]) {
    const result = await command.crashDigger(words);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("works on the local tracker only");
  }
});

test("run -a names the credentials, --crash-db the distribution; without any it says what to do", async () => {
  const bare = await createCommandLab(lab, settings(""));
  const without = await bare.crashDigger(["run"]);
  expect(without.exitCode).toBe(1);
  expect(without.stderr).toContain("crash-digger launchpad login");
  await bare.crashDigger(["unlock"]);
  expect(await bare.crashDigger(["run", "-a", credentials, "--format", "log"])).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  const elsewhere = await bare.crashDigger(["run", "-a", credentials, "--crash-db", "no-such-thing"]);
  expect(elsewhere.exitCode).toBe(1);
  expect(elsewhere.stderr).toContain("no-such-thing");
});
