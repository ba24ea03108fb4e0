import { afterAll, beforeAll, expect, test } from "vitest";
import { type LaunchpadLab, startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import { type Client, clientOf, oauthHeader } from "./client.ts";

let lab: LaunchpadLab;
let client: Client;

beforeAll(async () => {
  lab = await startLaunchpad();
  client = clientOf(lab);
});

afterAll(() => lab.close());

test("a PATCH with the ETag that was read answers 209 with the bug as it is now", async () => {
  const id = lab.addBug({ tags: ["old"] });
  const { http_etag } = await client.json(`bugs/${id}`);
  const response = await client.patch(
    `bugs/${id}`,
    { tags: ["new", "apport-crash"] },
    { "If-Match": String(http_etag) },
  );
  expect(response.status).toBe(209);
  expect(await response.json()).toMatchObject({ id, tags: ["apport-crash", "new"] });
  expect(lab.bug(id).tags).toEqual(["apport-crash", "new"]);
});

test("a comment in between does not break a PATCH, a changed title does, with 412 and nothing in it", async () => {
  const id = lab.addBug({});
  const { http_etag } = await client.json(`bugs/${id}`);
  const ifMatch = { "If-Match": `${String(http_etag).slice(0, -1)}-gzip"` };
  expect((await client.post(`bugs/${id}`, { "ws.op": "newMessage", content: '"hello"' })).status).toBe(201);
  expect((await client.patch(`bugs/${id}`, { tags: ["one"] }, ifMatch)).status).toBe(209);
  lab.edit(id, (bug) => {
    bug.title = "Another title";
  });
  const refused = await client.patch(`bugs/${id}`, { tags: ["two"] }, ifMatch);
  expect([refused.status, await refused.text()]).toEqual([412, ""]);
  expect(lab.bug(id).tags).toEqual(["one"]);
});

test("one bad attribute, and nothing of a PATCH is applied", async () => {
  const id = lab.addBug({ title: "As it was" });
  const response = await client.patch(`bugs/${id}`, { title: "New", tags: ["UPPER"], heat: 5, nonsense: 1 });
  expect(response.status).toBe(400);
  expect((await response.text()).split("\n")).toEqual([
    "heat: You tried to modify a read-only attribute.",
    "nonsense: You tried to modify a nonexistent attribute.",
  ]);
  expect((await client.patch(`bugs/${id}`, { title: "New", tags: ["UPPER"] })).status).toBe(400);
  expect(lab.bug(id)).toMatchObject({ title: "As it was", tags: [] });
});

test.each([
  ["tags", "too short", ["a"]],
  ["tags", "beginning with a dash", ["-dash"]],
  ["tags", "no list", "a-tag"],
  ["title", "too long", "x".repeat(201)],
  ["title", "a number", 5],
  ["description", "too long", "x".repeat(50_001)],
  ["private", "a word", "yes"],
  ["information_type", "unknown", "Secret"],
  ["duplicate_of_link", "elsewhere", "nowhere"],
])("%s is refused when it is %s", async (name, _how, value) => {
  const response = await client.patch("bugs/10070", { [name]: value });
  expect([response.status, response.headers.get("content-type")]).toEqual([400, "text/plain"]);
  expect(await response.text()).toMatch(new RegExp(`^${name}: `));
});

test("a task that moves to another package has another address: 301, without a body", async () => {
  const id = lab.addBug({ tasks: ["ubuntu", "ubuntu/+source/bash"] });
  const response = await client.patch(`ubuntu/+bug/${id}`, { target_link: `${lab.apiUrl}ubuntu/+source/coreutils` });
  const location = `${lab.apiUrl}ubuntu/+source/coreutils/+bug/${id}`;
  expect([response.status, response.headers.get("location"), await response.text()]).toEqual([301, location, ""]);
  expect(await client.json(location)).toMatchObject({ bug_target_name: "coreutils (Ubuntu)", status: "New" });
  const taken = await client.patch(location, { target_link: `${lab.apiUrl}ubuntu/+source/bash` });
  expect(taken.status).toBe(400);
});

test("a duplicate of itself and a duplicate of a duplicate are refused; followers go with their master", async () => {
  const [one, two, three] = [lab.addBug({}), lab.addBug({}), lab.addBug({})];
  const mark = (id: number, of: number | null): Promise<Response> =>
    client.patch(`bugs/${id}`, { duplicate_of_link: of === null ? null : `${lab.apiUrl}bugs/${of}` });
  expect((await mark(one, one)).status).toBe(400);
  expect((await mark(two, one)).status).toBe(209);
  expect((await mark(three, two)).status).toBe(400);
  expect(await client.json(`bugs/${one}`)).toMatchObject({ number_of_duplicates: 1 });
  expect((await mark(one, three)).status).toBe(209);
  expect([one, two, three].map((id) => lab.bug(id).duplicateOf)).toEqual([three, three, null]);
  expect((await client.json(`bugs/${three}/duplicates`))["total_size"]).toBe(2);
  expect((await mark(two, null)).status).toBe(209);
  expect(lab.bug(two).duplicateOf).toBeNull();
});

test("importance, and a few statuses, are for the bug supervisors", async () => {
  const id = lab.addBug({ tasks: ["coreutils"] });
  const task = `coreutils/+bug/${id}`;
  expect((await client.patch(task, { importance: "High", status: "Confirmed" })).status).toBe(401);
  expect((await client.patch(task, { status: "Triaged" })).status).toBe(401);
  expect(lab.bug(id).tasks).toEqual([{ target: "coreutils", status: "New", importance: "Undecided" }]);
  expect((await client.patch(task, { status: "Fix Released" })).status).toBe(209);
  expect((await client.patch(task, { status: "Finished" })).status).toBe(400);
  const inUbuntu = lab.addBug({ tasks: ["ubuntu/+source/bash"] });
  expect((await client.patch(`ubuntu/+source/bash/+bug/${inUbuntu}`, { importance: "Medium" })).status).toBe(209);
});

test("an attachment is uploaded with CRLF, handed out by the librarian, and removed; its comment stays", async () => {
  const id = lab.addBug({});
  const bytes = Buffer.from("\r\n--xx not the end\0\xff\r\n", "latin1");
  const created = await upload(id, "Core Dump.gz", bytes);
  expect(created.status).toBe(201);
  const attachment = await client.json(String(created.headers.get("location")));
  expect(attachment).toMatchObject({ title: "Core Dump.gz", type: "Unspecified" });
  const redirect = await client.get(String(attachment["data_link"]));
  const location = new URL(String(redirect.headers.get("location")));
  expect([redirect.status, location.origin]).toEqual([303, lab.librarianUrl]);
  expect(decodeURIComponent(location.pathname)).toMatch(/\/Core Dump\.gz$/);
  expect(Buffer.from(await (await fetch(location)).arrayBuffer())).toEqual(bytes);
  const removed = await client.post(String(created.headers.get("location")), { "ws.op": "removeFromBug" });
  expect([removed.status, await removed.text()]).toEqual([200, "null"]);
  expect((await client.get(String(created.headers.get("location")))).status).toBe(404);
  expect(lab.bug(id)).toMatchObject({ attachments: [], comments: [{ content: "for you" }] });
});

test("a wrong media type is 415, an unknown operation 400, an unknown method 405 with what is allowed", async () => {
  expect((await client.patch("bugs/1", {}, { "Content-Type": "text/plain" })).status).toBe(415);
  const unknown = await client.post("bugs/1", { "ws.op": "explode" });
  expect([unknown.status, await unknown.text()]).toEqual([400, "No such operation: explode"]);
  const put = await fetch(`${lab.apiUrl}bugs/1/messages`, { method: "PUT", body: "{}" });
  expect([put.status, put.headers.get("allow")]).toEqual([405, "GET"]);
});

test("text that is valid JSON has to be quoted", async () => {
  const post = (content: string): Promise<Response> => client.post("bugs/10071", { "ws.op": "newMessage", content });
  expect((await post("123")).status).toBe(400);
  expect((await post('"123"')).status).toBe(201);
  expect((await post("plain words")).status).toBe(201);
  expect(lab.bug(10071).comments.map(({ content }) => content)).toEqual(["123", "plain words"]);
});

test("a bug is made, with its tags and its privacy", async () => {
  const response = await client.post("bugs", {
    "ws.op": "createBug",
    title: '"sleep crashed"',
    description: '"ProblemType: Crash"',
    target: JSON.stringify(`${lab.apiUrl}ubuntu`),
    tags: '["need-amd64-retrace","apport-crash"]',
    private: "true",
  });
  expect(response.status).toBe(201);
  const id = Number(/\/bugs\/(\d+)$/.exec(String(response.headers.get("location")))?.[1]);
  expect(lab.bug(id)).toMatchObject({
    title: "sleep crashed",
    owner: "retracer",
    tags: ["apport-crash", "need-amd64-retrace"],
    informationType: "Private",
    tasks: [{ target: "ubuntu" }],
  });
});

function upload(id: number, fileName: string, bytes: Buffer): Promise<Response> {
  const part = (head: string, value: string): string =>
    `--xxx\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}`;
  const texts = {
    "ws.op": "addAttachment",
    comment: '"for you"',
    filename: JSON.stringify(fileName),
    is_patch: "false",
  };
  const parts = Object.entries(texts).map(([name, value]) => `${part(`name="${name}"`, value)}\r\n`);
  const data = part('name="data"; filename="x"', "");
  return fetch(`${lab.apiUrl}bugs/${id}`, {
    method: "POST",
    headers: { "Content-Type": "multipart/form-data; boundary=xxx", Authorization: oauthHeader("any") },
    body: Buffer.concat([Buffer.from(parts.join("") + data), bytes, Buffer.from("\r\n--xxx--\r\n")]),
  });
}
