import MailComposer from "nodemailer/lib/mail-composer";
import { messageOf } from "../../system/failure.ts";
import type { MailSettings } from "./settings.ts";

const longestSubject = 150;
const longestText = 64 * 1024;

/**
 * A mail of plain text as it goes over the wire (RFC 5322). Its subject is the text's first line, without what could
 * make a second header of it; a text past 64 KiB is cut.
 *
 * @throws what the composer throws; nothing is read from a file or fetched, whatever the text says.
 */
export async function composeMail(text: string, { from, to }: Omit<MailSettings, "route">, at: Date): Promise<Buffer> {
  const mail = new MailComposer({
    from,
    to: [...to],
    date: at,
    subject: subjectOf(text),
    text: text.length <= longestText ? text : `${text.slice(0, longestText)}\n… (${text.length} characters)\n`,
    // So that nobody's absence note comes back (RFC 3834).
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return await new Promise((resolve, reject) => {
    mail
      .compile()
      .build((error, message) => (error ? reject(new Error(messageOf(error))) : resolve(message as Buffer)));
  });
}

/** What a notice is about, on one line. */
export function subjectOf(text: string): string {
  const line = (text.split("\n", 1)[0] ?? "").replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim();
  return line.length <= longestSubject ? line : `${line.slice(0, longestSubject)}…`;
}
