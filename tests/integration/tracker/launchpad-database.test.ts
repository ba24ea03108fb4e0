import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { ServiceFailure, TransientFailure } from "../../../src/system/failure.ts";
import { run } from "../../../src/system/process.ts";
import { beginReadOnly, type DatabaseSettings } from "../../../src/tracker/launchpad-database/connection.ts";
import { launcher } from "../../lab/command.ts";
import { fillTables } from "../../lab/postgres/launchpad-tables.ts";
import { type PostgresServer, startPostgres } from "../../lab/postgres/start-postgres.ts";
import { expectedVersions, versionsStoredIn } from "../../lab/standing/consolidation-world.ts";
import { fillDuplicates } from "../../lab/standing/fill-duplicates.ts";
import { hearAll, sayings } from "../../lab/standing/hear-all.ts";
import { kindsInDistribution } from "../../lab/standing/kinds.ts";
import { standingBugs } from "../../lab/standing/standing-bugs.ts";
import { statusesInPostgres } from "../../lab/standing/statuses-in-postgres.ts";
import { temporaryFolder } from "../../lab/temporary.ts";

const standing = standingBugs({ count: 120, seed: 7, kinds: kindsInDistribution, packages: 12, outdated: 10 });
const one = z.tuple([z.unknown()]);
const never = new AbortController().signal;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ listens: true });
  await server.work(async (client) => {
    await fillTables(client, standing);
    await client.query(await grantsOfTheDocs());
    await client.query("ALTER ROLE crash_digger PASSWORD 'right-and-s3cret'");
  });
});
afterAll(() => server?.[Symbol.asyncDispose]());

async function grantsOfTheDocs(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, "../../../docs/launchpad.md"), "utf8");
  const sql = /```sql\n(.*?)```/s.exec(text)?.[1];
  if (sql === undefined) throw new Error("docs/launchpad.md has no SQL");
  return sql;
}

function settings(more: Partial<DatabaseSettings> = {}): DatabaseSettings {
  const { host, port } = server;
  const usual = { host, port, database: "launchpad", user: "lab", password: null, schema: "public", tls: null };
  return { ...usual, timeoutMs: 60_000, ...more };
}

async function failureOf(work: Promise<unknown>): Promise<Error & { readonly remedy?: string }> {
  return await work.then(
    () => new Error("it did not fail"),
    (error: unknown) => error as Error,
  );
}

function begun(more: Partial<DatabaseSettings> = {}, signal = never) {
  return beginReadOnly(settings(more), signal);
}

test("the role that the documentation makes reads all that is needed", async () => {
  await using source = statusesInPostgres(server, { user: "crash_digger" });
  expect(await hearAll(source, standing.bugs)).toEqual(sayings(standing.bugs));
  await using project = statusesInPostgres(server, {
    user: "crash_digger",
    target: { kind: "project", name: "coreutils" },
  });
  expect((await project.statuses({ stored: new Map([[1_000_000, null]]) })).statuses.size).toBe(1);
});

test.each([
  "SELECT title FROM bug",
  "SELECT secret FROM bugtask",
  "SELECT tag FROM bugtag",
  "SELECT name FROM archive",
  "SELECT * FROM sourcepackagepublishinghistory",
])("and nothing else: %s", async (text) => {
  await using transaction = await begun({ user: "crash_digger" });
  const failure = await failureOf(transaction.rows(text, [], one));
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect(failure.message).toContain("permission denied");
  expect(failure.remedy).toContain("GRANT");
});

test.each([
  "UPDATE bug SET title = 'x' RETURNING id",
  "CREATE TEMPORARY TABLE ids (id integer)",
  "SELECT nextval('bugtask_id_seq')",
])("nobody can write, not even who might: %s", async (text) => {
  await using transaction = await begun();
  await expect(transaction.rows(text, [], one)).rejects.toThrow("read-only transaction");
});

test("all of it is from one moment", async () => {
  await using source = statusesInPostgres(server);
  const [bug] = standing.bugs.filter(({ says }) => says.kind === "fixed" && says.version !== "");
  if (bug === undefined) throw new Error("there is no such bug");
  const stored = new Map([[bug.id, null]]);
  const before = await source.statuses({ stored });
  await server.work((client) => client.query("UPDATE bugtask SET status = 10 WHERE bug = $1", [bug.id]));
  expect(await source.statuses({ stored })).toEqual(before);
  await server.work((client) => client.query("UPDATE bugtask SET status = 30 WHERE bug = $1", [bug.id]));
});

test("a statement that takes too long is ended by the server", async () => {
  await using transaction = await begun({ timeoutMs: 300 });
  const failure = await failureOf(transaction.rows("SELECT pg_sleep(30)", [], one));
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect(failure.message).toContain("statement timeout");
  expect(failure.remedy).toContain("timeout_s");
});

test("who is told to stop does not wait for an answer", async () => {
  const controller = new AbortController();
  await using transaction = await begun({}, controller.signal);
  const asked = failureOf(transaction.rows("SELECT pg_sleep(300)", [], one));
  setTimeout(() => controller.abort(new Error("stopped by SIGTERM")), 100);
  expect((await asked).message).toBe("stopped by SIGTERM");
});

test("rows that look otherwise are a failure that names the column", async () => {
  await using transaction = await begun();
  await expect(transaction.rows("SELECT id, 'x' FROM distribution", [], z.tuple([z.int(), z.int()]))).rejects.toThrow(
    /rows of another form: column 2/,
  );
});

test("a distribution, a table, a schema that is not there: a failure with a remedy", async () => {
  const question = { stored: new Map([[1, null]]) };
  await using nowhere = statusesInPostgres(server, { target: { kind: "distribution", name: "no-such" } });
  expect((await failureOf(nowhere.statuses(question))).remedy).toContain("tracker.distribution");
  await using elsewhere = statusesInPostgres(server, { schema: "elsewhere" });
  expect((await failureOf(elsewhere.statuses(question))).remedy).toContain("tracker.database.schema");
  const failure = await failureOf(begun({ database: "no-such" }));
  expect(failure).toMatchObject({
    message: expect.stringContaining("does not exist"),
    remedy: expect.stringMatching(/database\.database/),
  });
});

test("the command as built reads it, and needs no credentials of the web service", async () => {
  await using folder = await temporaryFolder("consolidate");
  const [config, duplicates] = [join(folder.path, "config.toml"), join(folder.path, "duplicates.db")];
  const { host, port } = server;
  const database = { host, port, database: "launchpad", user: "crash_digger" };
  const lines = Object.entries(database).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  const folders = `state_dir = "${folder.path}"\ncache_dir = "${folder.path}"\n`;
  const tracker = '[tracker]\ntype = "launchpad"\ndistribution = "ubuntu"\n[tracker.database]\n';
  await writeFile(config, folders + tracker + lines.join(""));
  await fillDuplicates(duplicates, standing.bugs);
  const command = [launcher, "--config", config, "dupdb", "consolidate", "--json", "--max-losses", "120"] as const;
  const result = await run(command, { deadlineMs: 60_000 });
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(result.stdout.toString("utf8"))).toMatchObject({
    source: `launchpad-database ${host}:${port}/launchpad distribution ubuntu`,
    since: null,
    stored: 120,
  });
  expect(await versionsStoredIn(duplicates)).toEqual(expectedVersions(standing.bugs));
});

test("across the network only encrypted, and only to whom the certificate is", async () => {
  const near = { host: "localhost", user: "crash_digger" };
  const ca = await readFile(server.certificatePath, "utf8");
  await using transaction = await begun({ ...near, tls: { ca } });
  const used = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
  expect(await transaction.rows(used, [], z.tuple([z.boolean()]))).toEqual([[true]]);
  const stranger = await failureOf(begun({ ...near, tls: {} }));
  expect(stranger).toBeInstanceOf(ServiceFailure);
  expect(stranger.message).toMatch(/self-signed certificate/);
  const elsewhere = await failureOf(begun({ ...near, host: "127.0.0.1", tls: { ca } }));
  expect(elsewhere.message).toMatch(/altnames/);
});

test("a password that is refused gets into no message, nor into the server's log", async () => {
  await server.askForPasswords();
  await using transaction = await begun({ user: "crash_digger", password: "right-and-s3cret" });
  expect(await transaction.rows("SELECT 1", [], one)).toEqual([[1]]);
  const failure = await failureOf(begun({ user: "crash_digger", password: "wrong-and-s3cret" }));
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect(failure.remedy).toContain("password_file");
  expect(`${failure.stack}${String(failure.cause)}`).not.toContain("wrong-and-s3cret");
  expect(await server.log()).not.toContain("wrong-and-s3cret");
});

// The last one: it ends the server.
test("a server that is away, or goes away, is waited for by the next run", async () => {
  const transaction = await begun();
  await server.stop();
  expect(await failureOf(transaction.rows("SELECT 1", [], one))).toBeInstanceOf(TransientFailure);
  await transaction[Symbol.asyncDispose]();
  expect(await failureOf(begun())).toBeInstanceOf(TransientFailure);
  expect(await failureOf(begun({ host: "localhost", tls: {} }))).toBeInstanceOf(TransientFailure);
});
