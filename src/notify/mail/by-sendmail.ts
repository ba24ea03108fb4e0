import { existsSync } from "node:fs";
import { ServiceFailure } from "../../system/failure.ts";
import { describeEnd, minimalEnvironment, run, succeeded } from "../../system/process.ts";

// Every MTA of Debian's has it (Policy 11.6). Not in the PATH of an ordinary user, nor of an unlucky cron file.
const sendmail = "/usr/sbin/sendmail";
const deadlineMs = 60_000;

/**
 * Hands a mail to the machine's own MTA.
 *
 * @throws ServiceFailure with the MTA's own words. That it was taken does not mean that it arrived: bounces go to `from`.
 */
export async function mailBySendmail(message: Buffer, from: string, to: readonly string[]): Promise<void> {
  if (!existsSync(sendmail)) {
    throw new ServiceFailure(`there is no ${sendmail} on this machine`, {
      remedy: "Install a mail transport agent, or name a mail server: notify.smtp.",
    });
  }
  // -i: a line with a single dot does not end the message.
  const command = [sendmail, "-i", "-f", from, "--", ...to] as [string, ...string[]];
  const result = await run(command, { deadlineMs, env: minimalEnvironment, stdin: message.toString("utf8") });
  if (succeeded(result)) return;
  throw new ServiceFailure(`${sendmail}: ${describeEnd(result)}: ${result.stderr.trim() || "it said nothing"}`, {
    remedy: "Look into the log of the machine's mail system.",
  });
}
