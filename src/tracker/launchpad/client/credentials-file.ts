import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { messageOf, ServiceFailure } from "../../../system/failure.ts";
import { type Credentials, formatCredentials, parseCredentials } from "./credentials.ts";

const login = "crash-digger launchpad login";
const maxBytes = 64 * 1024;

/**
 * Reads a credentials file, launchpadlib's or ours.
 *
 * @throws ServiceFailure with a remedy when it is not there, not ours alone, or no such file.
 */
export async function readCredentials(path: string): Promise<Credentials> {
  const parsed = parseCredentials(await readPrivately(path));
  if (!("fault" in parsed)) return parsed;
  throw new ServiceFailure(`the Launchpad credentials ${path}: the file ${parsed.fault}`, {
    remedy: `Make a new one: ${login} --credentials ${path}`,
  });
}

/** Writes a credentials file for its owner alone, in place of one that may be there; whole or not at all. */
export async function writeCredentials(path: string, credentials: Credentials): Promise<void> {
  const folder = dirname(resolve(path));
  const aside = join(folder, `.launchpad-${randomUUID()}`);
  try {
    await using file = await open(aside, "wx", 0o600);
    // A umask such as 0777 takes bits off that the owner needs.
    await file.chmod(0o600);
    await file.writeFile(formatCredentials(credentials));
    await file.sync();
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw new ServiceFailure(`the Launchpad credentials cannot be written to ${path}: ${messageOf(error)}`, {
      cause: error,
      remedy: "Make the folder, and let this user write there.",
    });
  }
  await using opened = await open(folder, "r");
  await opened.sync();
}

async function readPrivately(path: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    await refuseUnlessPrivate(path, file);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(maxBytes), position: 0 });
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if (error instanceof ServiceFailure) throw error;
    throw new ServiceFailure(`the Launchpad credentials cannot be read: ${messageOf(error)}`, {
      cause: error,
      remedy: `Name the right file, or make one as the user of the service: ${login} --credentials ${path}`,
    });
  }
}

// As ssh does with private keys: whoever can read the file can act as the retracer, on private bugs too; and whoever
// else owns it can put another token there.
async function refuseUnlessPrivate(path: string, file: FileHandle): Promise<void> {
  const { mode, uid } = await file.stat().then((stat) => {
    if (!stat.isFile()) throw new ServiceFailure(`the Launchpad credentials ${path} are not a regular file`);
    return stat;
  });
  if ((mode & 0o077) !== 0) {
    throw new ServiceFailure(
      `the Launchpad credentials ${path} can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
      {
        remedy: `chmod 600 ${path} - and, if somebody may have read it, revoke the token in Launchpad and log in anew.`,
      },
    );
  }
  if (uid === 0 || uid === process.geteuid?.()) return;
  throw new ServiceFailure(`the Launchpad credentials ${path} belong to another user (number ${uid})`, {
    remedy: `chown the file to the user of the service, or make one as that user: ${login} --credentials ${path}`,
  });
}
