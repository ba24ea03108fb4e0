import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { replaceFile } from "../../../src/system/replace-file.ts";
import { temporaryFolder } from "../../lab/temporary.ts";

test("whoever has the file open goes on reading what was there before, whole", async () => {
  await using folder = await temporaryFolder("replace");
  const path = join(folder.path, "a.prom");
  replaceFile(path, "old\n", 0o644);
  const reader = openSync(path, "r");
  replaceFile(path, "new and longer\n", 0o644);
  expect(readFileSync(reader, "utf8")).toBe("old\n");
  closeSync(reader);
  expect(readFileSync(path, "utf8")).toBe("new and longer\n");
  expect(readdirSync(folder.path)).toEqual(["a.prom"]);
});

test("its permissions are those asked for, whatever the umask says", async () => {
  await using folder = await temporaryFolder("replace");
  const path = join(folder.path, "a.prom");
  const umask = process.umask(0o077);
  try {
    replaceFile(path, "", 0o644);
  } finally {
    process.umask(umask);
  }
  expect(statSync(path).mode & 0o777).toBe(0o644);
});

test("when it cannot be replaced nothing is left behind", async () => {
  await using folder = await temporaryFolder("replace");
  const path = join(folder.path, "a.prom");
  mkdirSync(path);
  writeFileSync(join(path, "in it"), "");
  expect(() => replaceFile(path, "text", 0o644)).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(folder.path)).toEqual(["a.prom"]);
});
