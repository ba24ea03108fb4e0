import { join } from "node:path";
import { type ProcessResult, run } from "../system/process.ts";
import { asRoot } from "./as-root.ts";
import type { SystemView } from "./types.ts";

// What package scripts need to set up files and users. No device is made (MKNOD), nothing is mounted (SYS_ADMIN), no
// network is configured; bwrap's own mounts are nodev and nosuid, and no_new_privs is set.
const capabilities = [
  ...["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL"],
  ...["SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
];

// The kernel's own settings belong to root, whatever rights he was left: whoever writes core_pattern has a program of his
// choice run on this machine. bwrap (0.8) closes some of these, and not /proc/sys, which root may not even ask about.
const settings = ["acpi", "asound", "bus", "fs", "irq", "scsi", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`);

/** Where the packages to install are seen inside. */
export const insidePackages = "/run/crash-digger";

export type InsideOptions = {
  /** Folder of packages to show at `insidePackages`, read-only. */
  readonly packagesFolder?: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Gets all that it prints, piece by piece. */
  readonly onOutput?: (piece: Buffer) => void;
};

/** How a command inside ended, with the end of what it printed, stdout and stderr as they came. */
export type InsideResult = { readonly result: ProcessResult; readonly output: string };

const maxOutputBytes = 64 * 1024 ** 2;
const keptCharacters = 64 * 1024;

/**
 * Runs a command inside a system, as its root: with the system's own programs and nothing of this machine's but the
 * kernel. No network, namespaces of its own, a small /dev, an empty environment, and everything killed at the deadline,
 * on abort, and when we die. This is where scripts of packages run; there is never a core near.
 */
export async function runInside(
  view: SystemView,
  command: readonly string[],
  options: InsideOptions,
): Promise<InsideResult> {
  let output = "";
  const result = await run(insideCommand(view, ["sh", "-c", 'exec "$@" 2>&1', "sh", ...command], "batch", options), {
    deadlineMs: options.deadlineMs,
    signal: options.signal,
    maxStdoutBytes: maxOutputBytes,
    onStdout: (piece) => {
      options.onOutput?.(piece);
      output = (output + piece.toString("utf8")).slice(-keptCharacters);
    },
  });
  options.signal.throwIfAborted();
  // bwrap's and mount's own words: the command's are in stdout.
  return { result, output: output + result.stderr };
}

/** The command line that does it. `terminal`: for a person, without a session of its own. */
export function insideCommand(
  view: SystemView,
  command: readonly string[],
  mode: "batch" | "terminal",
  { packagesFolder }: Pick<InsideOptions, "packagesFolder"> = {},
): [string, ...string[]] {
  const root = view.kind === "folder" ? view.root : join(view.folder, "merged");
  return [
    ...asRoot(),
    ...(view.kind === "folder" ? [] : overlayMount(view)),
    "bwrap",
    ...["pid", "net", "ipc", "uts", "cgroup"].map((name) => `--unshare-${name}`),
    ...["--die-with-parent", "--hostname", "chroot", ...(mode === "batch" ? ["--new-session"] : [])],
    ...["--cap-drop", "ALL", ...capabilities.flatMap((name) => ["--cap-add", `CAP_${name}`])],
    ...["--clearenv", ...Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value])],
    ...["--bind", root, "/", "--proc", "/proc", ...settings.flatMap((path) => ["--ro-bind-try", path, path])],
    ...["--dev", "/dev", "--tmpfs", "/run"],
    ...(packagesFolder === undefined ? [] : ["--ro-bind", packagesFolder, insidePackages]),
    ...["--chdir", "/", "--", ...command],
  ];
}

const environment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LC_ALL: "C.UTF-8",
  DEBIAN_FRONTEND: "noninteractive",
  DEBCONF_NONINTERACTIVE_SEEN: "true",
  TERM: "xterm",
};

/**
 * The words that mount an overlay in a mount namespace of its own and go on in there: nobody else ever sees the mount,
 * and it is gone with its last process, however that ends.
 */
export function overlayMount({ lower, folder }: Extract<SystemView, { kind: "overlay" }>): readonly string[] {
  // In a user namespace the kernel wants the overlay's own notes as attributes that its root may write.
  const extra = process.geteuid?.() === 0 ? "" : ",userxattr";
  const script = `mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work$3" "$2/merged" && shift 3 && exec "$@"`;
  return ["unshare", "--mount", "--propagation", "private", "--", "sh", "-c", script, "sh", lower, folder, extra];
}
