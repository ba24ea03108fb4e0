import type { CallNumbers } from "./jail-allowed-calls.ts";

/**
 * The system calls that nothing does by accident: no program of the jail has a reason for them, so whoever makes one
 * is an intruder, and is killed on the spot. A call that gdb has code for, such as ptrace, is only refused.
 */
export const deadlyCalls: Readonly<Record<string, CallNumbers>> = {
  // Another view of the file system, or a file by its handle, past all paths (CVE-2014-9357).
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  move_mount: [429, 429],
  open_tree: [428, 428],
  mount_setattr: [442, 442],
  open_by_handle_at: [304, 265],
  unshare: [272, 97],
  // Features of the kernel where escapes were found: programs in the kernel, page faults by hand, rings, keys.
  bpf: [321, 280],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // The machine itself.
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  iopl: [172, null],
  ioperm: [173, null],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  syslog: [103, 116],
  acct: [163, 89],
  quotactl: [179, 60],
  fanotify_init: [300, 262],
};
