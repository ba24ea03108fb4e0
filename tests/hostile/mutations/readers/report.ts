import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { isFieldName } from "../../../../src/report/field-names.ts";
import { fieldsFromText } from "../../../../src/report/fields-from-text.ts";
import { packagesOf } from "../../../../src/report/package-field.ts";
import { readReport } from "../../../../src/report/read-report.ts";
import type { Report } from "../../../../src/report/types.ts";
import { writeReport } from "../../../../src/report/write-report.ts";
import type { Random } from "../../../lab/random.ts";
import { crashText } from "../../../lab/tracker/crash-file.ts";
import { ensure, type MutatedReader } from "../reader.ts";
import { traceSamples } from "./trace-samples.ts";

/** Problem reports: read with their binary fields and without; what was read can be written and reads the same. */
export async function reportReader(folder: string): Promise<MutatedReader> {
  const spoolFolder = join(folder, "spool");
  await mkdir(spoolFolder, { recursive: true });
  return {
    samples: samples(),
    read: async (bytes, random) => {
      const spooled = await readReport(inPieces(bytes, random), { spoolFolder, binaries: "spool" });
      if (spooled.ok) await expectSound(spooled.report, join(folder, "again.crash"));
      else ensure((await readdir(spoolFolder)).length === 0, "nothing of a refused report stays in the spool folder");
      const skipped = await readReport(inPieces(bytes, random), { spoolFolder, binaries: "skip" });
      ensure(skipped.ok || !spooled.ok, "what can be read with its binaries can be read without");
      fieldsFromText(bytes.toString("utf8"));
      await emptied(spoolFolder);
    },
  };
}

function samples(): readonly Buffer[] {
  const core = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * index) % 251));
  const dependencies = "libc6 2.36-9\nlibfoo1 1.0-1 [origin: LP-PPA-lab]\nbash 5.2-1 [modified: bin/bash]";
  const fields = { Dependencies: dependencies, ProcMaps: traceSamples.maps, Stacktrace: traceSamples.stacktrace };
  const zstd = zstdCompressSync(core).toString("base64");
  const zlib = deflateSync(core).toString("base64");
  return [
    crashText({ fields, binaries: { CoreDump: core } }),
    `${crashText({ fields: { Traceback: traceSamples.traceback } })}CoreDump: base64\n ${zstd}\n`,
    `${crashText({ fields: { Title: "é😀", Tags: "a b" } })}CoreDump: base64\n ${zlib}\nUserGroups: base64\n ${gzipSync("adm").toString("base64")}\n`,
  ].map((text) => Buffer.from(text));
}

// A stream may end a piece anywhere, in the middle of a line or of a character.
function inPieces(bytes: Buffer, random: Random): Readable {
  const sizeBytes = random.pick([13, 512, 64 * 1024]);
  const count = Math.ceil(bytes.length / sizeBytes);
  return Readable.from(
    Array.from({ length: count }, (_, index) => bytes.subarray(index * sizeBytes, (index + 1) * sizeBytes)),
  );
}

async function expectSound(report: Report, path: string): Promise<void> {
  for (const key of report.fields.keys()) ensure(isFieldName(key), `${JSON.stringify(key)} is a field's name`);
  for (const { name, version } of packagesOf(report.fields)) {
    ensure(/^[a-z0-9][a-z0-9+.:-]*$/.test(name) && /^[0-9A-Za-z]/.test(version), "packages are named as in Debian");
  }
  const written = await writeReport(path, report);
  if (!written.ok) return;
  const again = await readReport(path, { spoolFolder: join(path, ".."), binaries: "skip" });
  ensure(again.ok, "a report that we wrote can be read");
  const both = [report.fields, again.report.fields].map((fields) => JSON.stringify([...fields].sort()));
  ensure(both[0] === both[1], "a report that was written and read again has the same fields");
}

async function emptied(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name));
}
