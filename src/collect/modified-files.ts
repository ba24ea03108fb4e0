import { run } from "../system/process.ts";

const deadlineMs = 60_000;
const maxFiles = 100;

/** Files of a package that are not as it shipped them, or why nobody can tell. */
export type Modified =
  | { readonly kind: "compared"; readonly files: readonly string[] }
  | { readonly kind: "unknown"; readonly reason: string };

/** Compares an installed package's files with the checksums that it came with. */
export async function modifiedFiles(packageName: string, signal: AbortSignal): Promise<Modified> {
  const result = await run(["dpkg", "--verify", packageName], { deadlineMs, maxStdoutBytes: 1024 ** 2, signal });
  signal.throwIfAborted();
  // dpkg 1.22.7 and later end with 1 when something differs, older ones with 0 all the same.
  const answered = result.stoppedBy === null && (result.exitCode === 0 || result.exitCode === 1);
  if (answered) return { kind: "compared", files: changedFiles(result.stdout.toString("utf8")) };
  return { kind: "unknown", reason: `dpkg --verify ${packageName} gave no answer: ${result.stderr.trim()}`.trim() };
}

/**
 * The changed files in dpkg's answer, without a leading slash, as `[modified: …]` lists them: those with a 5
 * (checksum) in the third column. Configuration files (`c`) are there to be changed. Missing ones are left out:
 * container images lack every file of /usr/share/doc on purpose (`path-exclude`).
 */
export function changedFiles(answer: string): readonly string[] {
  return answer
    .split("\n")
    .map((line) => /^..5\S{6} {3}\/([^\s[\]]+)$/.exec(line)?.[1])
    .filter((path) => path !== undefined)
    .slice(0, maxFiles);
}
