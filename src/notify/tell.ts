import type { Clock } from "../system/clock.ts";
import { messageOf, ServiceFailure } from "../system/failure.ts";
import type { Log } from "../system/log.ts";
import type { MailSettings } from "./mail/settings.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** On which ways people can be told. */
export type Channels = {
  /** Null: none is configured. Then stderr is the way, and cron mails it. */
  readonly mail: MailSettings | null;
  readonly stderr: {
    readonly write: (text: string) => void;
    /** Whether a person is looking at it now. */
    readonly isTerminal: boolean;
  };
  readonly log: Log;
  readonly clock: Clock;
};

/**
 * Tells people what they have to know, exactly once: by mail where that is configured, else on stderr, which cron mails
 * (docs/decisions/0035). A mail that cannot be sent is no second failure: its reason goes into the log, and onto stderr
 * together with what it was to say. Never throws.
 *
 * @param notice its first line says what it is about.
 */
export async function tell(notice: string, { mail, stderr, log, clock }: Channels): Promise<void> {
  const text = withoutSecrets(notice);
  const fault = mail === null ? null : await faultOfMail(text, mail, clock);
  if (mail !== null && fault === null) log.event("told by mail", { to: mail.to.join(", ") });
  if (mail !== null && fault === null && !stderr.isTerminal) return;
  if (fault !== null) log.event("the mail could not be sent", { to: mail?.to.join(", "), reason: fault.reason });
  stderr.write(fault === null ? text : `${text}\nThis could not be mailed: ${fault.reason}\n${fault.remedy}`);
}

type MailFault = { readonly reason: string; readonly remedy: string };

async function faultOfMail(text: string, mail: MailSettings, clock: Clock): Promise<MailFault | null> {
  try {
    const { sendMail } = await import("./mail/send-mail.ts");
    await sendMail(text, mail, clock.now());
    return null;
  } catch (error) {
    const remedy = error instanceof ServiceFailure ? error.remedy : undefined;
    return {
      reason: withoutSecrets(messageOf(error)),
      remedy: remedy === undefined ? "" : `What to do: ${remedy}\n`,
    };
  }
}
