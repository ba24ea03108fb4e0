import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ServiceFailure } from "../../../../src/system/failure.ts";
import { minimalEnvironment, run } from "../../../../src/system/process.ts";
import { readCredentials, writeCredentials } from "../../../../src/tracker/launchpad/client/credentials-file.ts";
import { temporaryFolder } from "../../../lab/temporary.ts";
import { credentials, secretSecret, secretToken } from "./scripted-server.ts";

test("a file is written for its owner alone, whatever the umask and whatever was there, and read back", async () => {
  await using folder = await temporaryFolder("credentials");
  const path = join(folder.path, "launchpad");
  await writeFile(path, "old", { mode: 0o644 });
  const before = process.umask(0o777);
  try {
    await writeCredentials(path, credentials);
  } finally {
    process.umask(before);
  }
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readCredentials(path)).toEqual(credentials);
  expect(await readdir(folder.path)).toEqual(["launchpad"]);
});

test("launchpadlib reads what we write", async () => {
  await using folder = await temporaryFolder("credentials");
  const path = join(folder.path, "launchpad");
  await writeCredentials(path, credentials);
  const script =
    "import sys\nfrom launchpadlib.credentials import Credentials\n" +
    "c = Credentials.load_from_path(sys.argv[1])\n" +
    "print(c.consumer.key, c.access_token.key, c.access_token.secret)\n";
  const env = { ...minimalEnvironment, HOME: folder.path };
  const result = await run(["/usr/bin/python3", "-c", script, path], { deadlineMs: 60_000, env });
  expect(result).toMatchObject({ exitCode: 0 });
  expect(result.stdout.toString("utf8").trim()).toBe(`crash-digger ${secretToken} ${secretSecret}`);
});

test.each([0o640, 0o604, 0o660, 0o644])(
  "a file that others can use (mode %o) is refused with a remedy",
  async (mode) => {
    await using folder = await temporaryFolder("credentials");
    const path = join(folder.path, "launchpad");
    await writeCredentials(path, credentials);
    await chmod(path, mode);
    const failure = await readCredentials(path).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServiceFailure);
    expect((failure as ServiceFailure).message).toContain(`can be read by others (mode 0${mode.toString(8)})`);
    expect((failure as ServiceFailure).remedy).toContain(`chmod 600 ${path}`);
  },
);

test("a file of another user is refused, where we can read it at all", async () => {
  await using folder = await temporaryFolder("credentials");
  const path = join(folder.path, "launchpad");
  await writeCredentials(path, credentials);
  if (process.geteuid?.() === 0) await chown(path, 65534, 65534);
  const reading = readCredentials(process.geteuid?.() === 0 ? path : "/etc/shadow");
  await expect(reading).rejects.toThrow(ServiceFailure);
});

test("what is no credentials file is said so, without its content", async () => {
  await using folder = await temporaryFolder("credentials");
  const path = join(folder.path, "launchpad");
  await writeFile(path, "[1]\naccess_token = s3cret s3cret\nconsumer_key = c\n", { mode: 0o600 });
  const failure = await readCredentials(path).catch((error: unknown) => error as ServiceFailure);
  expect(failure).toMatchObject({ message: expect.stringContaining("has no usable access_token") });
  expect((failure as ServiceFailure).stack).not.toContain("s3cret");
  await expect(readCredentials(join(folder.path, "none"))).rejects.toThrow("cannot be read: ENOENT");
  await expect(readCredentials(folder.path)).rejects.toThrow("not a regular file");
});

test("where nothing can be written, nothing is left and it is said so", async () => {
  await using folder = await temporaryFolder("credentials");
  const path = join(folder.path, "launchpad");
  await mkdir(path);
  await expect(writeCredentials(path, credentials)).rejects.toThrow(`cannot be written to ${path}`);
  expect(await readdir(folder.path)).toEqual(["launchpad"]);
  await expect(writeCredentials(join(folder.path, "none", "launchpad"), credentials)).rejects.toThrow("ENOENT");
  expect(await readFile(path).catch((error: NodeJS.ErrnoException) => error.code)).toBe("EISDIR");
});
