import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { checkJail } from "../../../src/system/jail.ts";
import { describeEnd, run } from "../../../src/system/process.ts";
import { fixture, inJail, isRoot, limits, repository, taskOf } from "./jail-box.ts";
import { runAsOrdinaryUser, runWithoutUserNamespaces } from "./other-user.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "jail-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the jail works for an ordinary user", async () => {
  const script = "id -u; ls /root /home; unshare --user true || echo refused";
  const result = await runAsOrdinaryUser(fixture, ["batch", JSON.stringify(taskOf(script))]);
  const said = JSON.parse(result.stdout.toString());
  expect(said).toMatchObject({ exitCode: 0, stoppedBy: null, stdout: `${said.uid}\nrefused\n` });
  expect(said.uid).not.toBe(0);
  expect(said.stderr).toContain("'/root': No such file or directory");
});

test("an ordinary user's own processes do not count in the jail", async () => {
  const result = await runAsOrdinaryUser(fixture, [
    "batch",
    JSON.stringify({ ...taskOf("sleep 0 & wait; echo well"), limits: { ...limits, processes: 5 } }),
  ]);
  expect(JSON.parse(result.stdout.toString())).toMatchObject({ exitCode: 0, stdout: "well\n" });
});

test("many jails at once do not use up each other's processes", async () => {
  const jails = Array.from({ length: 12 }, () => inJail("for i in 1 2 3 4 5; do sleep 0.3 & done; wait; echo well"));
  const outputs = (await Promise.all(jails)).map((result) => result.stdout.toString());
  expect(outputs).toEqual(outputs.map(() => "well\n"));
});

test("the check at the start of a batch passes here", async () => {
  await expect(checkJail()).resolves.toBeUndefined();
});

test("a missing tool is a service failure that says what to install", async () => {
  const empty = await mkdtemp(join(folder, "empty-"));
  const failure = await checkJail(empty).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  const [tool, packageName] = isRoot ? ["setpriv", "util-linux"] : ["bwrap", "bubblewrap"];
  expect(failure).toMatchObject({
    message: `The jail for gdb cannot be built: ${tool} was not found in ${empty}`,
    remedy: `Install it: apt-get install ${packageName}`,
  });
});

test.each([
  ["bwrap: Unknown option --disable-userns", 1, "0.8 or later"],
  ["nonsense", 0, "user namespaces"],
])("a bwrap that says %j and ends with %d is a service failure", async (says, code, remedy) => {
  const tools = await mkdtemp(join(folder, "tools-"));
  for (const name of ["bwrap", "setpriv"]) {
    await writeFile(join(tools, name), `#!/bin/sh\necho ${says} >&2\nexit ${code}\n`, { mode: 0o755 });
  }
  const failure = await checkJail(tools).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect((failure as ServiceFailure).message).toContain(says);
  expect((failure as ServiceFailure).remedy).toContain(remedy);
});

test.each<[string, string, string]>([
  ...(isRoot ? [["as root", "", "sysctl -w user.max_user_namespaces"] as [string, string, string]] : []),
  ["as a user", "1000", "user namespaces"],
])("where user namespaces are forbidden, %s, there is a service failure and no jail", async (_name, uid, remedy) => {
  const task = JSON.stringify(taskOf("echo ran without a jail"));
  const result = await runWithoutUserNamespaces(fixture, ["batch", task], uid);
  expect(result.stdout.toString(), `${describeEnd(result)}: ${result.stderr}`).not.toBe("");
  const said = JSON.parse(result.stdout.toString());
  expect(said.name).toBe("ServiceFailure");
  expect(said.message).toMatch(/^The jail for gdb could not be built: exit code \d+: bwrap: /);
  expect(said.remedy).toContain(remedy);
});

test("a limit that the service itself does not have is a service failure", async () => {
  const result = await run(
    ["prlimit", "--nofile=100:100", "--", process.execPath, "--disable-warning=ExperimentalWarning"].concat(
      join(repository, fixture),
      "batch",
      JSON.stringify({ ...taskOf("true"), limits: { ...limits, openFiles: 4096 } }),
    ) as [string, ...string[]],
    { deadlineMs: 60_000 },
  );
  const said = JSON.parse(result.stdout.toString());
  expect(said).toMatchObject({ name: "ServiceFailure", remedy: expect.stringContaining("resource limits are lower") });
  expect(said.message).toContain("ulimit: ");
});

test("a person gets a terminal of the jail's own, and the command's exit code", async () => {
  const script = "tty </dev/tty; read line; echo got $line; exit 7";
  const node = [
    "--disable-warning=ExperimentalWarning",
    join(repository, fixture),
    "interactive",
    JSON.stringify(taskOf(script)),
  ];
  const result = await run([process.execPath, ...node], { deadlineMs: 60_000, stdin: "hello\n" });
  expect(result.stdout.toString()).toMatch(/\/dev\/(tty|pts)/);
  expect(result.stdout.toString()).toContain("got hello");
  expect(result.exitCode).toBe(7);
});
