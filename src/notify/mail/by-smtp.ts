import { hostname } from "node:os";
import { getCACertificates } from "node:tls";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import { readPrivateFile } from "../../system/private-file.ts";
import type { MailRoute } from "./settings.ts";

type SmtpRoute = Extract<MailRoute, { kind: "smtp" }>;
type Envelope = { readonly from: string; readonly to: readonly string[] };

const connectMs = 30_000;
const silenceMs = 60_000;
const deadlineMs = 180_000;

/**
 * Hands a mail to a server (RFC 5321), by TLS unless it is this very machine.
 *
 * @throws ServiceFailure with the server's own words; also when it refuses one of several recipients.
 */
export async function mailBySmtp(
  message: Buffer,
  from: string,
  to: readonly string[],
  route: SmtpRoute,
): Promise<void> {
  const password = route.login === null ? null : await passwordFrom(route.login.passwordFile);
  const connection = new SMTPConnection(optionsOf(route));
  try {
    await sendOver(connection, message, { from, to }, route, password);
  } catch (error) {
    throw new ServiceFailure(`the mail server ${route.host}:${route.port}: ${messageOf(error)}`, {
      remedy: "Look whether notify.smtp is right, and the server up; NODE_EXTRA_CA_CERTS names further certificates.",
    });
  } finally {
    connection.close();
  }
}

// The password goes to a server whose certificate was checked, or to this machine; `requireTLS` sees to it.
function optionsOf({ host, port, encryption }: SmtpRoute) {
  return {
    host,
    port,
    name: hostname(),
    secure: encryption === "tls",
    requireTLS: encryption === "starttls",
    ignoreTLS: encryption === "none",
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: silenceMs,
    dnsTimeout: connectMs,
    // The certificates that this machine trusts, besides those that come with Node: a firm's own server has a firm's own.
    ...(encryption === "none"
      ? {}
      : { tls: { ca: [...getCACertificates("default"), ...getCACertificates("system")] } }),
  };
}

async function sendOver(
  connection: SMTPConnection,
  message: Buffer,
  { from, to }: Envelope,
  { login }: SmtpRoute,
  password: string | null,
): Promise<void> {
  using broken = breakOf(connection);
  const step = <T>(begin: (done: (error?: Error | null, value?: T) => void) => void): Promise<T | undefined> => {
    const done = new Promise<T | undefined>((resolve, reject) => {
      begin((error, value) => (error ? reject(error) : resolve(value)));
    });
    return Promise.race([done, broken.rejection]);
  };
  await step((done) => connection.connect(done));
  if (login !== null && password !== null) {
    const credentials = { user: login.user, pass: password };
    await step((done) => connection.login({ user: login.user, credentials }, done));
  }
  const sent = await step<{ rejected: readonly string[] }>((done) =>
    connection.send({ from, to: [...to] }, message, done),
  );
  const refused = sent?.rejected ?? [];
  if (refused.length > 0) throw new Error(`refused the recipient ${refused.join(", ")}`);
}

// A server may go away between two steps; and one that answers a byte now and then would keep us for ever.
function breakOf(connection: SMTPConnection): Disposable & { readonly rejection: Promise<never> } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  connection.once("error", reject);
  connection.once("end", () => reject(new Error("the connection ended")));
  const deadline = setTimeout(() => reject(new Error(`no end after ${deadlineMs / 1000} s`)), deadlineMs);
  return { rejection: promise, [Symbol.dispose]: () => clearTimeout(deadline) };
}

async function passwordFrom(path: string): Promise<string> {
  const text = await readPrivateFile(path, {
    what: "the mail password",
    makeNew: "Its first line is the password; its name is notify.smtp_password_file.",
    revoke: "have the password changed",
  });
  const [password = ""] = text.split("\n", 1);
  if (password !== "") return password;
  throw new ServiceFailure(`the mail password ${path} is empty`, { remedy: "Write the password on its first line." });
}
