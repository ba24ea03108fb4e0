import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readCore } from "../../src/core/read-core.ts";
import { bufferReader } from "../lab/buffer-reader.ts";
import { buildCore, fileNote, threadNote, typicalCore } from "../lab/core-builder.ts";
import { type Format, note } from "../lab/elf-builder.ts";

const folder = mkdtempSync(join(tmpdir(), "core-large-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const format: Format = { bits: 64, byteOrder: "little" };
const gibibyte = 1024 ** 3;

test("a sparse core of many gigabytes is whole, and read in little memory", () => {
  const sizeBytes = 20 * gibibyte;
  const extraHeaders = [{ type: 1, address: 0x7000_0000_0000n, offset: gibibyte, fileBytes: sizeBytes - gibibyte }];
  const path = join(folder, "sparse");
  writeFileSync(path, typicalCore(format, 62, { extraHeaders }));
  truncateSync(path, sizeBytes);
  const { core, peakBytes } = readInOwnProcess(path);
  expect(core).toMatchObject({ truncatedBy: 0, modules: 3, threads: 1 });
  expect(peakBytes).toBeLessThan(200 * 1024 ** 2);
});

test("notes said to fill gigabytes of nothing end soon", () => {
  const path = join(folder, "endless-notes");
  writeFileSync(
    path,
    buildCore({
      ...format,
      machine: 62,
      notes: [],
      loads: [],
      extraHeaders: [{ type: 4, offset: 4096, fileBytes: 20 * gibibyte }],
    }),
  );
  truncateSync(path, 20 * gibibyte);
  expect(readInOwnProcess(path)).toMatchObject({ fault: "too-many" });
});

test("more threads than a machine can have are too many", () => {
  const notes = Array.from({ length: 70_000 }, (_, index) => threadNote(format, { tid: index }));
  expect(readCore(bufferReader(buildCore({ ...format, machine: 62, notes, loads: [] })))).toMatchObject({
    fault: { kind: "too-many" },
  });
});

test("a note of file names beyond what any kernel writes is too many", () => {
  const files = note(format, "CORE", 0x46494c45, Buffer.alloc(17 * 1024 * 1024));
  expect(readCore(bufferReader(buildCore({ ...format, machine: 62, notes: [files], loads: [] })))).toMatchObject({
    fault: { kind: "too-many" },
  });
});

test("a hundred thousand mappings of one file are read", () => {
  const files = Array.from({ length: 100_000 }, (_, index) => {
    return { start: BigInt(index) * 4096n, end: BigInt(index + 1) * 4096n, page: 0, path: "/var/lib/database" };
  });
  const notes = [fileNote(format, files)];
  expect(readCore(bufferReader(buildCore({ ...format, machine: 62, notes, loads: [] })))).toMatchObject({
    core: { modules: [] },
  });
});

type Report = { readonly core?: unknown; readonly fault?: string; readonly peakBytes: number };

function readInOwnProcess(path: string): Report {
  const source = new URL("../../src/core", import.meta.url).href;
  const script = `
    import { openByteReader } from "${source}/byte-reader.ts";
    import { readCore } from "${source}/read-core.ts";
    const result = readCore(openByteReader(${JSON.stringify(path)}));
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    console.log(JSON.stringify(result.ok
      ? { core: { truncatedBy: result.core.truncatedBy, modules: result.core.modules.length, threads: result.core.threads.length }, peakBytes }
      : { fault: result.fault.kind, peakBytes }));`;
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }),
  ) as Report;
}
