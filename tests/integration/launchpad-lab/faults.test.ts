import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LaunchpadFault } from "../../lab/launchpad/launchpad-faults.ts";
import { type LaunchpadLab, startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import { type Client, clientOf } from "./client.ts";

let lab: LaunchpadLab;
let client: Client;

beforeAll(async () => {
  lab = await startLaunchpad();
  client = clientOf(lab);
});

afterAll(() => lab.close());

const comment = { "ws.op": "newMessage", content: '"a comment"' };

test("an answer is lost after the change was made", async () => {
  const id = lab.addBug({});
  lab.fault({ route: "POST bug newMessage", fault: { kind: "lost-answer" } });
  await expect(client.post(`bugs/${id}`, comment)).rejects.toThrow("fetch failed");
  expect(lab.bug(id).comments).toHaveLength(1);
});

test("a service that is away for the second request only, with the time to wait and an OOPS", async () => {
  const id = lab.addBug({});
  lab.fault({ route: /^POST/, nth: 2, fault: { kind: "status", status: 503, headers: { "Retry-After": "900" } } });
  const answers = [];
  for (let request = 0; request < 3; request += 1) answers.push(await client.post(`bugs/${id}`, comment));
  expect(answers.map(({ status }) => status)).toEqual([201, 503, 201]);
  expect(answers[1]?.headers.get("retry-after")).toBe("900");
  expect(answers[1]?.headers.get("x-lazr-oopsid")).toMatch(/^OOPS-/);
  expect(lab.bug(id).comments).toHaveLength(2);
});

test("somebody edits the bug, or the task, just before a PATCH", async () => {
  const id = lab.addBug({ tags: ["was-here"], tasks: ["ubuntu"] });
  for (const [path, change] of [
    [`bugs/${id}`, { tags: ["mine"] }],
    [`ubuntu/+bug/${id}`, { status: "Confirmed" }],
  ] as const) {
    const { http_etag } = await client.json(path);
    lab.fault({ route: /^PATCH/, fault: { kind: "concurrent-edit" } });
    expect((await client.patch(path, change, { "If-Match": String(http_etag) })).status).toBe(412);
  }
  expect(lab.bug(id)).toMatchObject({ tags: ["edited-meanwhile", "was-here"], tasks: [{ status: "New" }] });
});

test("an address that is none is not found, and the server goes on", async () => {
  const response = await fetch(lab.webUrl, { method: "OPTIONS" });
  expect(response.status).toBe(404);
  // What fetch would not send.
  const request = get({ port: new URL(lab.webUrl).port, host: "127.0.0.1", path: "//" });
  const [{ statusCode }] = (await once(request, "response")) as [IncomingMessage];
  request.destroy();
  expect(statusCode).toBe(200);
  expect((await client.get("%ff")).status).toBe(404);
});

test("a download breaks off, of a large file as of a small one", async () => {
  const id = lab.addBug({ attachments: [{ fileName: "Core.gz", bytes: Buffer.alloc(300_000, "x") }] });
  const { entries } = await client.json(`bugs/${id}/attachments`);
  const [{ data_link }] = entries as [{ data_link: string }];
  const location = String((await client.get(data_link)).headers.get("location"));
  lab.fault({ route: "GET librarian", fault: { kind: "truncated", afterBytes: 100_000 } });
  await expect(fetch(location).then((response) => response.arrayBuffer())).rejects.toThrow();
  expect((await (await fetch(location)).arrayBuffer()).byteLength).toBe(300_000);
});

test("JSON that ends too early, a field that is missing, and one that is of another type", async () => {
  const broken = async (fault: LaunchpadFault): Promise<string> => {
    lab.fault({ route: "GET bug", fault });
    return (await client.get("bugs/1")).text();
  };
  const cut = await broken({ kind: "malformed-json" });
  expect(() => JSON.parse(cut)).toThrow(SyntaxError);
  expect(JSON.parse(await broken({ kind: "changed-shape", field: "tags" }))).not.toHaveProperty("tags");
  expect(JSON.parse(await broken({ kind: "changed-shape", field: "tags", to: "none" }))).toMatchObject({
    tags: "none",
  });
});

test("a token is taken back in the middle, until the fault ends", async () => {
  const end = lab.fault({ fault: { kind: "revoked-token" }, nth: 2, times: Infinity });
  const statuses = [];
  for (let request = 0; request < 3; request += 1) statuses.push((await client.get("bugs/1")).status);
  end();
  statuses.push((await client.get("bugs/1")).status);
  expect(statuses).toEqual([200, 401, 401, 200]);
});

test("a request that hangs changes nothing, and ends with the server's connections", async () => {
  await using other = await startLaunchpad();
  other.fault({ fault: { kind: "hang" } });
  const hanging = clientOf(other).post("bugs/1", comment);
  const outcome = hanging.then(
    () => "answered",
    () => "ended",
  );
  while (other.requests().every(({ route }) => route === "")) await new Promise((resolve) => setImmediate(resolve));
  expect(other.bug(1).comments).toEqual([]);
  await other.close();
  expect(await outcome).toBe("ended");
});

test("a rule for a running server comes as JSON, and its own pages are never answered wrongly", async () => {
  await using other = await startLaunchpad();
  const add = (rule: unknown): Promise<Response> =>
    fetch(`${other.webUrl}+fault`, { method: "POST", body: JSON.stringify(rule) });
  expect((await add({ times: 2, fault: { kind: "status", status: 429 } })).status).toBe(200);
  const statuses = [];
  for (const path of ["bugs/1", "/+dump", "bugs/1", "bugs/1"]) statuses.push((await clientOf(other).get(path)).status);
  expect(statuses).toEqual([429, 200, 429, 200]);
  expect((await add({ fault: { kind: "explosion" } })).status).toBe(400);
});

test("a rate with a seed meets the same requests each time", async () => {
  const met = async (seed: string): Promise<string> => {
    const end = lab.fault({ route: "GET bug", rate: 0.3, seed, fault: { kind: "status", status: 502 } });
    const statuses = [];
    for (let request = 0; request < 40; request += 1) statuses.push((await client.get("bugs/1")).status);
    end();
    return statuses.join(" ");
  };
  const first = await met("one");
  expect(first).toContain("502");
  expect(first).toContain("200");
  expect(await met("one")).toBe(first);
  expect(await met("two")).not.toBe(first);
  expect(lab.faultsUsed()["status"]).toBeGreaterThan(2);
});
