import { createHash, randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { systemClock } from "../../../../src/system/clock.ts";
import { ServiceFailure, TransientFailure } from "../../../../src/system/failure.ts";
import { TooLarge } from "../../../../src/tracker/launchpad/client/too-large.ts";
import { clientFor, type Reply, reset, scriptedServer, secretToken } from "./scripted-server.ts";

const core = gzipSync(randomBytes(300_000));

async function bytesOf(body: Readable | undefined): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body ?? []) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

const bytes: Reply = (response) => {
  response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": core.length });
  response.end(core);
};

/** Launchpad, and the librarian on another port. */
async function twoHosts(reply: (count: number) => Reply, path = "123/Core%20Dump.gz?token=t1me") {
  const librarian = await scriptedServer((_hit, count) => reply(count));
  const launchpad = await scriptedServer(() => ({ status: 303, headers: { Location: librarian.url + path } }));
  const dispose = async (): Promise<void> => {
    await launchpad[Symbol.asyncDispose]();
    await librarian[Symbol.asyncDispose]();
  };
  return {
    librarian,
    launchpad,
    link: `${launchpad.url}1.0/bugs/1/+attachment/2/data`,
    [Symbol.asyncDispose]: dispose,
  };
}

test("a core comes as it was stored, under its name there, and the librarian never sees the token", async () => {
  await using hosts = await twoHosts(() => bytes);
  const lab = clientFor(hosts.launchpad.url);
  const file = await lab.client.download(hosts.link, 1e6);
  expect(file?.name).toBe("Core Dump.gz");
  const digest = (content: Buffer): string => createHash("sha256").update(content).digest("hex");
  expect(digest(await bytesOf(file?.body))).toBe(digest(core));
  expect(hosts.launchpad.hits[0]?.headers.authorization).toContain(secretToken);
  expect(hosts.librarian.hits[0]?.headers).toMatchObject({ "accept-encoding": "identity" });
  expect(hosts.librarian.hits[0]?.headers.authorization).toBeUndefined();
  expect(lab.logged.join("\n")).not.toMatch(/t1me|Tok3n|S3cret/);
});

test("a file that is not there, at either host, is null", async () => {
  await using hosts = await twoHosts(() => ({ status: 404 }));
  const { client } = clientFor(hosts.launchpad.url);
  expect(await client.download(hosts.link, 1e6)).toBeNull();
  expect(await client.download(`${hosts.librarian.url}gone`, 1e6)).toBeNull();
});

test.each(["file:///etc/passwd", "https://user:word@archive.example/core", "ftp://x/y"])(
  "a redirect to %s is not followed",
  async (location) => {
    await using server = await scriptedServer(() => ({ status: 303, headers: { Location: location } }));
    const { client } = clientFor(server.url);
    const failure = await client.download(`${server.url}data`, 1e6).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServiceFailure);
    expect((failure as Error).message).toContain("no place for a file");
    expect((failure as Error).message).not.toContain("word");
  },
);

test("a Launchpad elsewhere cannot have us ask a service of this machine", async () => {
  await using server = await scriptedServer(() => ({ status: 200, body: "secret of this machine" }));
  const { client } = clientFor("https://api.archive.example/");
  await expect(client.download(server.url, 1e6)).rejects.toThrow("no place for a file");
  await expect(client.download(server.url.replace("127.0.0.1", "localhost"), 1e6)).rejects.toThrow("no place");
  expect(server.hits).toEqual([]);
});

test("redirects are bounded", async () => {
  await using server = await scriptedServer(() => ({ status: 302, headers: { Location: "/again" } }));
  const { client } = clientFor(server.url, { limits: { maxRedirects: 3 } });
  await expect(client.download(`${server.url}data`, 1e6)).rejects.toThrow("redirected too often");
  expect(server.hits).toHaveLength(4);
});

test("the way to the bytes is tried again from its start, because its token is good for a while only", async () => {
  const replies: Reply[] = [{ status: 403, body: "token expired" }, { status: 502 }, bytes];
  await using hosts = await twoHosts((count) => replies[count - 1] ?? { status: 500 });
  const { client } = clientFor(hosts.launchpad.url);
  expect(await bytesOf((await client.download(hosts.link, 1e6))?.body)).toEqual(core);
  expect(hosts.launchpad.hits).toHaveLength(3);
});

test("a librarian that refuses each time is a failure", async () => {
  await using hosts = await twoHosts(() => ({ status: 403 }));
  const { client } = clientFor(hosts.launchpad.url);
  await expect(client.download(hosts.link, 1e6)).rejects.toThrow(ServiceFailure);
});

test("a Launchpad that refuses is heard out: its words say whether the token has expired", async () => {
  await using server = await scriptedServer(() => ({ status: 401, body: "Expired token (x)." }));
  const { client } = clientFor(server.url);
  await expect(client.download(`${server.url}data`, 1e6)).rejects.toThrow("401 Expired token (x).");
});

/** Begins to send a file, and then does something else. */
function beginning(then: (response: ServerResponse) => void): () => Reply {
  return () => (response) => {
    response.writeHead(200, { "Content-Length": core.length });
    response.write(core.subarray(0, 1000), () => then(response));
  };
}

test("a connection that breaks off in the middle ends the stream with a passing failure", async () => {
  await using hosts = await twoHosts(beginning(reset));
  const { client } = clientFor(hosts.launchpad.url);
  const file = await client.download(hosts.link, 1e6);
  await expect(bytesOf(file?.body)).rejects.toThrow(TransientFailure);
});

test("a file that stalls is given up in time", async () => {
  await using hosts = await twoHosts(beginning(() => {}));
  const { client } = clientFor(hosts.launchpad.url, { limits: { stallMs: 150 } });
  const file = await client.download(hosts.link, 1e6);
  await expect(bytesOf(file?.body)).rejects.toThrow("no whole answer in time");
});

test("a file that drips without end is given up too, though it never stalls for long", async () => {
  const timers = new Set<NodeJS.Timeout>();
  const drip = (response: ServerResponse): void => void timers.add(setInterval(() => response.write("x"), 10));
  await using hosts = await twoHosts(beginning(drip));
  const limits = { stallMs: 400, slowestBytesPerSecond: 1e6 };
  const { client } = clientFor(hosts.launchpad.url, { limits, clock: systemClock });
  const file = await client.download(hosts.link, 1e6);
  await expect(bytesOf(file?.body)).rejects.toThrow("no whole answer in time");
  for (const timer of timers) clearInterval(timer);
});

test("a file larger than wanted fails as that, with or without a length that says so", async () => {
  await using announced = await twoHosts(() => bytes);
  await using unannounced = await twoHosts(() => (response) => void response.end(core));
  for (const hosts of [announced, unannounced]) {
    const { client } = clientFor(hosts.launchpad.url);
    const file = await client.download(hosts.link, core.length - 1);
    await expect(bytesOf(file?.body)).rejects.toThrow(TooLarge);
    expect(await bytesOf((await client.download(hosts.link, core.length))?.body)).toEqual(core);
  }
});

test("a stream that is destroyed unread lets the connection go", async () => {
  const closed = Promise.withResolvers<void>();
  const waiting = (response: ServerResponse): void => void response.once("close", () => closed.resolve());
  await using hosts = await twoHosts(beginning(waiting));
  const { client } = clientFor(hosts.launchpad.url);
  (await client.download(hosts.link, 1e6))?.body.destroy();
  await closed.promise;
});

test("a client whose signal is aborted ends a download under way with its reason", async () => {
  const stop = new Error("SIGTERM");
  const lab = Promise.withResolvers<ReturnType<typeof clientFor>>();
  await using hosts = await twoHosts(beginning(async () => (await lab.promise).abort(stop)));
  const made = clientFor(hosts.launchpad.url);
  const file = await made.client.download(hosts.link, 1e6);
  const reading = bytesOf(file?.body);
  lab.resolve(made);
  await expect(reading).rejects.toBe(stop);
});
