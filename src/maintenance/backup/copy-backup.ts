import { join } from "node:path";
import { ServiceFailure } from "../../system/failure.ts";
import { manifestName, readManifest } from "./manifest.ts";
import { copySynced } from "./pack.ts";
import { makeWorkFolder } from "./work-folder.ts";

/**
 * Copies a backup into another folder of backups, where it appears when it is whole.
 *
 * @throws ServiceFailure when what was read is not what was written a moment ago.
 */
export async function copyBackup(from: string, name: string, folder: string): Promise<void> {
  const manifest = await readManifest(from);
  if (typeof manifest === "string") throw new ServiceFailure(`the backup ${from} cannot be copied: ${manifest}`);
  await using work = await makeWorkFolder(folder);
  for (const { file, packedSha256 } of manifest.databases) {
    const { sha256 } = await copySynced(join(from, file), join(work.path, file));
    if (sha256 !== packedSha256) throw new ServiceFailure(`${join(from, file)} is not as it was written`);
  }
  await copySynced(join(from, manifestName), join(work.path, manifestName));
  await work.becomes(name);
}
