import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { ServiceFailure, TransientFailure } from "../../../../src/system/failure.ts";
import { temporaryFolder } from "../../../lab/temporary.ts";
import { clientFor, type Hit, type Reply, reset, scriptedServer } from "./scripted-server.ts";

const schema = z.object({ self_link: z.string(), http_etag: z.string(), tags: z.array(z.string()) });
type Bug = z.output<typeof schema>;

/** A bug with tags on a server that compares ETags; `before` may do something else with a request. */
function bugServer(tags: string[], before: (hit: Hit, count: number, bug: { tags: string[] }) => Reply | null) {
  const bug = { tags };
  const entry = (hit: Hit) => ({
    self_link: `http://${hit.headers.host}/1.0/bugs/1`,
    http_etag: `"x-${bug.tags.join("+")}"`,
    tags: bug.tags,
  });
  const server = scriptedServer((hit, count) => {
    const early = before(hit, count, bug);
    if (early !== null) return early;
    if (hit.method === "GET") return { status: 200, body: entry(hit) };
    if (hit.headers["if-match"] !== entry(hit).http_etag) return { status: 412 };
    bug.tags = (JSON.parse(hit.body) as Bug).tags;
    return { status: 209, body: entry(hit) };
  });
  return { bug, server };
}

const withoutMark = ({ tags }: Bug) => (tags.includes("need") ? { tags: tags.filter((tag) => tag !== "need") } : null);
const neverThere = async (): Promise<boolean> => false;

test("a change carries the ETag and only what changes, and gives the entry as it is afterwards", async () => {
  const { server: starting } = bugServer(["a", "need"], () => null);
  await using server = await starting;
  const { client } = clientFor(server.url);
  const result = await client.change(client.url("1.0", "bugs/1"), schema, withoutMark);
  expect(result).toMatchObject({ kind: "changed", entry: { tags: ["a"], http_etag: '"x-a"' } });
  expect(server.hits.map(({ method }) => method)).toEqual(["GET", "PATCH"]);
  expect(server.hits[1]).toMatchObject({ body: '{"tags":["a"]}', headers: { "if-match": '"x-a+need"' } });
});

test("an entry that was just read costs no further GET, and nothing to change no request at all", async () => {
  const { server: starting } = bugServer(["a", "need"], () => null);
  await using server = await starting;
  const { client } = clientFor(server.url);
  const entry = await client.get(client.url("1.0", "bugs/1"), schema);
  if (entry === null) throw new Error("no bug");
  const changed = await client.change(entry, schema, withoutMark);
  if (changed.kind !== "changed") throw new Error(changed.kind);
  expect(await client.change(changed.entry, schema, withoutMark)).toEqual({ kind: "unchanged", entry: changed.entry });
  expect(server.hits.map(({ method }) => method)).toEqual(["GET", "PATCH"]);
});

test("when somebody else was quicker, both changes are there in the end", async () => {
  const { bug, server: starting } = bugServer(["a", "need"], (_hit, count, current) => {
    if (count === 2) current.tags = [...current.tags, "theirs"];
    return null;
  });
  await using server = await starting;
  const { client } = clientFor(server.url);
  const result = await client.change(client.url("1.0", "bugs/1"), schema, withoutMark);
  expect(result).toMatchObject({ kind: "changed", entry: { tags: ["a", "theirs"] } });
  expect(bug.tags).toEqual(["a", "theirs"]);
});

test("somebody who is quicker each time wins for now", async () => {
  const { server: starting } = bugServer(["need"], (hit, count, current) => {
    if (hit.method === "PATCH") current.tags = [...current.tags, `t${count}`];
    return null;
  });
  await using server = await starting;
  const { client } = clientFor(server.url);
  const failing = client.change(client.url("1.0", "bugs/1"), schema, withoutMark);
  await expect(failing).rejects.toThrow(TransientFailure);
  await expect(failing).rejects.toThrow("somebody else has changed it");
  expect(server.hits.filter(({ method }) => method === "PATCH")).toHaveLength(4);
});

test.each([
  ["its answer is lost", reset],
  ["it is answered with 502", { status: 502 }],
  ["its answer is no JSON", { status: 209, body: '{"self' }],
] as const)("a change that was made though %s is not made again", async (_what, reply) => {
  const { server: starting } = bugServer(["need"], (hit, _count, current) => {
    if (hit.method !== "PATCH") return null;
    current.tags = [];
    return reply;
  });
  await using server = await starting;
  const { client } = clientFor(server.url);
  const result = await client.change(client.url("1.0", "bugs/1"), schema, withoutMark);
  expect(result).toMatchObject({ kind: "unchanged", entry: { tags: [] } });
  expect(server.hits.map(({ method }) => method)).toEqual(["GET", "PATCH", "GET"]);
});

test("a task that moved: its new address, and the PATCH is not sent there again", async () => {
  const { server: starting } = bugServer(["need"], (hit) =>
    hit.method === "PATCH" ? { status: 301, headers: { Location: "/1.0/ubuntu/+source/x/+bug/1" } } : null,
  );
  await using server = await starting;
  const { client } = clientFor(server.url);
  const result = await client.change(client.url("1.0", "bugs/1"), schema, withoutMark);
  expect(result).toEqual({ kind: "moved", url: `${server.url}1.0/ubuntu/+source/x/+bug/1` });
  expect(server.hits).toHaveLength(2);
});

test("an entry that would have its change go elsewhere, or has no ETag for a header, is a failure", async () => {
  await using elsewhere = await scriptedServer(() => ({ status: 209, body: {} }));
  await using server = await scriptedServer((hit) => ({
    status: 200,
    body: hit.path.endsWith("1")
      ? { self_link: `${elsewhere.url}1.0/bugs/1`, http_etag: '"x-y"', tags: ["need"] }
      : { self_link: `${server.url}1.0/bugs/2`, http_etag: "x\r\nX-Evil: 1", tags: ["need"] },
  }));
  const { client } = clientFor(server.url);
  await expect(client.change(client.url("1.0", "bugs/1"), schema, withoutMark)).rejects.toThrow(
    "outside its web service",
  );
  await expect(client.change(client.url("1.0", "bugs/2"), schema, withoutMark)).rejects.toThrow("no usable http_etag");
  expect(elsewhere.hits).toEqual([]);
});

test("a bug that vanishes before it is read, or before it is changed, is absent", async () => {
  const gone = bugServer(["need"], () => ({ status: 404 }));
  await using first = await gone.server;
  expect(await clientFor(first.url).client.change(`${first.url}1.0/bugs/1`, schema, withoutMark)).toEqual({
    kind: "absent",
  });
  const going = bugServer(["need"], (hit) => (hit.method === "PATCH" ? { status: 404 } : null));
  await using second = await going.server;
  const { client } = clientFor(second.url);
  expect(await client.change(`${second.url}1.0/bugs/1`, schema, withoutMark)).toEqual({ kind: "absent" });
  const lost = clientFor(first.url).client;
  expect(await lost.post(`${first.url}1.0/bugs/1`, "newMessage", {}, neverThere)).toEqual({ kind: "absent" });
});

test("a value that Launchpad refuses comes back with its words, on one line and cut", async () => {
  const words = `tags: 'X' isn't valid\n\u001b[2J${"x".repeat(1000)}`;
  await using server = await scriptedServer((hit) =>
    hit.method === "GET" ? { status: 200, body: { name: "retracer" } } : { status: 400, body: words },
  );
  const { client } = clientFor(server.url);
  const result = await client.post(`${server.url}1.0/bugs/1`, "newMessage", { subject: "s" }, neverThere);
  if (result.kind !== "refused") throw new Error(result.kind);
  expect(result.status).toBe(400);
  expect(result.reason).toMatch(/^tags: 'X' isn't valid \[2Jx+…$/);
  expect(result.reason.length).toBeLessThan(510);
  expect(server.hits).toHaveLength(1);
});

test("401 for a write: what this account may not do is refused, a token that is no good is a failure", async () => {
  let revoked = false;
  await using server = await scriptedServer((hit) =>
    hit.method === "GET" && !revoked ? { status: 200, body: { name: "retracer" } } : { status: 401, body: "No way." },
  );
  const { client } = clientFor(server.url);
  const post = () => client.post(`${server.url}1.0/bugs/1`, "subscribe", {}, neverThere);
  expect(await post()).toEqual({ kind: "refused", status: 401, reason: "No way." });
  revoked = true;
  await expect(post()).rejects.toThrow(ServiceFailure);
});

test("a comment goes as a form, with its arguments as JSON", async () => {
  await using server = await scriptedServer(() => ({
    status: 201,
    headers: { Location: `${server.url}1.0/bugs/1/comments/7` },
  }));
  const { client } = clientFor(server.url);
  const args = { subject: 'Über "x"', content: "1\n2 & 3" };
  const result = await client.post(client.url("1.0", "bugs/1"), "newMessage", args, neverThere);
  expect(result).toEqual({ kind: "done", location: `${server.url}1.0/bugs/1/comments/7` });
  expect([...new URLSearchParams(server.hits[0]?.body)]).toEqual([
    ["ws.op", "newMessage"],
    ["subject", '"Über \\"x\\""'],
    ["content", '"1\\n2 & 3"'],
  ]);
});

const lostAnswers: readonly (readonly [string, Reply])[] = [
  ["connection reset", reset],
  ["502", { status: 502 }],
  ["503", { status: 503, headers: { "Retry-After": "900" } }],
  ["429", { status: 429 }],
  ["500", { status: 500 }],
  ["nothing for too long", () => {}],
];

test.each(lostAnswers)("a comment that was made before an answer was lost (%s) is made once", async (_what, reply) => {
  const comments: string[] = [];
  await using server = await scriptedServer((hit) => {
    comments.push(hit.body);
    return reply;
  });
  const { client } = clientFor(server.url, { limits: { exchangeMs: 300 } });
  const isThere = async (): Promise<boolean> => comments.length > 0;
  expect(await client.post(`${server.url}1.0/bugs/1`, "newMessage", {}, isThere)).toEqual({ kind: "already" });
  expect(comments).toHaveLength(1);
});

test.each(lostAnswers)("a comment that was not made (%s) is tried again, once", async (_what, reply) => {
  const comments: string[] = [];
  await using server = await scriptedServer((hit, count) => {
    if (count === 1) return reply;
    comments.push(hit.body);
    return { status: 201 };
  });
  const { client } = clientFor(server.url, { limits: { exchangeMs: 300 } });
  const isThere = async (): Promise<boolean> => comments.length > 0;
  const result = await client.post(`${server.url}1.0/bugs/1`, "newMessage", {}, isThere);
  expect(result).toEqual({ kind: "done", location: null });
  expect(comments).toHaveLength(1);
});

test("tries of a write are bounded, and the last is looked after as well", async () => {
  let looked = 0;
  await using server = await scriptedServer(() => ({ status: 503 }));
  const { client } = clientFor(server.url);
  const isThere = async (): Promise<boolean> => ++looked === 5;
  await expect(client.post(`${server.url}1.0/bugs/1`, "newMessage", {}, isThere)).rejects.toThrow(TransientFailure);
  expect([server.hits.length, looked]).toEqual([4, 4]);
});

test("a POST is not sent to where a redirect points", async () => {
  await using server = await scriptedServer((hit) =>
    hit.path === "/elsewhere" ? { status: 201 } : { status: 307, headers: { Location: "/elsewhere" } },
  );
  const { client } = clientFor(server.url);
  await expect(client.post(`${server.url}1.0/bugs/1`, "newMessage", {}, neverThere)).rejects.toThrow(/307 \/elsewhere/);
  expect(server.hits).toHaveLength(1);
});

const upload = { fileName: 'Stack\r\n"trace".txt', description: "Stacktrace.txt", comment: "" };

test("an attachment is a form with files whose length is announced, from text or from a file", async () => {
  await using folder = await temporaryFolder("upload");
  const path = join(folder.path, "trace");
  await writeFile(path, "#0 main\n".repeat(20_000));
  await using server = await scriptedServer(() => ({ status: 201 }));
  const { client } = clientFor(server.url);
  const bug = client.url("1.0", "bugs/1");
  await client.upload(bug, { ...upload, content: { text: "#0 ü" } }, neverThere);
  await client.upload(bug, { ...upload, content: { path } }, neverThere);
  const [small, large] = server.hits;
  const boundary = /boundary=([\w-]+)$/.exec(small?.headers["content-type"] ?? "")?.[1] ?? "";
  const parts = small?.body.split(`--${boundary}`).map((part) => part.trim().split("\r\n\r\n"));
  expect(parts).toEqual([
    [""],
    ['Content-Disposition: form-data; name="ws.op"', "addAttachment"],
    ['Content-Disposition: form-data; name="content_type"', "null"],
    ['Content-Disposition: form-data; name="is_patch"', "false"],
    ['Content-Disposition: form-data; name="comment"', '""'],
    ['Content-Disposition: form-data; name="filename"', JSON.stringify(upload.fileName)],
    ['Content-Disposition: form-data; name="description"', '"Stacktrace.txt"'],
    [expect.stringMatching(/^.*name="data"; filename="Stack___trace_.txt"\r\n.*octet-stream$/), "#0 ü"],
    ["--"],
  ]);
  expect(small?.headers["content-length"]).toBe(String(Buffer.byteLength(small?.body ?? "")));
  expect(large?.headers["content-length"]).toBe(String(Buffer.byteLength(large?.body ?? "")));
  expect(large?.body).toContain("#0 main\n".repeat(20_000));
});

test("a file whose upload was lost on the way is sent whole once more", async () => {
  await using folder = await temporaryFolder("upload");
  const path = join(folder.path, "trace");
  await writeFile(path, "#0 main\n");
  await using server = await scriptedServer((_hit, count) => (count === 1 ? reset : { status: 201 }));
  const { client } = clientFor(server.url);
  const result = await client.upload(client.url("1.0", "bugs/1"), { ...upload, content: { path } }, neverThere);
  expect(result.kind).toBe("done");
  expect(server.hits.map(({ body }) => body.includes("#0 main\n"))).toEqual([true, true]);
  expect(server.hits[0]?.headers["content-type"]).not.toBe(server.hits[1]?.headers["content-type"]);
});
