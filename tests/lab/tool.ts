import { describeEnd, type ProcessOptions, type ProcessResult, run, succeeded } from "../../src/system/process.ts";

const deadlineMs = 60_000;

/** Debian packages of the programs that the lab needs and a small machine may lack. */
const packageOf: Readonly<Record<string, string>> = {
  gcc: "gcc and libc6-dev",
  objcopy: "binutils",
  strip: "binutils",
  readelf: "binutils",
  dwz: "dwz",
  "apt-ftparchive": "apt-utils",
  gpg: "gnupg",
  gpgconf: "gnupg",
  xz: "xz-utils",
  "dpkg-source": "dpkg-dev",
  "/usr/bin/python3": "python3",
};

/**
 * Runs one of the lab's tools and gives what it printed on stdout.
 *
 * @throws Error with the tool's own words when it does not end with 0, and with the Debian package to
 *   install when it is not there.
 */
export async function tool(
  command: readonly [string, ...string[]],
  options: Partial<ProcessOptions> = {},
): Promise<Buffer> {
  const result = await run(command, { deadlineMs, ...options });
  if (!succeeded(result)) throw new Error(complaint(result));
  return result.stdout;
}

function complaint(result: ProcessResult): string {
  const program = result.command[0] ?? "";
  const missing = result.startError?.includes("ENOENT") && packageOf[program];
  const hint = missing ? `; install the Debian package ${missing}` : "";
  return `${result.command.join(" ")}: ${describeEnd(result)}${hint}\n${result.stderr}`;
}
