import { expect, test } from "vitest";
import { z } from "zod";
import { ServiceFailure, TransientFailure } from "../../../../src/system/failure.ts";
import { operationUrl } from "../../../../src/tracker/launchpad/client/operation-url.ts";
import { clientFor, reset, scriptedServer, secretSecret, secretToken } from "./scripted-server.ts";

const bugSchema = z.object({ self_link: z.string(), title: z.string() });

function bug(root: string, id: number, title = `bug ${id}`) {
  return { self_link: `${root}1.0/bugs/${id}`, http_etag: `"a-${id}"`, title, heat: 6 };
}

test("an entry comes with the fields that were asked for, and the request carries our token and who we are", async () => {
  await using server = await scriptedServer(() => ({ status: 200, body: bug(server.url, 1) }));
  const { client } = clientFor(server.url);
  expect(await client.get(client.url("1.0", "bugs/1"), bugSchema)).toEqual({
    self_link: `${server.url}1.0/bugs/1`,
    title: "bug 1",
  });
  const [hit] = server.hits;
  expect(hit).toMatchObject({ method: "GET", path: "/1.0/bugs/1" });
  expect(hit?.headers).toMatchObject({ accept: "application/json", "user-agent": "crash-digger/test" });
  expect(hit?.headers.authorization).toMatch(
    /^OAuth realm="OAuth", oauth_nonce="[\w-]{36}", oauth_timestamp="1767225600"/,
  );
  expect(hit?.headers.authorization).toContain(`oauth_token="${secretToken}", oauth_signature="%26${secretSecret}"`);
});

test("without credentials no token is sent", async () => {
  await using server = await scriptedServer(() => ({ status: 200, body: bug(server.url, 1) }));
  const { client } = clientFor(server.url, { credentials: null });
  await client.get(client.url("devel", "bugs/1"), bugSchema);
  expect(server.hits[0]?.headers.authorization).toBeUndefined();
});

test.each([404, 410])("an entry answered with %i is not there", async (status) => {
  await using server = await scriptedServer(() => ({ status, body: "Object: <lp>, name: u'bugs'" }));
  const { client } = clientFor(server.url);
  expect(await client.get(client.url("1.0", "bugs/1"), bugSchema)).toBeNull();
  expect(await client.list(client.url("1.0", "bugs/1/attachments"), bugSchema)).toBeNull();
});

test("arguments go as JSON, options as they are", async () => {
  await using server = await scriptedServer(() => ({ status: 200, body: { entries: [] } }));
  const { client } = clientFor(server.url);
  const search = operationUrl(client.url("devel", "ubuntu"), "searchTasks", {
    tags: ["123", "a b"],
    tags_combinator: { option: "All" },
    status: ["New", "Fix Released"],
    omit_duplicates: false,
    created_since: "2011-08-01",
    "ws.size": 300,
  });
  expect(await client.list(search, bugSchema)).toEqual([]);
  const query = new URL(server.hits[0]?.path ?? "", server.url).searchParams;
  expect([...query]).toEqual([
    ["ws.op", "searchTasks"],
    ["tags", '["123","a b"]'],
    ["tags_combinator", "All"],
    ["status", '["New","Fix Released"]'],
    ["omit_duplicates", "false"],
    ["created_since", '"2011-08-01"'],
    ["ws.size", "300"],
  ]);
});

test("all pages are read; an entry that shifted onto the next one comes once, as it was seen last", async () => {
  await using server = await scriptedServer((hit) => {
    const next = `${server.url}devel/ubuntu?ws.start=2`;
    return hit.path.includes("ws.start")
      ? { status: 200, body: { start: 2, total_size: 9, entries: [bug(server.url, 2, "again"), bug(server.url, 3)] } }
      : { status: 200, body: { entries: [bug(server.url, 1), bug(server.url, 2)], next_collection_link: next } };
  });
  const { client } = clientFor(server.url);
  const bugs = await client.list(client.url("devel", "ubuntu"), bugSchema);
  expect(bugs?.map(({ title }) => title)).toEqual(["bug 1", "again", "bug 3"]);
  expect(server.hits.map(({ path }) => path)).toEqual(["/devel/ubuntu", "/devel/ubuntu?ws.start=2"]);
});

test("pages that go round in circles, or on for ever, are a failure of the service", async () => {
  await using circle = await scriptedServer((hit) => ({
    status: 200,
    body: { entries: [], next_collection_link: `${circle.url}devel/${hit.path.endsWith("a") ? "b" : "a"}` },
  }));
  const one = clientFor(circle.url).client;
  await expect(one.list(one.url("devel", "a"), bugSchema)).rejects.toThrow(/devel\/a: the pages .* round in circles/);

  await using endless = await scriptedServer((_hit, count) => ({
    status: 200,
    body: { entries: [], next_collection_link: `${endless.url}devel/a?ws.start=${count}` },
  }));
  const two = clientFor(endless.url, { limits: { maxPages: 20 } }).client;
  await expect(two.list(two.url("devel", "a"), bugSchema)).rejects.toThrow("more than 20 pages");
  expect(endless.hits).toHaveLength(20);
});

test("links that lead out of the web service are refused before anything is sent there", async () => {
  await using elsewhere = await scriptedServer(() => ({ status: 200, body: { entries: [] } }));
  await using server = await scriptedServer((hit) => {
    if (hit.path === "/1.0/people/+me") return { status: 303, headers: { Location: `${elsewhere.url}~evil` } };
    return { status: 200, body: { entries: [], next_collection_link: `${elsewhere.url}devel/ubuntu` } };
  });
  const { client } = clientFor(server.url);
  await expect(client.list(client.url("devel", "ubuntu"), bugSchema)).rejects.toThrow(ServiceFailure);
  await expect(client.whoAmI()).rejects.toThrow("~evil, which is outside its web service");
  await expect(client.get(`${elsewhere.url}1.0/bugs/1`, bugSchema)).rejects.toThrow("outside its web service");
  expect(elsewhere.hits).toEqual([]);
});

test("a redirect inside the web service is followed with the token, but not for ever", async () => {
  await using server = await scriptedServer((hit) => {
    if (hit.path === "/1.0/~me") return { status: 200, body: { name: "retracer" } };
    return { status: 303, headers: { Location: hit.path.endsWith("+me") ? "/1.0/~me" : "/1.0/again" } };
  });
  const { client } = clientFor(server.url);
  expect(await client.whoAmI()).toBe("retracer");
  expect(server.hits.at(-1)?.headers.authorization).toContain(secretToken);
  await expect(client.get(client.url("1.0", "again"), bugSchema)).rejects.toThrow("redirected too often");
});

test("what fails in passing is asked again, after growing pauses with chance in them", async () => {
  await using server = await scriptedServer((_hit, count) => {
    const replies = [
      reset,
      { status: 502 },
      { status: 200, body: "<html>busy" },
      { status: 200, body: bug(server.url, 1) },
    ];
    return replies[count - 1] ?? { status: 500 };
  });
  const lab = clientFor(server.url, { chance: () => 0.5 });
  expect(await lab.client.get(lab.client.url("1.0", "bugs/1"), bugSchema)).toMatchObject({ title: "bug 1" });
  expect(lab.pauses).toEqual([750, 1500, 3000]);
  expect(lab.logged.filter((line) => line.includes("after a pause"))).toHaveLength(3);
});

test.each([
  ["5", 5000],
  ["Thu, 01 Jan 2026 00:00:09 GMT", 9000],
  ["900", 20_000],
  ["99999999999999", 20_000],
  ["soon", 500],
])("Retry-After %s gives a pause of %i ms", async (value, pauseMs) => {
  await using server = await scriptedServer((_hit, count) =>
    count === 1 ? { status: 503, headers: { "Retry-After": value } } : { status: 200, body: bug(server.url, 1) },
  );
  const lab = clientFor(server.url);
  await lab.client.get(lab.client.url("1.0", "bugs/1"), bugSchema);
  expect(lab.pauses).toEqual([pauseMs]);
});

test.each([429, 502, 503, 504])("%i on each try: away for the moment", async (status) => {
  await using server = await scriptedServer(() => ({ status, headers: { "X-Lazr-OopsId": "OOPS-1" }, body: "busy" }));
  const lab = clientFor(server.url);
  const failure = await lab.client.get(lab.client.url("1.0", "bugs/1"), bugSchema).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TransientFailure);
  expect((failure as Error).message).toBe(`GET ${server.url}1.0/bugs/1: ${status} (OOPS-1) busy`);
  expect(server.hits).toHaveLength(4);
});

test("a 500 on each try is a fault that a person has to see", async () => {
  await using server = await scriptedServer(() => ({ status: 500, headers: { "X-Lazr-OopsId": "OOPS-2" } }));
  const { client } = clientFor(server.url);
  await expect(client.get(client.url("1.0", "bugs/1"), bugSchema)).rejects.toThrow(ServiceFailure);
});

test("a page that is no JSON on each try is a failure that shows its beginning, without controls", async () => {
  await using server = await scriptedServer(() => ({ status: 200, body: "<html>\u001b[2J\u202eOops" }));
  const { client } = clientFor(server.url);
  await expect(client.get(client.url("1.0", "bugs/1"), bugSchema)).rejects.toThrow(
    /bugs\/1 is no JSON: <html> \[2J Oops$/,
  );
});

test("a shape that changed is a failure at once, which names field and address", async () => {
  await using server = await scriptedServer(() => ({ status: 200, body: { entries: [{ self_link: "x", title: 7 }] } }));
  const { client } = clientFor(server.url);
  const failure = await client.list(client.url("devel", "ubuntu"), bugSchema).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect((failure as Error).message).toContain(`GET ${server.url}devel/ubuntu`);
  expect((failure as Error).message).toContain("entries[0].title");
  expect(server.hits).toHaveLength(1);
});

test.each(["hang", "drip"])("a server that would %s is given up in time", async (kind) => {
  const timers = new Set<NodeJS.Timeout>();
  await using server = await scriptedServer(() => (response) => {
    if (kind === "drip") timers.add(setInterval(() => response.write(" "), 20));
  });
  const { client } = clientFor(server.url, { limits: { exchangeMs: 150, tries: 2 } });
  await expect(client.get(client.url("1.0", "bugs/1"), bugSchema)).rejects.toThrow("no whole answer in time");
  expect(server.hits).toHaveLength(2);
  for (const timer of timers) clearInterval(timer);
});

test("an answer that is too large is not read to its end", async () => {
  await using server = await scriptedServer(() => ({ status: 200, body: " ".repeat(5000) }));
  const { client } = clientFor(server.url, { limits: { maxAnswerBytes: 4999 } });
  await expect(client.get(client.url("1.0", "bugs/1"), bugSchema)).rejects.toThrow("larger than 4999 bytes");
  expect(server.hits).toHaveLength(1);
});

test("a host that fails in a row is left alone for a while, then asked once more", async () => {
  let isUp = false;
  await using server = await scriptedServer(() => (isUp ? { status: 200, body: bug(server.url, 1) } : { status: 503 }));
  const lab = clientFor(server.url, { limits: { failuresInARow: 6, restMs: 60_000 } });
  const ask = () => lab.client.get(lab.client.url("1.0", "bugs/1"), bugSchema);
  await expect(ask()).rejects.toThrow("503");
  await expect(ask()).rejects.toThrow(/failed 6 times in a row and is left alone .* 503/);
  await expect(ask()).rejects.toThrow(TransientFailure);
  expect(server.hits).toHaveLength(6);
  lab.passMs(60_000);
  await expect(ask()).rejects.toThrow("left alone");
  expect(server.hits).toHaveLength(7);
  isUp = true;
  lab.passMs(60_000);
  expect(await ask()).toMatchObject({ title: "bug 1" });
});

test("a client whose signal is aborted stops at once, in a request and in a pause", async () => {
  const stop = new Error("SIGTERM");
  await using server = await scriptedServer(() => () => lab.abort(stop));
  const lab = clientFor(server.url);
  await expect(lab.client.get(lab.client.url("1.0", "bugs/1"), bugSchema)).rejects.toBe(stop);
  await expect(lab.client.get(lab.client.url("1.0", "bugs/1"), bugSchema)).rejects.toBe(stop);
  expect(server.hits).toHaveLength(1);
});

test.each([
  [401, "Expired token (Tok3nOfTheRetracer)."],
  [401, "Invalid signature: %26S3cretOfTheRetracer"],
  [403, "no"],
])("refused with %i: a failure with a remedy and without a secret", async (status, body) => {
  await using server = await scriptedServer(() => ({ status, body }));
  const lab = clientFor(server.url);
  const failure = await lab.client.get(lab.client.url("1.0", "bugs/1"), bugSchema).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect((failure as ServiceFailure).remedy).toContain("crash-digger launchpad login");
  const said = [(failure as Error).stack, ...lab.logged].join("\n");
  expect(said).not.toMatch(/Tok3n|S3cret/);
  expect(said).toContain(String(status));
});
