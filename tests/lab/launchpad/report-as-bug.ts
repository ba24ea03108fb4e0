import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { isInternalField } from "../../../src/report/field-names.ts";
import { readReport } from "../../../src/report/read-report.ts";
import { crashAsBug } from "../tracker/crash-as-bug.ts";
import type { BugSeed } from "./make-bug.ts";

/**
 * A `.crash` file as a bug, as Apport's client files it. Its core goes through as a stream, whatever its size.
 *
 * @param folder for the attachments' bytes, as long as the server runs.
 */
export async function reportAsBug(report: string, folder: string): Promise<BugSeed> {
  const spoolFolder = await mkdtemp(join(folder, "spool-"));
  try {
    const result = await readReport(report, { spoolFolder, binaries: "spool" });
    if (!result.ok) throw new Error(`${report}: line ${result.fault.line}: ${result.fault.message}`);
    const { fields, binaries } = result.report;
    const bug = crashAsBug(Object.fromEntries([...fields].filter(([name]) => !isInternalField(name))));
    const attachments: { readonly fileName: string; readonly path: string }[] = [];
    for (const [name, { path }] of binaries) {
      attachments.push({ fileName: `${name}.gz`, path: await compressed(path, folder) });
    }
    const mark = binaries.has("CoreDump") ? `need-${fields.get("Architecture")}-retrace` : "need-duplicate-check";
    return { ...bug, tags: ["apport-crash", mark], attachments: [...attachments, ...(bug.attachments ?? [])] };
  } finally {
    await rm(spoolFolder, { recursive: true });
  }
}

async function compressed(path: string, folder: string): Promise<string> {
  const target = join(await mkdtemp(join(folder, "attachment-")), `${basename(path)}.gz`);
  await pipeline(createReadStream(path), createGzip({ level: 1 }), createWriteStream(target));
  return target;
}
