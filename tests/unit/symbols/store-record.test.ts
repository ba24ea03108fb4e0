import fc from "fast-check";
import { expect, test } from "vitest";
import { isAbandoned, ownerName } from "../../../src/symbols/cache/owner.ts";
import { parseRecord } from "../../../src/symbols/store/stored-file.ts";

const numRuns = process.env["CRASH_DIGGER_LONG"] === "1" ? 10_000 : 500;
const record = { source: "archive", package: "bash=5.2.15-2", sha256: "ab".repeat(32), sizeBytes: 4096 };

test("a record reads as it was written", () => {
  expect(parseRecord(JSON.stringify(record))).toEqual(record);
  expect(parseRecord(JSON.stringify({ ...record, package: null }))).toEqual({ ...record, package: null });
});

test("whatever a damaged record holds, it is none, or one with every field of its kind", () => {
  const broken = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc
      .tuple(fc.constantFrom(...Object.keys(record)), fc.jsonValue())
      .map(([key, value]) => JSON.stringify({ ...record, [key]: value })),
    fc
      .tuple(fc.nat(200), fc.nat(200), fc.string())
      .map(([from, to, text]) => JSON.stringify(record).slice(0, from) + text + JSON.stringify(record).slice(to)),
  );
  fc.assert(
    fc.property(broken, (text) => {
      const parsed = parseRecord(text);
      if (parsed === null) return;
      expect(typeof parsed.source).toBe("string");
      expect(typeof parsed.sha256).toBe("string");
      expect(parsed.package === null || typeof parsed.package === "string").toBe(true);
      expect(Number.isSafeInteger(parsed.sizeBytes) && parsed.sizeBytes > 0).toBe(true);
    }),
    { numRuns },
  );
});

test("a name tells its process as long as that lives, and no other name does", () => {
  expect(isAbandoned(ownerName(), Number.POSITIVE_INFINITY)).toBe(false);
  expect(isAbandoned(ownerName().replace(/\d+$/, "1"), 0)).toBe(true);
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(isAbandoned(name, 0)).toBe(false);
      expect(isAbandoned(name, 25 * 3600_000)).toBe(true);
    }),
  );
});
