import { realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scriptOf } from "../../../src/collect/script.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";

let folder: TemporaryFolder;
let python: string;
const scripts: Record<string, string> = {};

beforeAll(async () => {
  folder = await temporaryFolder();
  python = await realpath("/usr/bin/python3");
  const texts = {
    plain: "#!/usr/bin/python3\n",
    options: "#! /usr/bin/python3 -Es\nprint()\n",
    env: "#!/usr/bin/env python3\n",
    shell: "#!/bin/sh\n",
    none: "print()\n",
    relative: "#!python3\n",
  };
  for (const [name, text] of Object.entries(texts)) {
    scripts[name] = join(folder.path, name);
    await writeFile(join(folder.path, name), text);
  }
});
afterAll(() => folder?.[Symbol.asyncDispose]());

test("a script is known by its first line, which leads to the program that crashed", async () => {
  expect(await scriptOf(python, `/usr/bin/python3 ${scripts["plain"]} --all`)).toBe(scripts["plain"]);
  expect(await scriptOf(python, `/usr/bin/python3 -Es ${scripts["options"]}`)).toBe(scripts["options"]);
  expect(await scriptOf(python, `python3 ${scripts["env"]}`)).toBe(scripts["env"]);
});

test("an argument that the program only reads is no script of it", async () => {
  expect(await scriptOf("/usr/bin/cat", `cat ${scripts["plain"]}`)).toBeNull();
  expect(await scriptOf(python, `/usr/bin/python3 ${scripts["shell"]}`)).toBeNull();
  expect(await scriptOf(python, `/usr/bin/python3 ${scripts["none"]}`)).toBeNull();
  expect(await scriptOf(python, `/usr/bin/python3 ${scripts["relative"]}`)).toBeNull();
  expect(await scriptOf(python, `/usr/bin/python3 -c ${scripts["plain"]}`)).toBeNull();
});

test("hostile command lines open nothing and are no scripts", async () => {
  const fifo = join(folder.path, "fifo");
  await tool(["mkfifo", fifo]);
  await symlink("/dev/zero", join(folder.path, "device"));
  for (const word of ["", "/dev/zero", "/proc/self/mem", "../x", "/\u0000", "/", fifo, join(folder.path, "device")]) {
    expect(await scriptOf(python, `python3 ${word}`)).toBeNull();
  }
  expect(await scriptOf(python, "")).toBeNull();
});
