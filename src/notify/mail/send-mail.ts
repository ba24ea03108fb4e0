import { mailBySendmail } from "./by-sendmail.ts";
import { mailBySmtp } from "./by-smtp.ts";
import { composeMail } from "./compose.ts";
import type { MailSettings } from "./settings.ts";

/**
 * Sends a text as one mail to everybody who is to know.
 *
 * @throws ServiceFailure when no mail server has taken it.
 */
export async function sendMail(text: string, settings: MailSettings, at: Date): Promise<void> {
  const { from, to, route } = settings;
  const message = await composeMail(text, settings, at);
  if (route.kind === "sendmail") await mailBySendmail(message, from, to);
  else await mailBySmtp(message, from, to, route);
}
