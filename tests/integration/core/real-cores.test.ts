import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { signalName } from "../../../src/core/signal-name.ts";
import type { Core, CoreModule } from "../../../src/core/types.ts";
import { compileC } from "../../lab/compile-c.ts";
import { coreAt } from "../../lab/core-at.ts";
import { type MakeCoreOptions, makeCore } from "../../lab/make-core.ts";
import { comparablePath, unstripModules } from "../../lab/unstrip.ts";

const folder = mkdtempSync(join(tmpdir(), "real-cores-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Crash = { readonly name: string; readonly command: readonly string[]; readonly options?: MakeCoreOptions };

const programs: readonly Crash[] = [
  { name: "sleep", command: ["sleep", "1000"] },
  { name: "cat", command: ["cat"] },
  { name: "bash", command: ["bash", "-c", "read line"] },
  { name: "python3", command: ["/usr/bin/python3", "-c", "import ssl, sqlite3, sys; sys.stdin.read()"] },
  { name: "perl", command: ["perl", "-MPOSIX", "-e", "sleep 1000"] },
  { name: "sort", command: ["sort"], options: { stdin: "b\na\n" } },
  { name: "xz", command: ["xz", "--compress"] },
  { name: "git", command: ["git", "hash-object", "--stdin"] },
  { name: "node", command: [process.execPath, "-e", "process.stdin.resume()"] },
  { name: "openssl", command: ["openssl", "enc", "-base64"] },
  { name: "tail", command: ["tail", "-f", "/dev/null"], options: { signal: "SIGILL" } },
  // gawk catches SIGSEGV and aborts; mawk does not. With SIGABRT both end alike.
  { name: "awk", command: ["awk", "{ print }"], options: { signal: "SIGABRT" } },
  { name: "sh", command: ["sh", "-c", "kill -FPE $$"], options: { crashesByItself: true, signal: "SIGFPE" } },
];

test.each(programs)("a core of $name has the modules that elfutils finds", async ({ command, options = {} }) => {
  const path = await makeCore(command, folder, options);
  const core = coreAt(path);
  expectSameModules(core, path);
  expect(core.modules.filter((module) => module.isExecutable)).toHaveLength(1);
  expect(signalName(core.signal ?? 0, core.machine)).toBe(options.signal ?? "SIGSEGV");
  expect(core.truncatedBy).toBe(0);
});

// gdb maps pieces of its own libraries a second time, to read them. When such a piece (file offset 0xd000, r--p) lies
// below the loaded library, elfutils 0.188 leaves the loaded one out, though its five mappings are whole and the linker
// lists it: libgnutls in 2 of 129 cores. So here elfutils has to be right in what it says, and the linker's list in
// what there is.
test("a core of gdb has the modules that elfutils finds, and all that the dynamic linker loaded", async () => {
  const path = await makeCore(["gdb", "-nx", "-q"], folder, { signal: "SIGABRT" });
  const core = coreAt(path);
  const found = core.modules.map(comparable);
  const expected = unstripModules(path).filter((module) => !isReadAsData(core, module.start));
  expect(found).toEqual(expect.arrayContaining(expected));
  const loaded = core.linkNames.map(({ loadAddress }) => hex(loadAddress));
  expect(found.map(({ start }) => start)).toEqual(expect.arrayContaining(loaded));
});

const pause = "#include <unistd.h>\nint main(void) { for (;;) pause(); }";

test.each([
  { kind: "position-independent", flags: ["-pie", "-fPIE"] },
  { kind: "fixed-address", flags: ["-no-pie"] },
  { kind: "static", flags: ["-static"] },
  { kind: "static position-independent", flags: ["-static-pie", "-fPIE"] },
  { kind: "one-page", flags: ["-no-pie", "-Wl,-z,noseparate-code", "-Wl,-z,norelro", "-s"] },
])("a core of a $kind program has the modules that elfutils finds", async ({ kind, flags }) => {
  const program = compileC(pause, join(folder, kind.replaceAll(" ", "-")), flags);
  const path = await makeCore([program], folder);
  const core = coreAt(path);
  expectSameModules(core, path);
  expect(core.modules.find((module) => module.isExecutable)?.path).toBe(program);
});

test("gdb's own core says the same as the kernel's: modules, signal, threads", async () => {
  const path = await makeCore(["cat"], folder, { writer: "gdb" });
  const core = coreAt(path);
  expectSameModules(core, path);
  expect(core).toMatchObject({ signal: 11, truncatedBy: 0, architecture: expect.any(String), commandName: "cat" });
  expect(core.threads).toHaveLength(1);
  expect(core.linkNames.map(({ name }) => name)).toContainEqual(expect.stringMatching(/\/libc\.so\.6$/));
});

// elfutils also lists libraries that a program has mapped to read them (gdb does that with some of its own,
// and elfutils names them "[dso]"). We leave those out: nothing was loaded there.
function expectSameModules(core: Core, path: string): void {
  const found = core.modules.map(comparable);
  const expected = unstripModules(path).filter((module) => !isReadAsData(core, module.start));
  expect(found.sort((a, b) => (a.start < b.start ? -1 : 1))).toEqual(expected);
}

function comparable({ start, buildId, path }: CoreModule) {
  return { start: hex(start), buildId, path: comparablePath(path) };
}

function isReadAsData(core: Core, start: string): boolean {
  const index = core.mappings.findIndex((mapping) => hex(mapping.start) === start);
  const mapping = core.mappings[index];
  const isAlone = mapping !== undefined && mapping.path !== core.mappings[index + 1]?.path;
  return isAlone && mapping.permissions === "r--p";
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
