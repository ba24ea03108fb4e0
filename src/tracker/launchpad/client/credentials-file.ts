import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { messageOf, ServiceFailure } from "../../../system/failure.ts";
import { readPrivateFile } from "../../../system/private-file.ts";
import { type Credentials, formatCredentials, parseCredentials } from "./credentials.ts";

const login = "crash-digger launchpad login";

/**
 * Reads a credentials file, launchpadlib's or ours.
 *
 * @throws ServiceFailure with a remedy when it is not there, not ours alone, or no such file.
 */
export async function readCredentials(path: string): Promise<Credentials> {
  const anew = `${login} --credentials ${path}`;
  const text = await readPrivateFile(path, {
    what: "the Launchpad credentials",
    ifMissing: `Name the right file, or make one as the user of the service: ${anew}`,
    ifExposed: "revoke the token in Launchpad and log in anew.",
    ifForeign: `chown the file to the user of the service, or make one as that user: ${anew}`,
  });
  const parsed = parseCredentials(text);
  if (!("fault" in parsed)) return parsed;
  throw new ServiceFailure(`the Launchpad credentials ${path}: the file ${parsed.fault}`, {
    remedy: `Make a new one: ${anew}`,
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
