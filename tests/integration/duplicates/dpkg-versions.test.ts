import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions } from "../../../src/duplicates/compare-versions.ts";
import { minimalEnvironment, run } from "../../../src/system/process.ts";

const upstream = fc
  .string({ unit: fc.constantFrom(..."0123459.+~abzA"), minLength: 0, maxLength: 8 })
  .map((rest) => `1${rest}`);
const revision = fc.string({ unit: fc.constantFrom(..."0129.+~bu"), minLength: 1, maxLength: 6 });
const version = fc
  .tuple(fc.constantFrom("", "0:", "1:", "10:"), upstream, fc.option(revision))
  .map(([epoch, main, debian]) => `${epoch}${main}${debian === null ? "" : `-${debian}`}`);

// Neighbours: equal but for one place, where the interesting cases are.
const neighbours = fc
  .tuple(version, version, fc.nat(6), fc.nat(6))
  .map(([left, right, keep, cut]): [string, string] => {
    const near = `${left.slice(0, left.length - Math.min(cut, left.length - 1))}${right.slice(keep)}`;
    return [left, /^(\d+:)?\d[\d.+~a-zA-Z]*(-[\d.+~a-zA-Z]+)?$/.test(near) ? near : right];
  });

test("our order of versions is dpkg's", async () => {
  const pairs = fc.sample(neighbours, { numRuns: 600 });
  // One shell for all: dpkg itself takes a millisecond, starting a process from here ten times that.
  const script = pairs
    .map(
      ([left, right]) =>
        `if dpkg --compare-versions '${left}' lt '${right}'; then echo -1; elif dpkg --compare-versions '${left}' eq '${right}'; then echo 0; else echo 1; fi`,
    )
    .join("\n");
  const result = await run(["/bin/sh", "-s"], { deadlineMs: 100_000, stdin: script, env: minimalEnvironment });
  const answers = result.stdout.toString().trim().split("\n").map(Number);
  expect(result.stderr).toBe("");
  expect(pairs.map(([left, right]) => [left, right, Math.sign(compareVersions(left, right))])).toEqual(
    pairs.map(([left, right], index) => [left, right, answers[index]]),
  );
});
