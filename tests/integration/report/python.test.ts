import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readReport } from "../../../src/report/read-report.ts";
import { decodeText, encodeText } from "../../../src/report/text-encoding.ts";
import { writeReport } from "../../../src/report/write-report.ts";
import { run, succeeded } from "../../../src/system/process.ts";
import { accepted, piecesOf, temporaryFolder } from "../../unit/report/report-builder.ts";

const script = fileURLToPath(new URL("python_report.py", import.meta.url));

// Compressible and not, larger than a few of the blocks in which both sides work.
const core = Buffer.concat([
  Buffer.from("\x7fELF".repeat(50_000)),
  crypto.getRandomValues(Buffer.alloc(60_000)),
  Buffer.alloc(1_000_000),
  ...Array.from({ length: 5 }, () => crypto.getRandomValues(Buffer.alloc(60_000))),
]);

async function python(args: readonly string[], stdin = ""): Promise<Buffer> {
  const result = await run(["/usr/bin/python3", script, ...args], { deadlineMs: 60_000, stdin });
  if (!succeeded(result)) throw new Error(result.stderr);
  return result.stdout;
}

test.each(["gzip", "gzip-module", "zlib", "zstd"])("what Python writes with %s is read", async (codec) => {
  const spoolFolder = await temporaryFolder();
  const path = join(spoolFolder, "python.crash");
  // The process takes its input as text, so the core is made of ASCII here.
  const ascii = core.toString("base64");
  await python(["write", path, codec], ascii);
  const { report } = accepted(await readReport(path, { spoolFolder, binaries: "spool" }));
  expect([...report.fields]).toEqual([
    ["ProblemType", "Crash"],
    ["ProcMaps", "1-2 r-xp\n"],
    ["Uname", "é"],
  ]);
  expect(await readFile(report.binaries.get("CoreDump")?.path ?? "", "latin1")).toBe(ascii);
});

test("what is written is read by Python as one gzip stream, line by line", async () => {
  for (const bytes of [core, Buffer.from("x"), Buffer.alloc(0), Buffer.alloc(3_000_000)]) {
    const path = join(await temporaryFolder(), "ours.crash");
    const binaries = new Map([["CoreDump", { stream: Readable.from(piecesOf(bytes, 65_536)) }]]);
    await writeReport(path, { fields: new Map([["ProblemType", "Crash"]]), binaries });
    expect((await python(["read", path, "CoreDump"])).equals(bytes)).toBe(true);
  }
});

test("texts arrive in Python byte for byte", async () => {
  const text = fc
    .array(fc.oneof(fc.constantFrom("\n", " ", "\t", "\r", "base64", "é", "😀", "\u00a0"), fc.string()), {
      maxLength: 6,
    })
    .map((parts) => parts.join("").replaceAll("\0", ""));
  const values = [...fc.sample(text, 300), "cat caf\udce9", "", " ", "\n\n", "base64"];
  const fields = new Map(
    values.map((value, index) => [`Key${index}`, decodeText(Buffer.from(encodeText(value) ?? "")).text]),
  );
  const path = join(await temporaryFolder(), "ours.crash");
  expect(await writeReport(path, { fields, binaries: new Map() })).toEqual({ ok: true });
  const read: Record<string, string> = JSON.parse((await python(["text", path])).toString());
  for (const [key, value] of fields) expect(Buffer.from(read[key] ?? "", "latin1")).toEqual(encodeText(value));
});
