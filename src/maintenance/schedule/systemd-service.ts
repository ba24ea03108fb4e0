import { marker } from "./owned-files.ts";
import type { Schedule } from "./schedule.ts";

/**
 * A service unit (systemd.service(5)). What it says on stdout is appended to the log; what is on stderr goes to the
 * journal.
 *
 * @param onFailure the unit that is started when it fails
 */
export function serviceUnit(
  schedule: Schedule,
  description: string,
  words: readonly string[],
  onFailure: string | null,
): string {
  const sections = [
    ["Unit", unitLines(description, onFailure)],
    ["Service", [...serviceLines(schedule, words), ...hardening(schedule)]],
  ] as const;
  return `${marker}\n${sections.map(([name, lines]) => `\n[${name}]\n${lines.join("\n")}\n`).join("")}`;
}

function unitLines(description: string, onFailure: string | null): readonly string[] {
  return [
    `Description=crash-digger: ${description}`,
    "Wants=network-online.target",
    "After=network-online.target",
    ...(onFailure === null ? [] : [`OnFailure=${onFailure}`]),
  ];
}

function serviceLines({ user, command, log }: Schedule, words: readonly string[]): readonly string[] {
  return [
    "Type=oneshot",
    `User=${user}`,
    `ExecStart=${[...command, ...words].map(unitWord).join(" ")}`,
    `StandardOutput=append:${log}`,
    // Stopped by SIGTERM, SIGINT or SIGHUP it ends cleanly, and its exit code says so.
    "SuccessExitStatus=129 130 143",
    // The batch alone is told to stop, and tells its own processes.
    "KillMode=mixed",
    // A gdb that was killed for memory is a crash to try again, not the end of the batch.
    "OOMPolicy=continue",
  ];
}

/**
 * What a service that runs apt, bubblewrap and gdb can do without. Left out, because they would break it:
 * - RestrictNamespaces, ProtectHostname, SystemCallFilter=~@mount: the jail is made of namespaces, with a name of its own
 * - ProtectKernelTunables, ProtectKernelLogs, ProtectProc, ProcSubset: they cover parts of /proc, and the kernel then lets
 *   nobody but root mount a /proc inside a jail
 * - RestrictSUIDSGID, LockPersonality, SystemCallArchitectures: systems of other releases and architectures are unpacked,
 *   set-user-ID files and all
 * - MemoryDenyWriteExecute: V8 compiles
 */
function hardening({ usesHome }: Schedule): readonly string[] {
  return [
    "NoNewPrivileges=yes",
    "PrivateTmp=yes",
    "ProtectSystem=full",
    ...(usesHome ? [] : ["ProtectHome=yes"]),
    "ProtectKernelModules=yes",
    "RestrictRealtime=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "SystemCallFilter=~@clock @cpu-emulation @module @obsolete @raw-io @reboot @swap",
    "SystemCallErrorNumber=EPERM",
  ];
}

// systemd.service(5), "Command lines": % and $ are doubled; a word with anything else than letters is quoted.
function unitWord(word: string): string {
  // The instance's name (systemd.unit(5), "Specifiers").
  if (word === "%i") return word;
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w./+:@,=%$-]+$/.test(word) ? escaped : `"${escaped.replace(/["\\]/g, "\\$&")}"`;
}
