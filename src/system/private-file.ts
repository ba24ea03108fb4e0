import { type FileHandle, open } from "node:fs/promises";
import { messageOf, ServiceFailure } from "./failure.ts";

const maxBytes = 64 * 1024;

/** What a file is to messages: its name, and what a person does about it when it is not as it has to be. */
export type PrivateFileWords = {
  /** `the Launchpad credentials` */
  readonly what: string;
  /** One sentence: how to make a new file. */
  readonly makeNew: string;
  /** What to do when somebody else may have read it. */
  readonly revoke: string;
};

/**
 * Reads a small file with a secret in it.
 *
 * @throws ServiceFailure with a remedy when it is not there, or not ours alone; nothing of its content is told.
 */
export async function readPrivateFile(path: string, words: PrivateFileWords): Promise<string> {
  try {
    await using file = await open(path, "r");
    await refuseUnlessPrivate(path, file, words);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(maxBytes), position: 0 });
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if (error instanceof ServiceFailure) throw error;
    throw new ServiceFailure(`${words.what} cannot be read: ${messageOf(error)}`, {
      cause: error,
      remedy: `Name the right file, or make one as the user of the service. ${words.makeNew}`,
    });
  }
}

// As ssh does with private keys: whoever can read the file can act as the service; and whoever else owns it can put
// another secret there.
async function refuseUnlessPrivate(path: string, file: FileHandle, words: PrivateFileWords): Promise<void> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new ServiceFailure(`${words.what} ${path} is not a regular file`);
  const { mode, uid } = stat;
  if ((mode & 0o077) !== 0) {
    throw new ServiceFailure(
      `${words.what} ${path} can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
      { remedy: `chmod 600 ${path} - and, if somebody may have read it, ${words.revoke}.` },
    );
  }
  if (uid === 0 || uid === process.geteuid?.()) return;
  throw new ServiceFailure(`${words.what} ${path} belongs to another user (number ${uid})`, {
    remedy: `chown the file to the user of the service, or make one as that user. ${words.makeNew}`,
  });
}
