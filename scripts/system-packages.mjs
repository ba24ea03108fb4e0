// The Debian packages that each command needs, beyond a minimal system. docs/operations.md explains them.
const runtime = ["apt", "bubblewrap", "dpkg", "gdb", "util-linux"];

const lab = ["apt-utils", "binutils", "gcc", "gpg", "gpg-agent", "libc6-dev", "python3", "xz-utils", "zstd"];

const testsOnly = ["dwz", "elfutils", "git", "libc6-dbg", "lz4", "openssl", "perl"];

/** Names of the packages for `bench`, `build`, `check`, `demo` or `test`. */
export function packagesFor(task) {
  const needed = {
    bench: [...lab, "libc6-dbg", "time"],
    build: null,
    check: null,
    demo: lab,
    test: [...lab, ...testsOnly],
  }[task];
  return needed === null ? [] : [...runtime, ...needed];
}
