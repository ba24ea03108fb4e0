import { createHash, randomInt } from "node:crypto";

/** Numbers that look random and are the same for the same seed, on every machine. */
export type Random = {
  /** A whole number from 0 up to, but not including, `limit` (at most 2^32). */
  below(limit: number): number;
  /** One of these. */
  pick<T>(choices: readonly T[]): T;
  bytes(length: number): Buffer;
};

/** sfc32 (Chris Doty-Humphrey's small fast counter), seeded with a digest of the words. */
export function randomFrom(...seed: readonly (string | number)[]): Random {
  const digest = createHash("sha256").update(seed.join("\0")).digest();
  let [a, b, c, counter] = [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), 1];
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let round = 0; round < 12; round += 1) next();
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    pick: <T>(choices: readonly T[]): T => choices[below(choices.length)] as T,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}

/** The seed of this run: `CRASH_DIGGER_SEED`, to repeat one that failed, else another each time. */
export function seedOfRun(): number {
  const given = Number(process.env["CRASH_DIGGER_SEED"]);
  return Number.isSafeInteger(given) && given > 0 ? given : randomInt(1, 2 ** 32);
}

/** Of many cases that are alike: a few in CI, others each time, and all of them with `CRASH_DIGGER_LONG=1`. */
export function fewOf<T>(cases: readonly T[], few: number): readonly T[] {
  if (process.env["CRASH_DIGGER_LONG"] === "1") return cases;
  const random = randomFrom("few of", seedOfRun());
  const left = [...cases];
  return Array.from({ length: few }, () => left.splice(random.below(left.length), 1)).flat();
}
