import { cp, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { minimalEnvironment, run } from "../../src/system/process.ts";

const root = join(import.meta.dirname, "..", "..");

test("the launcher takes the joined program while it is newest, and the sources after any change to them", async () => {
  await using installed = await installation();
  const bundled = await installed.bundle();
  expect(await installed.version()).toBe("0.1.0");
  // Which of the two ran: the joined one is given other words.
  await writeFile(bundled, 'console.log("the joined program");\n');
  expect(await installed.version()).toBe("the joined program");
  // An upgrade unpacked over it, dated before the joined program was made.
  await writeFile(installed.versionFile, 'export const version = "0.1.9";\n');
  await utimes(installed.versionFile, 1, 1);
  expect(await installed.version()).toBe("0.1.9");
  await installed.bundle();
  expect(await installed.version()).toBe("0.1.9");
  await rm(join(installed.folder, "src", "cli", "start.ts"));
  expect(await installed.version()).not.toBe("0.1.9");
});

test("files that the program reads beside its sources are found by the joined program too", async () => {
  await using installed = await installation();
  await installed.bundle();
  await rm(join(installed.folder, "src", "cli", "main.ts"));
  const bundled = join(installed.folder, "build", "bundle", "start.cjs");
  const doctor = await installed.run([process.execPath, bundled, "doctor", "--json"]);
  expect(JSON.parse(doctor).findings.length).toBeGreaterThan(5);
});

/** A copy of the program in a folder of its own. */
async function installation() {
  const folder = await mkdtemp(join(tmpdir(), "installation-"));
  for (const name of ["bin", "src", "scripts", "package.json", "package-lock.json"]) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const environment = { ...minimalEnvironment, NODE_COMPILE_CACHE: join(folder, "compiled") };
  const output = async (command: [string, ...string[]]): Promise<string> => {
    const result = await run(command, { deadlineMs: 100_000, env: environment });
    return `${result.stdout}${result.exitCode === 0 ? "" : result.stderr}`.trim();
  };
  return {
    folder,
    versionFile: join(folder, "src", "version.ts"),
    run: output,
    version: () => output([join(folder, "bin", "crash-digger"), "--version"]),
    bundle: async () => {
      expect(await output([process.execPath, join(folder, "scripts", "bundle.mjs")])).toBe("");
      return join(folder, "build", "bundle", "start.cjs");
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
