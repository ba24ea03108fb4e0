import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { ServiceFailure } from "../system/failure.ts";

/**
 * The words that make a command root over the files of a chroot, and let it die with us: for an ordinary user a user
 * namespace in which he is root and has users to give away (the chroot's `mail`, `_apt`, …). What he makes there, only the
 * same namespace can remove.
 */
export function asRoot(): readonly [string, ...string[]] {
  const namespace = process.geteuid?.() === 0 ? [] : ["unshare", "--user", "--map-root-user", "--map-auto", "--"];
  return ["setpriv", "--pdeathsig", "KILL", "--", ...namespace];
}

/**
 * Why this user cannot make chroots, with what to do; null when he can.
 *
 * fakechroot and proot would do without users to give away, and are no option: what a package's scripts do would be done
 * by this user himself, with all his files and the network.
 */
export function whyNotRoot(read: (path: string) => string = readText): ServiceFailure | null {
  if (process.geteuid?.() === 0) return null;
  const { username, uid } = whoAmI();
  const lacks = ["/etc/subuid", "/etc/subgid"].filter((path) => !hasRange(read(path), [username, String(uid)]));
  if (lacks.length === 0 && existsSync("/usr/bin/newuidmap")) return null;
  const what = lacks.length === 0 ? "newuidmap is not installed" : `${lacks.join(" and ")} give ${username} no users`;
  return new ServiceFailure(`chroots cannot be made by an ordinary user here: ${what}`, {
    remedy: `apt-get install uidmap, and as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}; or run crash-digger as root; or set environment = "unpacked".`,
  });
}

function whoAmI(): { readonly username: string; readonly uid: number } {
  try {
    return userInfo();
  } catch {
    // A user without an entry in /etc/passwd, as in a container.
    const uid = process.geteuid?.() ?? 0;
    return { username: String(uid), uid };
  }
}

function hasRange(text: string, names: readonly string[]): boolean {
  return text.split("\n").some((line) => names.includes(line.split(":")[0] ?? ""));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // No such file: then nobody has any users to give away.
    return "";
  }
}
