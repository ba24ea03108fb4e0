import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JailLimits, JailMount } from "../../../src/system/jail.ts";
import { run } from "../../../src/system/process.ts";
import { compile } from "../../lab/build.ts";

export const limits: JailLimits = {
  wallMs: 60_000,
  cpuSeconds: 30,
  memoryBytes: 1024 ** 3,
  processes: 32,
  scratchBytes: 1024 ** 2,
  openFiles: 64,
  outputBytes: 1024 ** 2,
};

/** What `jail-probe` needs: itself, and something outside to be after. */
export type Prey = {
  readonly probe: string;
  readonly secret: string;
  readonly mounts: readonly JailMount[];
  /** Whether this machine's kernel answers calls of another architecture at all. */
  readonly kernelKnowsForeignCalls: boolean;
};

/** Compiles the probe and lays out a secret that everybody may read, so that nothing but the jail hides it. */
export async function prey(folder: string): Promise<Prey> {
  const probe = await compile({ sources: ["jail-probe.c"], output: join(folder, "jail-probe"), flags: ["-O1"] });
  const open = join(folder, "open");
  await mkdir(open);
  await chmod(open, 0o777);
  const secret = join(open, "secret");
  await writeFile(secret, "the secret\n");
  const foreign = await run([probe, "foreign"], { deadlineMs: 10_000 });
  return {
    probe,
    secret,
    mounts: [{ hostPath: probe, jailPath: "/probe" }],
    kernelKnowsForeignCalls: foreign.stdout.toString() === `${foreignCall}: ok\n`,
  };
}

const foreignCall = "a call of another architecture";

/** What the probe prints on this machine when all is well. */
export function expectedHere({ result }: Pick<Attack, "result">, { kernelKnowsForeignCalls }: Prey): readonly string[] {
  // A kernel without 32-bit calls (CONFIG_IA32_EMULATION, or ia32_emulation=off) refuses the instruction itself: there is no
  // call that the filter could get to see.
  const withoutCall = (line: string) => line.replace(`${foreignCall}: SIGSYS`, `${foreignCall}: SIGSEGV`);
  return kernelKnowsForeignCalls ? result : result.map(withoutCall);
}

export type Attack = {
  readonly words: (secret: string) => readonly string[];
  /** What the probe prints when all is well, a line an attempt; see `expectedHere`. */
  readonly result: readonly string[];
};

const otherKinds = ["a call of another kind: SIGSYS", `${foreignCall}: SIGSYS`];

export const attacks: Readonly<Record<string, Attack>> = {
  "on files": {
    words: (secret) => ["files", secret],
    result: [
      "read the secret: ENOENT",
      "read the secret through init's root: ENOENT",
      "read the secret through our own folder: ENOENT",
      "write beside the secret: ENOENT",
      "read /etc/passwd: ENOENT",
      "read a disk: ENOENT",
      "read the memory of the machine: ENOENT",
      "write /pwned: EROFS",
      "write /dev/pwned: EROFS",
      "write /dev/shm/pwned: EROFS",
      "write /proc/sys/kernel/core_pattern: EACCES",
      "make a device: ENOSYS",
    ],
  },
  "on the network": {
    words: () => ["sockets"],
    result: [
      "AF_INET: ENOSYS",
      "AF_INET datagram: ENOSYS",
      "AF_INET raw: ENOSYS",
      "AF_INET6: ENOSYS",
      "AF_UNIX: ENOSYS",
      "AF_NETLINK: ENOSYS",
      "AF_PACKET: ENOSYS",
      "AF_VSOCK: ENOSYS",
      "AF_ALG: ENOSYS",
      "socketpair: ENOSYS",
      "connect: ENOSYS",
    ],
  },
  "on other processes": {
    words: () => ["processes", String(process.pid)],
    result: [
      "signal the process: ESRCH",
      "see the process: ENOENT",
      "trace init: ENOSYS",
      "trace oneself: ENOSYS",
      "read init's memory: ENOSYS",
      "write init's memory: ENOSYS",
      "hold the process: ENOSYS",
      "raise our priority: ENOSYS",
      "be killed last: EACCES",
      "be root: ENOSYS",
    ],
  },
  "on the kernel": {
    words: () => ["kernel"],
    result: [
      ...["mount", "umount2", "pivot_root", "chroot", "fsopen", "open_tree", "unshare"].map(deadly),
      "setns: ENOSYS",
      "clone with CLONE_NEWUSER: ENOSYS",
      "clone3 with CLONE_NEWUSER: ENOSYS",
      "name_to_handle_at: ENOSYS",
      ...["open_by_handle_at", "keyctl", "add_key", "request_key", "bpf"].map(deadly),
      "perf_event_open: ENOSYS",
      ...["userfaultfd", "io_uring_setup", "kexec_load", "init_module", "finit_module", "delete_module"].map(deadly),
      ...["reboot", "syslog"].map(deadly),
      "personality: ENOSYS",
      "seccomp: ENOSYS",
      "memfd_create: ENOSYS",
      "shmget: ENOSYS",
      "msgget: ENOSYS",
      "execveat: ENOSYS",
      ...(process.arch === "x64" ? otherKinds : []),
      "a call of the future: ENOSYS",
      "TIOCSTI: ENOSYS",
      "TIOCSTI with a bit above: ENOSYS",
      "TIOCLINUX: ENOSYS",
    ],
  },
};

function deadly(name: string): string {
  return `${name}: SIGSYS`;
}
