import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { examine } from "../../../src/doctor/answers.ts";
import { releaseChecks } from "../../../src/doctor/releases.ts";
import type { Finding } from "../../../src/doctor/types.ts";
import { createSignedLab, type Lab } from "../../lab/lab.ts";

let lab: Lab;
let scratch: string;

beforeAll(async () => {
  lab = await createSignedLab();
  scratch = join(lab.folder, "scratch");
  await mkdir(scratch);
  vi.stubEnv("TMPDIR", scratch);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await lab?.[Symbol.asyncDispose]();
});

async function findings(path: string, online = false): Promise<readonly Finding[]> {
  const releases = { kind: "folder", path } as const;
  const options = { releases, architecture: lab.architecture, online, timeoutMs: 60_000 };
  return await Promise.all((await releaseChecks(options)).map(examine));
}

async function releaseFolder(name: string, release: string, sources: string): Promise<string> {
  const path = join(lab.folder, name);
  await mkdir(join(path, release), { recursive: true });
  await writeFile(join(path, release, "sources.list"), sources);
  return path;
}

test("a release whose sources apt understands is well, and with online its lists are fetched", async () => {
  const check = `release ${lab.release}`;
  expect(await findings(lab.configFolder)).toEqual([
    { check, outcome: "ok", found: expect.stringMatching(/^1 package source for \w+; --online/), remedy: null },
  ]);
  expect(await findings(lab.configFolder, true)).toMatchObject([
    { check, outcome: "ok", found: expect.stringMatching(/fetched$/) },
  ]);
});

test("an archive that is away is a problem in apt's own words, but only online", async () => {
  const behaveAgain = lab.server.misbehave(/./, { kind: "status", status: 503 });
  expect(await findings(lab.configFolder)).toMatchObject([{ outcome: "ok" }]);
  const found = await findings(lab.configFolder, true);
  behaveAgain();
  expect(found).toMatchObject([{ outcome: "problem", found: expect.stringContaining("503") }]);
});

test.each([
  ["nonsense", "deb nonsense\n", "Malformed entry 1"],
  ["comments", "# nothing\n", "name no archive"],
])("sources of %s are a problem", async (name, sources, words) => {
  const path = await releaseFolder(name, "Debian 12", sources);
  expect(await findings(path)).toMatchObject([
    { check: "release Debian 12", outcome: "problem", found: expect.stringContaining(words) },
  ]);
});

test("a folder that no report can name, and one without sources, are problems; files are none", async () => {
  const path = await releaseFolder("named", ".hidden", "deb http://archive.example/debian bookworm main\n");
  await mkdir(join(path, "Debian 13"));
  await writeFile(join(path, "README"), "");
  expect(await findings(path)).toMatchObject([
    { check: "release .hidden", outcome: "problem", found: expect.stringContaining("not a release name") },
    { check: "release Debian 13", outcome: "problem", found: expect.stringContaining("neither sources.list nor") },
  ]);
});

test("a releases folder that is empty or missing is a problem", async () => {
  const path = join(lab.folder, "empty");
  expect(await findings(path)).toMatchObject([
    { outcome: "problem", found: expect.stringContaining("cannot be read") },
  ]);
  await mkdir(path);
  expect(await findings(path)).toMatchObject([{ outcome: "problem", found: expect.stringContaining("no release") }]);
});

test("sources for another architecture alone are looked at too", async () => {
  const sources = "deb [trusted=yes] http://archive.example/debian bookworm main\n";
  const path = await releaseFolder("foreign", "Debian 12", sources);
  await mkdir(join(path, "Debian 12", "s390x"));
  await writeFile(join(path, "Debian 12", "s390x", "sources.list"), "deb\n");
  expect(await findings(path)).toMatchObject([
    { check: "release Debian 12", outcome: "ok" },
    { check: "release Debian 12, s390x", outcome: "problem", found: expect.stringContaining("Malformed") },
  ]);
});

test("this machine's own sources are looked at", async () => {
  const releases = { kind: "system" } as const;
  const options = { releases, architecture: lab.architecture, online: false, timeoutMs: 60_000 };
  const found = await Promise.all((await releaseChecks(options)).map(examine));
  expect(found).toMatchObject([{ check: "release of this machine", outcome: "ok" }]);
});

test("nothing is left of the private apt", async () => {
  expect(await findings(lab.configFolder)).toMatchObject([{ outcome: "ok" }]);
  expect(await readdir(scratch)).toEqual([]);
});
