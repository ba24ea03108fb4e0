import { expect, test } from "vitest";
import { remedyFor } from "../../../src/system/jail-failure.ts";

const nothing = (): null => null;
const only =
  (wanted: string, value: number) =>
  (name: string): number | null =>
    name === wanted ? value : null;

test.each([
  [
    "Debian's switch",
    "bwrap: No permissions",
    only("kernel/unprivileged_userns_clone", 0),
    "kernel.unprivileged_userns_clone=1",
  ],
  [
    "the kernel's limit",
    "bwrap: Creating new namespace failed",
    only("user/max_user_namespaces", 0),
    "user.max_user_namespaces",
  ],
  [
    "Ubuntu's AppArmor",
    "bwrap: setting up uid map: Permission denied",
    only("kernel/apparmor_restrict_unprivileged_userns", 1),
    "/etc/apparmor.d/bwrap",
  ],
  ["an old bubblewrap", "bwrap: Unknown option --disable-userns", nothing, "0.8 or later"],
  ["a missing setpriv", "env: setpriv: not found", nothing, "apt-get install util-linux"],
  [
    "a lower limit",
    "bash: line 3: ulimit: open files: cannot modify limit: Operation not permitted",
    nothing,
    "resource limits",
  ],
  ["a kernel without filters", "bwrap: prctl(PR_SET_SECCOMP): Invalid argument", nothing, "CONFIG_SECCOMP_FILTER"],
  ["a covered /proc", "bwrap: Can't mount proc on /newroot/proc: Operation not permitted", nothing, "systempaths"],
  ["anything else", "bwrap: Creating new namespace failed: No space left on device", nothing, "In a container"],
])("the remedy for %s", (_name, words, kernelSwitch, remedy) => {
  expect(remedyFor(words, kernelSwitch)).toContain(remedy);
});
