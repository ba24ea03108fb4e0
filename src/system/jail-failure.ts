import { readFileSync } from "node:fs";
import { ServiceFailure } from "./failure.ts";
import { describeEnd, type ProcessResult } from "./process.ts";

/** The failure for a jail that could not be built, in the words of the tool that failed, with what to do about it. */
export function jailFailure(result: ProcessResult): ServiceFailure {
  const words = result.stderr.trim() || "no message";
  return new ServiceFailure(`The jail for gdb could not be built: ${describeEnd(result)}: ${words}`, {
    remedy: remedyFor(words, readSwitch),
  });
}

/**
 * What a person can do about a jail that cannot be built.
 *
 * @param words what bwrap, setpriv or the jail's bash said.
 * @param kernelSwitch reads a file below /proc/sys as a number; null when this kernel has no such file.
 */
export function remedyFor(words: string, kernelSwitch: (name: string) => number | null): string {
  if (/bwrap: Unknown option/.test(words)) {
    return "This bubblewrap is too old, the jail needs 0.8 or later: install a newer one (Debian 12 and Ubuntu 24.04 have one).";
  }
  if (/setpriv: not found/.test(words)) return "Install the tools: apt-get install util-linux";
  if (/PR_SET_SECCOMP/.test(words)) {
    return "This kernel has no system call filters: it has to be built with CONFIG_SECCOMP_FILTER, as Debian's and Ubuntu's are.";
  }
  if (/ulimit: /.test(words)) {
    return "The service's own resource limits are lower than those for gdb: raise them (systemd Limit…=, ulimit) or lower [gdb] in the configuration.";
  }
  if (/Can't mount proc/.test(words)) return maskedProcRemedy;
  if (kernelSwitch("kernel/unprivileged_userns_clone") === 0) {
    return "This kernel forbids user namespaces: sysctl -w kernel.unprivileged_userns_clone=1 (and a file in /etc/sysctl.d).";
  }
  if (kernelSwitch("user/max_user_namespaces") === 0) {
    return "This kernel forbids user namespaces: sysctl -w user.max_user_namespaces=10000 (and a file in /etc/sysctl.d).";
  }
  if (kernelSwitch("kernel/apparmor_restrict_unprivileged_userns") === 1) return appArmorRemedy;
  return "Check that this user may create user namespaces: unshare --user --map-root-user true. In a container, the container's own seccomp or AppArmor rules have to allow them.";
}

// The kernel lets a user namespace mount a fresh /proc only where the present one is wholly visible. Containers cover
// parts of theirs (/proc/kcore, /proc/sysrq-trigger, …).
const maskedProcRemedy =
  "A part of /proc is covered here, as containers do it, and the kernel then refuses the jail a /proc of its own. Run outside of " +
  "the container, or start it with an uncovered /proc (Docker: --security-opt systempaths=unconfined).";

// Ubuntu 23.10 and later: an unconfined program may create a user namespace but gets no rights in it, so bwrap fails
// in the middle ("setting up uid map: Permission denied", "Failed RTM_NEWADDR"). A profile for bwrap lifts that.
const appArmorRemedy =
  "AppArmor restricts user namespaces here (Ubuntu 23.10 and later). Allow them for bwrap: write a file /etc/apparmor.d/bwrap with " +
  "`abi <abi/4.0>, include <tunables/global> profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }` and run " +
  "`apparmor_parser -r /etc/apparmor.d/bwrap`; or, for the whole machine, sysctl -w kernel.apparmor_restrict_unprivileged_userns=0.";

function readSwitch(name: string): number | null {
  try {
    return Number.parseInt(readFileSync(`/proc/sys/${name}`, "latin1"), 10);
  } catch {
    // The switch belongs to Debian's or Ubuntu's patches, or to AppArmor: a kernel without it has nothing to say.
    return null;
  }
}
