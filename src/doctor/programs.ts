import { existsSync } from "node:fs";
import { describeEnd, minimalEnvironment, run, succeeded } from "../system/process.ts";
import { ok, problem } from "./answers.ts";
import type { Answer } from "./types.ts";

/** Programs that the service starts, by the Debian package that has them; gdb and bubblewrap have checks of their own. */
const packages: Readonly<Record<string, readonly string[]>> = {
  apt: ["apt-get", "apt-cache", "apt-config"],
  bash: ["bash"],
  bsdutils: ["script"],
  dpkg: ["dpkg", "dpkg-deb", "dpkg-query"],
  "util-linux": ["flock", "prlimit", "setpriv"],
};

/** @param searchPath folders, separated by colons. */
export function checkPrograms(searchPath: string): Answer {
  const folders = searchPath.split(":");
  const isMissing = (name: string): boolean => !folders.some((folder) => existsSync(`${folder}/${name}`));
  const missing = Object.entries(packages).filter(([, names]) => names.some(isMissing));
  const all = Object.values(packages).flat();
  if (missing.length === 0) return ok(all.join(", "));
  const install = missing.map(([name]) => name).join(" ");
  return problem(`${all.filter(isMissing).join(", ")} not found in ${searchPath}`, `apt-get install ${install}`);
}

/** apt 2.1 and later know `--error-on=any`: before, an index that could not be fetched was no error. */
export async function checkApt(searchPath: string): Promise<Answer> {
  const env = { ...minimalEnvironment, PATH: searchPath };
  const asked = await run(["apt-get", "--version"], { deadlineMs: 30_000, env });
  const version = /^apt (\d+)\.(\d+)\S*/.exec(asked.stdout.toString("latin1"));
  if (!succeeded(asked) || version === null) {
    return problem(`apt-get --version: ${describeEnd(asked)} ${asked.stderr}`.trim(), "apt-get install apt");
  }
  const [words, major, minor] = version;
  if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 1)) return ok(words);
  return problem(
    `${words} is too old: it cannot say that an index was not fetched (--error-on=any)`,
    "Upgrade apt to 2.1 or later.",
  );
}
