import type { AptRoot } from "./apt-root.ts";

// When we are killed, nobody is left to kill apt: waiting for a mirror that hangs, it would hold the root's lock
// for as long as its time-outs last. The kernel ends it with us.
const diesWithParent = ["setpriv", "--pdeathsig", "KILL"] as const;

/**
 * `apt-get` under the root's lock: `exclusive` while lists are replaced, `shared` while many may download.
 * Exits with 75 when the lock was not free within `waitSeconds`.
 */
export function lockedApt(
  root: AptRoot,
  mode: "exclusive" | "shared",
  waitSeconds: number,
  args: readonly string[],
): [string, ...string[]] {
  const lock = [`--${mode}`, "--timeout", String(waitSeconds), "--conflict-exit-code", "75", root.lockFile];
  return [...diesWithParent, "flock", ...lock, ...diesWithParent, "apt-get", ...args];
}
