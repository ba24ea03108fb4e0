import { expect, test } from "vitest";
import { ownerOf, readInstalledPackages } from "../../../src/collect/installed-packages.ts";
import { machineRelease } from "../../../src/collect/machine-release.ts";
import { nativeArchitecture } from "../../lab/architecture.ts";

const { signal } = new AbortController();

test("a file is found in its installed package under both spellings of its path", async () => {
  expect([await ownerOf("/bin/sleep", signal), await ownerOf("/usr/bin/sleep", signal)]).toEqual([
    "coreutils",
    "coreutils",
  ]);
});

test("a file whose name is a pattern is found as itself", async () => {
  expect(await ownerOf("/usr/bin/[", signal)).toBe("coreutils");
});

test.each([
  "/usr/bin/no-such-program",
  "/usr/bin/sle*p",
  "/usr/bin/slee[p]",
  "--admindir=/nonexistent",
  "/usr/bin/../bin/sleep",
  "sleep",
  "/usr/bin/sleep\n/usr/bin/env",
])("%j belongs to no package, and is neither a pattern nor an option", async (path) => {
  expect(await ownerOf(path, signal)).toBeNull();
});

test("an installed package has version, architecture and source", async () => {
  const installed = await readInstalledPackages(signal);
  expect(installed.get("coreutils")).toEqual({
    name: "coreutils",
    version: expect.stringMatching(/^\d/),
    architecture: await nativeArchitecture(),
    source: "coreutils",
  });
  expect(installed.get("no-such-package")).toBeNull();
});

test("dependencies are those that are installed, and theirs", async () => {
  const found = (await readInstalledPackages(signal)).dependenciesOf("bash");
  const names = found.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["base-files", "libc6", "libgcc-s1"]));
  expect(names).not.toContain("bash");
  expect(found.every(({ version }) => version !== "")).toBe(true);
  expect(names).toEqual([...names].sort());
});

test("the machine's release is named as reports name it", async () => {
  expect(await machineRelease()).toMatch(/^[A-Z]\w+( (\d+(\.\d+)?|[a-z]+))?$/);
});
