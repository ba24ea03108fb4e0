import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that is removed with all that is in it when it goes out of scope (`await using`). */
export type TemporaryFolder = AsyncDisposable & {
  /** Absolute path, without symbolic links of ours. */
  readonly path: string;
  /** The same as `await using` does at the end of the scope; may be called twice. */
  remove(): Promise<void>;
};

/**
 * Makes a folder of its own under the system's temporary folder.
 *
 * apt, run as root, downloads as the user `_apt`, and a few tests run as `nobody`: unlike mkdtemp's 0700
 * the folder is open for all to read. Put nothing secret in it.
 *
 * @param purpose a word for the folder's name, so that what a killed test left behind can be told.
 */
export async function temporaryFolder(purpose = "test"): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `crash-digger-${purpose}-`));
  await chmod(path, 0o755);
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });
  return { path, remove, [Symbol.asyncDispose]: remove };
}
