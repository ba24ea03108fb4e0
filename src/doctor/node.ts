import { ok, problem } from "./answers.ts";
import type { Answer } from "./types.ts";

const neededMajor = 24;

/** @param version as in `process.versions.node`. */
export function checkNode(version: string): Answer {
  if (Number(version.split(".", 1)[0]) >= neededMajor) return ok(version);
  return problem(
    `Node.js ${version} is too old: ${neededMajor} or later is needed`,
    "Run `npm ci` in crash-digger's folder, which puts one there, or install a newer Node.js.",
  );
}
