const isRoot = process.getuid?.() === 0;

/**
 * What stands before a command that is to have mounts of its own, which nobody else sees. An ordinary user may mount
 * inside a user namespace of theirs.
 */
export function withOwnMounts(): readonly [string, ...string[]] {
  if (isRoot) return ["unshare", "--mount"];
  const ids = [`--map-user=${process.getuid?.()}`, `--map-group=${process.getgid?.()}`];
  return ["unshare", "--user", ...ids, "--keep-caps", "--mount"];
}

/** What stands before a command inside, so that the rights that mounting takes are not handed on to it. */
export const withoutMountRights = isRoot ? "env" : "setpriv --ambient-caps=-all --inh-caps=-all";
