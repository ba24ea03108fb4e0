import { type FileHandle, open } from "node:fs/promises";
import { messageOf, ServiceFailure } from "./failure.ts";

/** How a file with a secret is spoken of when it cannot be used. */
export type PrivateFileWords = {
  /** `the Launchpad credentials`: what the file holds. */
  readonly what: string;
  /** What to do when it is not there, or not readable. */
  readonly ifMissing: string;
  /** What to do, besides chmod, when others can read it. */
  readonly ifExposed: string;
  /** What to do when it belongs to somebody else. */
  readonly ifForeign: string;
};

const maxBytes = 64 * 1024;

/**
 * Reads the head (64 KiB) of a file that holds a secret.
 *
 * As ssh does with private keys: whoever can read the file can act as the service, and whoever else owns it can put
 * another secret there. So it has to belong to this user, or to root, and to be closed to everybody else.
 *
 * @throws ServiceFailure with a remedy.
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
      remedy: words.ifMissing,
    });
  }
}

async function refuseUnlessPrivate(path: string, file: FileHandle, words: PrivateFileWords): Promise<void> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new ServiceFailure(`${words.what} ${path} are not a regular file`);
  const mode = stat.mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new ServiceFailure(
      `${words.what} ${path} can be read by others (mode ${mode.toString(8).padStart(4, "0")})`,
      { remedy: `chmod 600 ${path} - and, if somebody may have read it, ${words.ifExposed}` },
    );
  }
  if (stat.uid === 0 || stat.uid === process.geteuid?.()) return;
  throw new ServiceFailure(`${words.what} ${path} belong to another user (number ${stat.uid})`, {
    remedy: words.ifForeign,
  });
}
