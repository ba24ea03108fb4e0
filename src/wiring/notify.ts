import { hostname } from "node:os";
import type { Config } from "../config/schema.ts";
import type { MailRoute, MailSettings } from "../notify/mail/settings.ts";

/** How people are mailed; null when nobody is named. */
export function mailOf({ notify }: Pick<Config, "notify">): MailSettings | null {
  if (notify.mail_to.length === 0) return null;
  return { to: notify.mail_to, from: notify.mail_from ?? `crash-digger@${hostname()}`, route: routeOf(notify) };
}

function routeOf({ smtp, smtp_password_file: passwordFile }: Config["notify"]): MailRoute {
  if (smtp === undefined) return { kind: "sendmail" };
  const { protocol, hostname: host, port, username } = new URL(smtp);
  const isTls = protocol === "smtps:";
  return {
    kind: "smtp",
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? (isTls ? 465 : isLoopback(host) ? 25 : 587) : Number(port),
    encryption: isTls ? "tls" : isLoopback(host) ? "none" : "starttls",
    login: passwordFile === undefined ? null : { user: decodeURIComponent(username), passwordFile },
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
