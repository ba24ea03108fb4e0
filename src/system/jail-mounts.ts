import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { ServiceFailure } from "./failure.ts";
import type { JailMount } from "./jail-types.ts";

const mostEntries = 100_000;

/**
 * Makes sure that the jailed user can read all that is mounted. A file that it may not read would not be an error
 * to gdb: it would make a worse trace without a word.
 *
 * @param isRoot whether the jailed user is nobody instead of ourselves.
 * @throws ServiceFailure that names the first file that is closed.
 */
export function requireReadable(mounts: readonly JailMount[], isRoot: boolean): void {
  for (const { hostPath } of mounts) {
    const stat = statSync(hostPath, { throwIfNoEntry: false });
    if (stat === undefined) throw new Error(`Nothing to mount into the jail at ${hostPath}`);
    if (!isRoot) continue;
    requireOpen(Buffer.from(hostPath), stat);
    if (stat.isDirectory()) requireTreeOpen(Buffer.from(hostPath));
  }
}

// Names as bytes: a path that a core names need not be UTF-8.
function requireTreeOpen(root: Buffer): void {
  const folders = [root];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of readdirSync(folder, { encoding: "buffer" })) {
      seen += 1;
      if (seen > mostEntries) throw new Error(`More than ${mostEntries} files to mount into the jail at ${root}`);
      const path = Buffer.concat([folder, Buffer.from("/"), name]);
      const stat = lstatSync(path);
      requireOpen(path, stat);
      if (stat.isDirectory()) folders.push(path);
    }
  }
}

function requireOpen(path: Buffer, stat: Stats): void {
  const needed = stat.isDirectory() ? 0o005 : 0o004;
  if (stat.isSymbolicLink() || (stat.mode & needed) === needed) return;
  throw new ServiceFailure(`${path} cannot be read inside the jail, whose user is nobody`, {
    remedy: "Let everybody read it (chmod o+rX); the folder above it may stay closed.",
  });
}
