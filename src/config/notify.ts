import { z } from "zod";

// Also what cron takes as MAILTO. A name without a domain is a user of this machine.
const address = z
  .string()
  .max(254)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+=-]*(?:@[A-Za-z0-9][A-Za-z0-9.-]*)?$/, "not a mail address");

const smtpForm = "must be smtp://HOST, smtps://HOST or smtps://USER@HOST, with a port if it is another";

const smtp = z.url({ protocol: /^smtps?$/, error: smtpForm }).superRefine((text, context) => {
  const { hostname, password, pathname, search, hash } = new URL(text);
  const complain = (message: string): void => context.addIssue({ code: "custom", message });
  if (password !== "") complain("a password does not belong here: put it into a file, notify.smtp_password_file");
  if (hostname === "" || !/^\/?$/.test(pathname) || search + hash !== "") complain(smtpForm);
});

/** `[notify]`: who is told, and how. Without `mail_to` what matters is on stderr, and cron mails it. */
export function notifySchema(path: z.ZodString) {
  const settings = z.strictObject({
    mail_to: z
      .union([address, z.array(address).max(20)])
      .default([])
      .transform((to) => (typeof to === "string" ? [to] : to)),
    /** crash-digger@ and this machine's name unless told. */
    mail_from: address.optional(),
    /** A mail server; without one the machine's own MTA (sendmail). */
    smtp: smtp.optional(),
    /** For the user in `smtp`; of mode 0600. */
    smtp_password_file: path.optional(),
    /** While a failure keeps the lock: how long after a mail the next one reminds; also between two digests. */
    reminder_s: z
      .int()
      .positive()
      .default(24 * 3600),
  });
  const withPassword = settings.refine(
    (notify) => needsPassword(notify.smtp) === (notify.smtp_password_file !== undefined),
    {
      path: ["smtp_password_file"],
      message: "a user in notify.smtp and notify.smtp_password_file go together",
    },
  );
  return z.prefault(withPassword, {});
}

function needsPassword(smtpUrl: string | undefined): boolean {
  return smtpUrl !== undefined && new URL(smtpUrl).username !== "";
}
