import { readdirSync } from "node:fs";
import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { Client } from "pg";
import { describeEnd, run, succeeded } from "../../../src/system/process.ts";
import { temporaryFolder } from "../temporary.ts";

/** A server of a test's own, to be used with `await using`. */
export type PostgresServer = AsyncDisposable & {
  /** The folder of its socket. */
  readonly host: string;
  readonly port: number;
  /** Works on the database `launchpad` as its superuser. */
  work<T>(task: (client: Client) => Promise<T>): Promise<T>;
  /** The certificate that it signed itself, where it listens. */
  readonly certificatePath: string;
  /** What it has written to its log, statements and all. */
  log(): Promise<string>;
  /** From now on a password is asked for. */
  askForPasswords(): Promise<void>;
  /** Ends it, as a power cut would. */
  stop(): Promise<void>;
};

const superuser = "lab";

// In memory and unsynced: it lives as long as the test.
const settings = (folder: string): string => `
unix_socket_directories = '${folder}'
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 10
log_min_duration_statement = 0
log_connections = on
`;

/**
 * Starts a server in a new cluster, with an empty database `launchpad`. Its socket is the only way to it unless it `listens`:
 * then at a port on loopback too, encrypted, with a certificate for `localhost` that it signed itself.
 */
export async function startPostgres({ listens = false } = {}): Promise<PostgresServer> {
  const folder = await temporaryFolder("postgres");
  const [data, host, logPath] = [join(folder.path, "data"), join(folder.path, "socket"), join(folder.path, "log")];
  for (const path of [data, host]) await makeFolder(path);
  await writeFile(logPath, "");
  await giveAway(logPath);
  await postgres("initdb", ["-D", data, "-U", superuser, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]);
  const port = listens ? await freePort() : 5432;
  const more = listens ? await makeCertificate(data, port) : "listen_addresses = ''\n";
  await writeFile(join(data, "postgresql.conf"), settings(host) + more, { flag: "a" });
  await postgres("pg_ctl", ["-D", data, "-l", logPath, "-w", "-t", "60", "start"]);
  let stopped = false;
  const stop = async (): Promise<void> => {
    stopped = true;
    await postgres("pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"]);
  };
  await postgres("createdb", ["-h", host, "-p", String(port), "-U", superuser, "launchpad"]);
  return {
    host,
    port,
    certificatePath: join(data, "server.crt"),
    log: () => readFile(logPath, "utf8"),
    askForPasswords: async () => {
      await writeFile(
        join(data, "pg_hba.conf"),
        `local all ${superuser} trust\nlocal all all scram-sha-256\nhost all all 127.0.0.1/32 trust\n`,
      );
      await postgres("pg_ctl", ["-D", data, "reload"]);
    },
    stop,
    work: async (task) => {
      const client = new Client({ host, port, user: superuser, database: "launchpad" });
      await client.connect();
      try {
        return await task(client);
      } finally {
        await client.end();
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (!stopped) await stop();
      await folder.remove();
    },
  };
}

// Debian keeps the server's programs out of the PATH, below a folder for each version.
function programFolder(): string {
  const root = "/usr/lib/postgresql";
  const newest = readdirSync(root).sort((left, right) => Number(right) - Number(left))[0];
  if (newest === undefined) throw new Error(`there is no PostgreSQL in ${root}: install the package postgresql`);
  return join(root, newest, "bin");
}

const nobody = 65534;

async function postgres(program: string, args: readonly string[]): Promise<void> {
  const asNobody = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
  const [first = "", ...rest] = [
    ...(process.getuid?.() === 0 ? asNobody : []),
    join(programFolder(), program),
    ...args,
  ];
  const result = await run([first, ...rest], { deadlineMs: 120_000, cwd: "/" });
  if (succeeded(result)) return;
  throw new Error(`${program}: ${describeEnd(result)}\n${result.stdout.toString("utf8")}${result.stderr}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Makes a key and a certificate. @returns the lines of the configuration that use them. */
async function makeCertificate(data: string, port: number): Promise<string> {
  const [key, certificate] = [join(data, "server.key"), join(data, "server.crt")];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const made = await run(["openssl", ...request, ...names, "-keyout", key, "-out", certificate], {
    deadlineMs: 60_000,
  });
  if (!succeeded(made)) throw new Error(`openssl: ${describeEnd(made)}\n${made.stderr}`);
  await chmod(key, 0o600);
  await chmod(certificate, 0o644);
  await giveAway(key);
  return `listen_addresses = '127.0.0.1'\nport = ${port}\nssl = on\n`;
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  await chmod(path, 0o700);
  await giveAway(path);
}

async function giveAway(path: string): Promise<void> {
  if (process.getuid?.() === 0) await chown(path, nobody, nobody);
}
