import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { tool } from "../tool.ts";
import type { Machine } from "./machine.ts";
import { until } from "./until.ts";

export type MailServer = {
  /** Takes anything from this machine, without TLS. */
  readonly port: number;
  /** The same with TLS from the first byte on. */
  readonly tlsPort: number;
  /** Its certificate, for the names `localhost` and `mail.lab.example`. */
  readonly certificate: string;
  /** The mails that have been delivered to root, or to maintainer, oldest first. */
  mails(who?: "root" | "maintainer"): Promise<readonly Mail[]>;
  /** Waits until there are so many. */
  untilMails(count: number, who?: "root" | "maintainer"): Promise<readonly Mail[]>;
};

export type Mail = z.infer<typeof mailSchema>;

const mailSchema = z.object({ headers: z.record(z.string(), z.string()), subject: z.string(), text: z.string() });

/** Who may log in; the login is offered after TLS alone. */
export const mailLogin = { user: "retracer", password: "correct horse" } as const;

/** Makes exim the machine's MTA: sendmail, and SMTP on two ports of loopback. It delivers to /var/mail, and nowhere else. */
export async function startMailServer(machine: Machine): Promise<MailServer> {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const certificate = await makeCertificate(machine.folder);
  await writeFile(join(machine.folder, "exim4.conf"), configuration(machine.folder, port, tlsPort), { mode: 0o644 });
  const done = await machine.run(["sh", "-ec", setup, "sh", machine.folder]);
  if (done.exitCode !== 0) throw new Error(`exim could not be set up: ${done.stderr}`);
  machine.start(["/usr/sbin/exim4", "-bdf"]);
  await until("exim to listen", async () => ((await isListening(tlsPort)) ? true : null));
  const mails = (who = "root"): Promise<readonly Mail[]> => readMailbox(join(machine.folder, "mail", who));
  return {
    port,
    tlsPort,
    certificate,
    mails,
    untilMails: (count, who) =>
      until(`${count} mails`, async () => {
        const there = await mails(who);
        return there.length >= count ? there : null;
      }),
  };
}

// What the packages' own scripts would do, where they are not installed already.
const setup = `
getent passwd Debian-exim >/dev/null || {
  echo "Debian-exim:x:9199:9199::/var/spool/exim4:/usr/sbin/nologin" >>/etc/passwd
  echo "Debian-exim:x:9199:" >>/etc/group
}
getent group crontab >/dev/null || echo "crontab:x:9198:" >>/etc/group
echo "127.0.0.1 mail.lab.example" >>/etc/hosts
mkdir -p /etc/exim4 "$1/mail"
cp "$1/exim4.conf" /etc/exim4/exim4.conf
chmod 1777 "$1/mail"
rm -rf /var/spool/exim4
install -d -o Debian-exim -g Debian-exim /var/spool/exim4
`;

const configuration = (folder: string, port: number, tlsPort: number): string => `
primary_hostname = machine.lab.example
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port} : ${tlsPort}
tls_on_connect_ports = ${tlsPort}
tls_advertise_hosts = *
tls_certificate = ${folder}/mail.crt
tls_privatekey = ${folder}/mail.key
log_file_path = ${folder}/mail/exim-%slog
keep_environment =
never_users =
acl_smtp_rcpt = accept
begin routers
people:
  driver = accept
  local_parts = root : maintainer
  transport = mailbox
begin transports
mailbox:
  driver = appendfile
  file = ${folder}/mail/$local_part_data
  user = mail
  group = mail
  mode = 0600
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and {{eq{$auth2}{${mailLogin.user}}}{eq{$auth3}{${mailLogin.password}}}}}
  server_set_id = $auth2
  server_advertise_condition = \${if def:tls_in_cipher}
`;

async function makeCertificate(folder: string): Promise<string> {
  const path = join(folder, "mail.crt");
  const names = "subjectAltName=DNS:localhost,DNS:mail.lab.example,IP:127.0.0.1";
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", join(folder, "mail.key")];
  await tool(["openssl", "req", "-x509", ...key, "-out", path, "-days", "2", "-subj", "/CN=mail", "-addext", names]);
  // exim reads it as its own user.
  await tool(["chmod", "0644", join(folder, "mail.key")]);
  return path;
}

const parse = `
import email, email.policy, json, mailbox, sys
for raw in mailbox.mbox(sys.argv[1], create=False):
    mail = email.message_from_bytes(bytes(raw), policy=email.policy.default)
    headers = {name.lower(): str(value) for name, value in mail.items()}
    print(json.dumps({"headers": headers, "subject": str(mail["subject"]), "text": mail.get_content()}))
`;

async function readMailbox(path: string): Promise<readonly Mail[]> {
  if (!existsSync(path)) return [];
  const lines = (await tool(["/usr/bin/python3", "-c", parse, path])).toString("utf8").trimEnd().split("\n");
  return lines.filter((line) => line !== "").map((line) => mailSchema.parse(JSON.parse(line)));
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
