import { join } from "node:path";
import { type ProcessResult, run } from "../../../src/system/process.ts";

const repository = join(import.meta.dirname, "../../..");
const seen = "/mnt/repository";

/**
 * Runs a TypeScript file of the repository as `nobody`. Only root can become somebody else; an ordinary user
 * is already what the test wants. The repository may lie in root's closed home, so it is shown to nobody elsewhere.
 *
 * @param script path below the repository.
 */
export function runAsOrdinaryUser(script: string, args: readonly string[]): Promise<ProcessResult> {
  const node = ["--disable-warning=ExperimentalWarning"];
  if (process.getuid?.() !== 0) {
    return run([process.execPath, ...node, join(repository, script), ...args], { deadlineMs: 60_000 });
  }
  return run(
    [
      ...(["bwrap", "--cap-add", "ALL", "--dev-bind", "/", "/", "--tmpfs", "/mnt"] as const),
      ...["--ro-bind", repository, seen, "--ro-bind", process.execPath, "/mnt/node", "--"],
      ...["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"],
      ...["/mnt/node", ...node, join(seen, script), ...args],
    ],
    { deadlineMs: 60_000 },
  );
}

/**
 * Runs a TypeScript file of the repository where the kernel refuses every new user namespace.
 *
 * @param uid of whom it runs as; empty for root, with all users, in a namespace whose own limit is then zero.
 */
export function runWithoutUserNamespaces(script: string, args: readonly string[], uid: string): Promise<ProcessResult> {
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", join(repository, script), ...args];
  const box = ["bwrap", "--unshare-user", "--uid", uid, "--disable-userns", "--dev-bind", "/", "/", "--"] as const;
  const rootBox = ["sh", join(import.meta.dirname, "fixtures/forbid-user-namespaces.sh")] as const;
  return run([...(uid === "" ? rootBox : box), ...command] as [string, ...string[]], { deadlineMs: 60_000 });
}
