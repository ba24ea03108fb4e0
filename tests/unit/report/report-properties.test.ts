import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64Line, decodedLength } from "../../../src/report/base64-line.ts";
import { binaryFields, textFields } from "../../../src/report/field-names.ts";
import { fieldsFromText } from "../../../src/report/fields-from-text.ts";
import { readReport } from "../../../src/report/read-report.ts";
import { decodeText, encodeText } from "../../../src/report/text-encoding.ts";
import { writeReport } from "../../../src/report/write-report.ts";
import { accepted, binaryEntry, piecesOf, temporaryFolder } from "./report-builder.ts";

const key = fc
  .oneof(fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/), fc.constantFrom("ProblemType", "Package", "__proto__", "_x"))
  .filter((name) => !/^\.+$/.test(name));
const binaryKey = fc.oneof(key, fc.constantFrom("CoreDump", "VmCore")).filter((name) => !textFields.has(name));

// Bytes rather than strings: whatever can stand in a file, with much of what is special to the format.
const special = fc
  .constantFrom("\n", " ", "\t", "\r", "\n ", "base64", ":", "é", "\x1c", "\u2028", "😀")
  .map((text) => Buffer.from(text));
const value = fc
  .array(
    fc.oneof(
      special,
      fc.string().map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 6 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => decodeText(Buffer.from(Buffer.concat(parts).filter((byte) => byte !== 0))).text);

const contents = fc
  .record({
    texts: fc.dictionary(key, value, { maxKeys: 8 }),
    binaries: fc.dictionary(binaryKey, fc.uint8Array({ maxLength: 3000 }), { maxKeys: 2 }),
  })
  .map(({ texts, binaries }) => ({
    fields: new Map(
      Object.entries(texts).filter(([name]) => !binaryFields.has(name) && !Object.hasOwn(binaries, name)),
    ),
    binaries: new Map(Object.entries(binaries).map(([name, bytes]) => [name, Buffer.from(bytes)])),
  }))
  .filter(({ fields, binaries }) => fields.size + binaries.size > 0);

test("whatever was written is read back the same, and written again gives the same file", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "some.crash");
  await fc.assert(
    fc.asyncProperty(contents, async ({ fields, binaries }) => {
      const sources = new Map(
        [...binaries].map(([name, bytes]) => [name, { stream: Readable.from(piecesOf(bytes, 700)) }]),
      );
      expect(await writeReport(path, { fields, binaries: sources })).toEqual({ ok: true });
      const { report } = accepted(await readReport(path, { spoolFolder: folder, binaries: "spool" }));
      expect(new Map([...report.fields].sort())).toEqual(new Map([...fields].sort()));
      expect([...report.binaries.keys()]).toEqual([...binaries.keys()].sort());
      for (const [name, bytes] of binaries)
        expect(await readFile(report.binaries.get(name)?.path ?? "")).toEqual(bytes);
      const first = await readFile(path);
      await writeReport(path, report);
      expect(await readFile(path)).toEqual(first);
    }),
    { numRuns: 60 },
  );
});

test("text fields read from a string are those read from the file", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "some.crash");
  await fc.assert(
    fc.asyncProperty(contents, async ({ fields }) => {
      fc.pre(fields.size > 0);
      await writeReport(path, { fields, binaries: new Map() });
      const result = fieldsFromText(decodeText(await readFile(path)).text);
      expect(result.ok && new Map([...result.fields].sort())).toEqual(new Map([...fields].sort()));
    }),
    { numRuns: 50 },
  );
});

const core = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * index) % 251));
const valid = Buffer.from(
  `ProblemType: Crash\nProcMaps:\n 1-2 r-xp /bin/x\n 2-3 rw-p\nSignal: 11\n${binaryEntry("CoreDump", ...piecesOf(gzipSync(core), 300))}${binaryEntry("Traceback", deflateSync("é"))}${binaryEntry("VmCore", ...piecesOf(zstdCompressSync(core), 200))}`,
);

// A change of the file: some bytes replaced, taken out, doubled or put in.
const change = fc.record({
  at: fc.nat(valid.length - 1),
  removed: fc.nat(40),
  inserted: fc.oneof(
    special,
    fc.uint8Array({ maxLength: 5 }),
    fc.constantFrom(Buffer.from("\nA: base64\n"), valid.subarray(0, 300)),
  ),
});

test("a valid report with random damage ends in a value or a fault, and a fault leaves no file", async () => {
  const spoolFolder = await temporaryFolder();
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const damaged = changes.reduce(
        (bytes, { at, removed, inserted }) =>
          Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(Math.min(bytes.length, at + removed))]),
        valid,
      );
      const before = await readdir(spoolFolder);
      const result = await readReport(Readable.from(piecesOf(damaged, 97)), { spoolFolder, binaries: "spool" });
      if (result.ok) return;
      expect(await readdir(spoolFolder)).toEqual(before);
      expect(result.fault.line).toBeGreaterThan(0);
      expect(result.fault.line).toBeLessThanOrEqual(damaged.toString("latin1").split("\n").length);
      expect(result.fault.message).not.toBe("");
    }),
    { numRuns: 500 },
  );
});

test("bytes become text and bytes again without a change, and like UTF-8 where they are that", () => {
  const bytes = fc.array(
    fc.oneof(
      special,
      fc.uint8Array({ maxLength: 5 }),
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
    ),
  );
  fc.assert(
    fc.property(bytes, (parts) => {
      const input = Buffer.concat(parts);
      const { text, exact } = decodeText(input);
      expect(encodeText(text)).toEqual(input);
      expect(exact).toBe(Buffer.from(input.toString("utf8")).equals(input));
      if (exact) expect(text).toBe(input.toString("utf8"));
    }),
    { numRuns: 1000 },
  );
});

test("odd bytes are told apart as Python's surrogateescape does", () => {
  const cases: [string, string][] = [
    ["c3", "\udcc3"],
    ["c328", "\udcc3("],
    ["e282", "\udce2\udc82"],
    ["c080", "\udcc0\udc80"],
    ["eda080", "\udced\udca0\udc80"],
    ["f4908080", "\udcf4\udc90\udc80\udc80"],
    ["f09f9880", "😀"],
    ["fff09f9880", "\udcff😀"],
    ["e0a0ff", "\udce0\udca0\udcff"],
  ];
  for (const [hex, text] of cases) expect(decodeText(Buffer.from(hex, "hex")).text).toBe(text);
});

test("a line of base64 is accepted exactly when it has the form of RFC 4648", () => {
  const strict = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  const unit = fc.constantFrom("A", "Q", "+", "/", "=", "-", "_", " ", "\r", "é", "z", "0", "\0");
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit, maxLength: 12 }), fc.base64String()), (text) => {
      const line = Buffer.from(text, "latin1");
      const target = Buffer.alloc(1 + line.length);
      const decodedBytes = decodeBase64Line(line, target, 1);
      expect(decodedBytes !== null).toBe(strict.test(text));
      if (decodedBytes === null) return;
      expect(decodedBytes).toBe(decodedLength(line));
      expect(target.subarray(1, 1 + decodedBytes)).toEqual(Buffer.from(text, "base64"));
    }),
    { numRuns: 5000 },
  );
});
