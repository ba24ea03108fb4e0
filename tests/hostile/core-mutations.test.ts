import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { procMapsOf } from "../../src/core/proc-maps.ts";
import { readCore } from "../../src/core/read-core.ts";
import { readElfFile } from "../../src/core/read-elf-file.ts";
import { typicalCore } from "../lab/core-builder.ts";
import { countingReader } from "../lab/counting-reader.ts";
import { formats } from "../lab/elf-builder.ts";
import { makeCore } from "../lab/make-core.ts";

const folder = mkdtempSync(join(tmpdir(), "core-mutations-"));
let real: Buffer;

beforeAll(async () => {
  real = readFileSync(await makeCore(["sleep", "1000"], folder));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Values that upset arithmetic, beside arbitrary ones.
const evil = fc.oneof(
  fc.constantFrom(0n, 1n, 0x7fffffffn, 0xffffffffn, 0x7fffffffffffffffn, 2n ** 64n - 1n, 2n ** 64n - 4096n, 2n ** 53n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
// Most of what steers the reading stands at the front.
const place = fc.oneof(fc.nat(64), fc.nat(2_000), fc.nat(10_000), fc.nat(1_000_000));
const mutation = fc.record({ place, bytes: fc.constantFrom(1, 2, 4, 8), value: evil, big: fc.boolean() });
const mutations = fc.array(mutation, { minLength: 1, maxLength: 12 });

test.each(formats)("a damaged $bits-bit $byteOrder-endian core gives a value or a typed fault", (format) => {
  const whole = typicalCore(format, 62);
  fc.assert(
    fc.property(mutations, fc.nat(whole.length), (changes, cut) => {
      expectOutcome(damaged(whole, changes));
      expectOutcome(damaged(whole, changes).subarray(0, cut));
    }),
    { numRuns: 400 },
  );
});

test("a damaged real core gives a value or a typed fault", () => {
  fc.assert(
    fc.property(mutations, fc.nat(real.length), (changes, cut) => {
      expectOutcome(damaged(real, changes));
      expectOutcome(damaged(real, changes).subarray(0, cut));
    }),
    { numRuns: 200 },
  );
});

test("random bytes behind an ELF header give a value or a typed fault", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), fc.constantFrom(...formats), (noise, format) => {
      expectOutcome(Buffer.concat([typicalCore(format, 62).subarray(0, 52), noise]));
    }),
  );
});

test("a damaged program or library gives a value or a typed fault", () => {
  const whole = readFileSync("/bin/sh");
  const front = fc.array(mutation, { minLength: 1, maxLength: 12 });
  const back = mutations.map((all) => all.map((one) => ({ ...one, place: whole.length - 1 - (one.place % 4096) })));
  fc.assert(
    fc.property(front, back, fc.nat(whole.length), (first, last, cut) => {
      const bytes = damaged(damaged(whole, first), last);
      for (const part of [bytes, bytes.subarray(0, cut)]) {
        const result = readElfFile(countingReader(part));
        if (!result.ok) expect(result.fault.message).not.toBe("");
      }
    }),
    { numRuns: 200 },
  );
});

function expectOutcome(bytes: Buffer): void {
  const result = readCore(countingReader(bytes));
  if (!result.ok) {
    expect(result.fault.message).not.toBe("");
    return;
  }
  expect(result.core.truncatedBy).toBeGreaterThanOrEqual(0);
  for (const module of result.core.modules) expect(module.buildId ?? "00").toMatch(/^([0-9a-f]{2}){1,64}$/);
  procMapsOf(result.core);
}

type Mutation = { readonly place: number; readonly bytes: number; readonly value: bigint; readonly big: boolean };

function damaged(whole: Buffer, changes: readonly Mutation[]): Buffer {
  const copy = Buffer.from(whole);
  for (const { place, bytes, value, big } of changes) {
    const digits = Buffer.from(
      BigInt.asUintN(bytes * 8, value)
        .toString(16)
        .padStart(bytes * 2, "0"),
      "hex",
    );
    (big ? digits : digits.reverse()).copy(copy, Math.max(0, place % Math.max(1, copy.length)));
  }
  return copy;
}
