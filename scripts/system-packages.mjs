// The Debian packages that each command needs, beyond a minimal system. docs/operations.md explains them.
const runtime = ["apt", "bubblewrap", "dpkg", "gdb", "util-linux"];

const lab = ["apt-utils", "binutils", "gcc", "gpg", "gpg-agent", "libc6-dev", "python3", "xz-utils", "zstd"];

const testsOnly = [
  ...["dpkg-dev", "dwz", "elfutils", "git", "libc6-dbg", "lz4"],
  ...["mmdebstrap", "openssl", "perl", "postgresql", "prometheus", "systemd", "uidmap"],
];

// Launchpad's description of its web service comes with it.
const launchpadLab = ["python3-launchpadlib"];

// Clocks that jump.
const chaos = ["faketime"];

/** Names of the packages for `bench`, `build`, `chaos`, `check`, `demo`, `launchpad-lab` or `test`. */
export function packagesFor(task) {
  const needed = {
    bench: [...runtime, ...lab, "libc6-dbg", "time"],
    build: [],
    chaos: [...runtime, ...lab, ...chaos],
    check: [],
    demo: [...runtime, ...lab],
    "launchpad-lab": launchpadLab,
    test: [...runtime, ...lab, ...testsOnly, ...launchpadLab, ...chaos],
  };
  return needed[task];
}
