import { defaultReportLimits } from "../../report/limits.ts";
import { decodeText } from "../../report/text-encoding.ts";
import { TransientFailure } from "../../system/failure.ts";
import type { CrashId } from "../types.ts";
import type { Launchpad } from "./bugs.ts";
import { TooLarge } from "./client/too-large.ts";
import type { AttachmentEntry } from "./entries.ts";

const downloadTries = 3;

/** The texts of attachments, by field. One that cannot be had is left out, and said so in the log. */
export async function attachedFields(
  launchpad: Launchpad,
  id: CrashId,
  wanted: ReadonlyMap<string, AttachmentEntry>,
): Promise<ReadonlyMap<string, string>> {
  const fields = new Map<string, string>();
  let leftBytes = defaultReportLimits.textBytes;
  for (const [name, attachment] of wanted) {
    const bytes = await readAttachment(launchpad, attachment, Math.min(leftBytes, defaultReportLimits.fieldBytes));
    if (typeof bytes === "string") {
      launchpad.log.event("attachment left out", { bug: id, attachment: attachment.title, reason: bytes });
      continue;
    }
    leftBytes -= bytes.length;
    fields.set(name, decodeText(bytes).text);
  }
  return fields;
}

/** The bytes of an attachment, or why there are none. */
export async function readAttachment(
  { client }: Launchpad,
  attachment: AttachmentEntry,
  maxBytes: number,
): Promise<Buffer | string> {
  for (let turn = 1; ; turn += 1) {
    try {
      const download = await client.download(attachment.data_link, maxBytes);
      if (download === null) return "it is not there";
      return Buffer.concat(await download.body.toArray());
    } catch (error) {
      if (error instanceof TooLarge) return error.message;
      // The head of the answer was tried several times; the bytes behind it only once.
      if (!(error instanceof TransientFailure) || turn >= downloadTries) throw error;
    }
  }
}
