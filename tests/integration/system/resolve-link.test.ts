import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolveLink } from "../../../src/system/resolve-link.ts";
import { temporaryFolder } from "../../lab/temporary.ts";

test("a link leads to its file, through further links and linked folders", async () => {
  await using folder = await temporaryFolder("link");
  const path = await realpath(folder.path);
  await mkdir(join(path, "real"));
  await writeFile(join(path, "real", "file"), "");
  await symlink("real", join(path, "folder"));
  await symlink("folder/file", join(path, "first"));
  await symlink(join(path, "first"), join(path, "second"));
  expect(resolveLink(join(path, "second"))).toBe(join(path, "real", "file"));
});

test("what is no link itself stays, also in a linked folder", async () => {
  await using folder = await temporaryFolder("link");
  await mkdir(join(folder.path, "real"));
  await writeFile(join(folder.path, "real", "file"), "");
  await symlink("real", join(folder.path, "folder"));
  const throughLink = join(folder.path, "folder", "file");
  expect(resolveLink(throughLink)).toBe(throughLink);
});

test("a path that leads nowhere on this machine stays", async () => {
  await using folder = await temporaryFolder("link");
  const [loop, dangling] = [join(folder.path, "loop"), join(folder.path, "dangling")];
  await symlink("loop", loop);
  await symlink("/nowhere/at/all", dangling);
  for (const path of [loop, dangling, "/nowhere", "", "<string>", "relative.py", "/a\0b", `/${"x".repeat(5000)}`]) {
    expect(resolveLink(path)).toBe(path);
  }
});
