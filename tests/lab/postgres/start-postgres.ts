import { readdirSync } from "node:fs";
import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
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
  /** The folder of the cluster. */
  readonly data: string;
  readonly logPath: string;
  /** Tells the server to read its settings again. */
  reload(): Promise<void>;
};

/** The number in the socket's name; nobody listens on a port. */
const port = 5432;
const superuser = "lab";

// In memory and unsynced: it lives as long as the test.
const settings = (folder: string): string => `
unix_socket_directories = '${folder}'
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 10
log_min_duration_statement = 0
log_connections = on
`;

/**
 * Starts a server in a new cluster, with an empty database `launchpad`.
 *
 * @param more lines for postgresql.conf.
 */
export async function startPostgres(more = ""): Promise<PostgresServer> {
  const folder = await temporaryFolder("postgres");
  const [data, host, logPath] = [join(folder.path, "data"), join(folder.path, "socket"), join(folder.path, "log")];
  for (const path of [data, host]) await makeFolder(path);
  await writeFile(logPath, "");
  await giveAway(logPath);
  await postgres("initdb", ["-D", data, "-U", superuser, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]);
  await writeFile(join(data, "postgresql.conf"), settings(host) + more, { flag: "a" });
  await postgres("pg_ctl", ["-D", data, "-l", logPath, "-w", "-t", "60", "start"]);
  const stop = async (): Promise<void> => {
    await postgres("pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"]);
    await folder.remove();
  };
  await postgres("createdb", ["-h", host, "-p", String(port), "-U", superuser, "launchpad"]);
  return {
    host,
    port,
    data,
    logPath,
    work: async (task) => {
      const client = new Client({ host, port, user: superuser, database: "launchpad" });
      await client.connect();
      try {
        return await task(client);
      } finally {
        await client.end();
      }
    },
    reload: () => postgres("pg_ctl", ["-D", data, "reload"]),
    [Symbol.asyncDispose]: stop,
  };
}

/** What the server has written to its log. */
export async function logOf({ logPath }: PostgresServer): Promise<string> {
  return await readFile(logPath, "utf8");
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

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  await chmod(path, 0o700);
  await giveAway(path);
}

async function giveAway(path: string): Promise<void> {
  if (process.getuid?.() === 0) await chown(path, nobody, nobody);
}
