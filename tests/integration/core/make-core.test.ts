import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeCore } from "../../lab/make-core.ts";

const folder = mkdtempSync(join(tmpdir(), "make-core-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a sleeping program leaves the kernel's core, or gdb's where the kernel pipes cores elsewhere", async () => {
  const path = await makeCore(["sleep", "1000"], folder);
  expect(statSync(path).size).toBeGreaterThan(50_000);
});

test("gdb can write the core of a signal too", async () => {
  const path = await makeCore(["cat"], folder, { writer: "gdb", signal: "SIGABRT" });
  expect(statSync(path).size).toBeGreaterThan(50_000);
});

test("a program that crashes by itself needs no signal", async () => {
  const path = await makeCore(["sh", "-c", "kill -SEGV $$"], folder, { crashesByItself: true });
  expect(statSync(path).size).toBeGreaterThan(50_000);
});

test("a program that ends without a crash is an error that says how it ended", async () => {
  await expect(makeCore(["sh", "-c", "echo sorry >&2; exit 7"], folder)).rejects.toThrow(
    /^no core was left by sh .* ended with .*sorry/s,
  );
});
