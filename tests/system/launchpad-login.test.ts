import { type ChildProcess, spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { minimalEnvironment, run } from "../../src/system/process.ts";
import { parseCredentials } from "../../src/tracker/launchpad/client/credentials.ts";
import { launcher } from "../lab/command.ts";
import { type LaunchpadLab, startLaunchpad } from "../lab/launchpad/start-launchpad.ts";
import { type TemporaryFolder, temporaryFolder } from "../lab/temporary.ts";

/** Begins a login, and answers on Launchpad's page as soon as its address is printed. */
async function logIn(launchpad: LaunchpadLab, folder: TemporaryFolder, permission: string) {
  const path = join(folder.path, "credentials");
  const args = ["launchpad", "login", "--web", launchpad.webUrl, "--credentials", path];
  const child = spawn(launcher, args, { env: minimalEnvironment, stdio: ["ignore", "pipe", "pipe"] });
  const [stderr, ended] = [text(child.stderr), exitOf(child)];
  let stdout = "";
  for await (const piece of child.stdout) {
    const before = stdout;
    stdout += String(piece);
    const page = /^ {2}(http:\S+)\n/m;
    const url = page.exec(stdout)?.[1];
    if (url !== undefined && !page.test(before)) await answerOn(url, permission);
  }
  return { path, stdout, stderr: await stderr, exitCode: await ended };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("exit", resolve));
}

async function answerOn(page: string, permission: string): Promise<void> {
  const url = new URL(page);
  expect(url.searchParams.get("allow_permission")).toBe("WRITE_PRIVATE");
  const form = {
    oauth_token: url.searchParams.get("oauth_token") ?? "",
    person: "retracer",
    allow_permission: permission,
  };
  const answer = await fetch(url.origin + url.pathname, { method: "POST", body: new URLSearchParams(form) });
  expect(answer.status).toBe(200);
}

test("a login ends with credentials for their owner alone, and says whose; no secret is printed", async () => {
  await using launchpad = await startLaunchpad();
  await using folder = await temporaryFolder("login");
  const { path, stdout, stderr, exitCode } = await logIn(launchpad, folder, "WRITE_PRIVATE");
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout).toContain(`Logged in as retracer. The credentials are in ${path}\n`);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const credentials = parseCredentials(await readFile(path, "utf8"));
  if ("fault" in credentials) throw new Error(credentials.fault);
  expect(stdout).not.toContain(credentials.token);
  expect(stdout).not.toContain(credentials.tokenSecret);
});

test("whoever says no on the page gets no file, and is told", async () => {
  await using launchpad = await startLaunchpad();
  await using folder = await temporaryFolder("login");
  const { path, stderr, exitCode } = await logIn(launchpad, folder, "UNAUTHORIZED");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/access-token: 403 End-user refused[^\n]*\nWhat to do: If access was declined[^\n]*\n$/);
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

test.each([
  ["http://launchpad.example/", "is no address of a Launchpad web service"],
  ["nonsense", "is no address of a Launchpad web service"],
  ["http://127.0.0.1:9/", "Launchpad cannot be reached: POST http://127.0.0.1:9/+request-token"],
])("login at %s fails and says why", async (web, why) => {
  const result = await run([launcher, "launchpad", "login", "--web", web], { deadlineMs: 60_000 });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain(why);
  expect(result.stderr).not.toContain("    at ");
});
