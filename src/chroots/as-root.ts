import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { ServiceFailure } from "../system/failure.ts";
import { pretendedOwners } from "./pretended-owners.ts";

type Words = readonly [string, ...string[]];

/** A user as far as it matters for making chroots. */
type User = { readonly uid: number; readonly name: string; readonly hasOthers: boolean };

/**
 * The words that make a command root over the files of a chroot, and let it die with us. For an ordinary user a user
 * namespace in which he is root: with users to give away (the chroot's `mail`, `_apt`, …) if he has some, and what he makes
 * there only the same namespace can remove; else alone, and everything stays his.
 *
 * @param filter what lets a user be alone; null where this machine has none
 * @throws ServiceFailure where none of it is possible
 */
export function asRoot(user: User = currentUser(), filter: Buffer | null = pretendedOwners()): Words {
  const mortal: Words = ["setpriv", "--pdeathsig", "KILL", "--"];
  if (user.uid === 0) return mortal;
  const namespace = ["unshare", "--user", "--map-root-user"];
  if (user.hasOthers) return [...mortal, ...namespace, "--map-auto", "--"];
  if (filter === null) throw noUsers(user.name);
  return [...mortal, ...namespace, "--", "bash", "-c", underFilter, "bash", filter.toString("base64")];
}

// bwrap alone can put a command under a filter that is given to it. It changes nothing else here.
const underFilter = `filter=$1; shift
exec bwrap --die-with-parent --cap-add ALL --dev-bind / / --seccomp 3 -- "$@" 3< <(base64 -d <<<"$filter")`;

function noUsers(name: string): ServiceFailure {
  return new ServiceFailure(
    `chroots cannot be made by an ordinary user of this machine (${process.arch}) who has no users to give away`,
    {
      remedy: `apt-get install uidmap, and as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${name}; or run crash-digger as root; or set environment = "unpacked".`,
    },
  );
}

function currentUser(): User {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return { uid, name: "root", hasOthers: true };
  const name = nameOf(uid);
  const isListed = ["/etc/subuid", "/etc/subgid"].every((path) => hasRange(readText(path), [name, String(uid)]));
  return { uid, name, hasOthers: isListed && existsSync("/usr/bin/newuidmap") };
}

function nameOf(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in /etc/passwd, as in a container.
    return String(uid);
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
