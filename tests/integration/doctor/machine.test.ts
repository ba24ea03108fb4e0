import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { examine } from "../../../src/doctor/answers.ts";
import { checkJailStands } from "../../../src/doctor/checks.ts";
import { checkGdb } from "../../../src/doctor/gdb.ts";
import { checkNode } from "../../../src/doctor/node.ts";
import { checkApt, checkPrograms } from "../../../src/doctor/programs.ts";
import { checkClock } from "../../../src/doctor/state.ts";
import { minimalEnvironment } from "../../../src/system/process.ts";
import { nativeArchitecture } from "../../lab/architecture.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { writeScript } from "./write-script.ts";

const searchPath = minimalEnvironment["PATH"] ?? "";
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder?.[Symbol.asyncDispose]());

/** A search path on which everything of /usr/bin is found but some programs. */
async function pathWithout(...names: readonly string[]): Promise<string> {
  const path = join(folder.path, `without-${names.join("-")}`);
  await mkdir(path);
  for (const name of await readdir("/usr/bin")) {
    if (!names.includes(name)) await symlink(`/usr/bin/${name}`, join(path, name));
  }
  return path;
}

test("a machine that has everything is well", async () => {
  expect(checkNode(process.versions.node)).toMatchObject({ outcome: "ok" });
  expect(checkPrograms(searchPath)).toMatchObject({ outcome: "ok" });
  expect(await checkApt(searchPath)).toMatchObject({ outcome: "ok", found: expect.stringMatching(/^apt \d/) });
  expect(await checkGdb(await nativeArchitecture())).toMatchObject({
    outcome: "ok",
    found: expect.stringContaining("GNU gdb"),
  });
  expect(await checkJailStands(searchPath)).toMatchObject({ outcome: "ok" });
});

test.each(["18.20.4", "23.11.0", "v8"])("Node.js %s is too old", (version) => {
  expect(checkNode(version)).toMatchObject({ outcome: "problem", remedy: expect.stringContaining("npm ci") });
});

test("missing programs are named with the packages that have them", async () => {
  const answer = checkPrograms(await pathWithout("flock", "script", "setpriv"));
  expect(answer).toMatchObject({ outcome: "problem", remedy: "apt-get install bsdutils util-linux" });
  expect(answer.found).toMatch(/^script, flock, setpriv not found in /);
});

test("without bubblewrap there is no jail, and the remedy names the package", async () => {
  const path = await pathWithout("bwrap");
  const finding = await examine({ name: "jail", look: () => checkJailStands(path) });
  expect(finding).toMatchObject({
    check: "jail",
    outcome: "problem",
    remedy: "Install it: apt-get install bubblewrap",
  });
});

test.each([
  ["apt 2.0.9 (amd64)", "problem", "too old"],
  ["apt 1.8.2.3 (amd64)", "problem", "too old"],
  ["apt 2.1.0 (amd64)", "ok", "apt 2.1.0"],
  ["apt 3.0.3 (arm64)", "ok", "apt 3.0.3"],
  ["no version", "problem", "apt-get --version"],
])("apt that calls itself %j is %s", async (words, outcome, found) => {
  const bin = join(folder.path, words.replace(/\W/g, "-"));
  await writeScript(join(bin, "apt-get"), `echo '${words}'`);
  expect(await checkApt(`${bin}:${searchPath}`)).toMatchObject({ outcome, found: expect.stringContaining(found) });
});

test("an apt that is not there is a problem", async () => {
  expect(await checkApt(join(folder.path, "nowhere"))).toMatchObject({
    outcome: "problem",
    remedy: "apt-get install apt",
  });
});

test("a clock that is behind the installation is wrong", () => {
  const installed = new Date("2026-01-01T00:00:00Z");
  expect(checkClock(new Date("1970-01-01T00:05:00Z"), installed)).toMatchObject({
    outcome: "problem",
    found: expect.stringContaining("1970-01-01"),
  });
  expect(checkClock(installed, installed)).toMatchObject({ outcome: "ok" });
});

test("whatever a check throws is a problem that was found", async () => {
  const look = (): never => {
    throw new Error("odd");
  };
  expect(await examine({ name: "odd", look })).toMatchObject({ check: "odd", outcome: "problem", found: "odd" });
});
