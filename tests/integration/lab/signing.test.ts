import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createArchive, publish } from "../../lab/archive.ts";
import { temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";

test("an archive's signatures hold and no agent of GnuPG is left running", async () => {
  await using folder = await temporaryFolder("lab-signing");
  const archive = await createArchive(join(folder.path, "archive"), {
    suite: "lab",
    codename: "lab",
    architectures: ["amd64"],
  });
  await publish(archive);
  const suite = join(archive.folder, "dists", "lab");
  const keyring = archive.key?.publicKeyFile ?? "no key";
  await tool(["gpgv", "--keyring", keyring, join(suite, "InRelease")]);
  await tool(["gpgv", "--keyring", keyring, join(suite, "Release.gpg"), join(suite, "Release")]);
  expect(await environmentsWith(folder.path)).toEqual([]);
});

// The agent names its home in its environment. A process that has ended but was not waited for has none.
async function environmentsWith(text: string): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")));
  return environments.filter((environment) => environment.includes(text));
}
