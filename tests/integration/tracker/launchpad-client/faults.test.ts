import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { systemClock } from "../../../../src/system/clock.ts";
import { messageOf, ServiceFailure, TransientFailure } from "../../../../src/system/failure.ts";
import { parseCredentials } from "../../../../src/tracker/launchpad/client/credentials.ts";
import { operationUrl } from "../../../../src/tracker/launchpad/client/operation-url.ts";
import type { LaunchpadFault } from "../../../lab/launchpad/launchpad-faults.ts";
import { type LaunchpadLab, startLaunchpad } from "../../../lab/launchpad/start-launchpad.ts";
import { type ClientLab, clientFor } from "./scripted-server.ts";

// The client against a whole Launchpad that misbehaves, where answers and what is stored belong together.

const bugSchema = z.object({
  self_link: z.string(),
  http_etag: z.string(),
  title: z.string(),
  tags: z.array(z.string()),
});
const messageSchema = z.object({ self_link: z.string(), content: z.string() });
const attachmentSchema = z.object({ self_link: z.string(), title: z.string(), data_link: z.string() });
const core = randomBytes(200_000);

let launchpad: LaunchpadLab;
let bug: number;
let lab: ClientLab;
let url: string;

beforeEach(async () => {
  launchpad = await startLaunchpad();
  bug = launchpad.addBug({ tags: ["need-amd64-retrace"], attachments: [{ fileName: "CoreDump.gz", bytes: core }] });
  lab = clientAs({});
  url = lab.client.url("1.0", `bugs/${bug}`);
});

afterEach(() => launchpad.close());

function clientAs(options: Parameters<LaunchpadLab["credentials"]>[0]): ClientLab {
  const credentials = parseCredentials(launchpad.credentials(options));
  if ("fault" in credentials) throw new Error(credentials.fault);
  return clientFor(launchpad.webUrl, { credentials, limits: { exchangeMs: 400, stallMs: 400 } });
}

function comment(content: string) {
  const isThere = async (): Promise<boolean> => {
    const messages = await lab.client.list(`${url}/messages`, messageSchema);
    return messages?.some((message) => message.content === content) ?? false;
  };
  return lab.client.post(url, "newMessage", { subject: "s", content }, isThere);
}

function attach(fileName: string) {
  const isThere = async (): Promise<boolean> => {
    const attachments = await lab.client.list(`${url}/attachments`, attachmentSchema);
    return attachments?.some(({ title }) => title === fileName) ?? false;
  };
  return lab.client.upload(url, { fileName, description: fileName, comment: "", content: { text: "#0" } }, isThere);
}

function untag() {
  return lab.client.change(url, bugSchema, ({ tags }) =>
    tags.includes("need-amd64-retrace") ? { tags: tags.filter((tag) => tag !== "need-amd64-retrace") } : null,
  );
}

async function coreBytes(): Promise<Buffer> {
  const [attachment] = (await lab.client.list(`${url}/attachments`, attachmentSchema)) ?? [];
  const file = await lab.client.download(attachment?.data_link ?? "", core.length);
  if (file === null) throw new Error("no core");
  return await buffer(file.body);
}

const passing: readonly LaunchpadFault[] = [
  { kind: "lost-answer" },
  { kind: "reset" },
  { kind: "hang" },
  { kind: "hang", afterHeaders: true },
  { kind: "truncated" },
  { kind: "drip", bytesPerPiece: 1, pauseMs: 50 },
  { kind: "malformed-json" },
  { kind: "concurrent-edit" },
  { kind: "status", status: 429 },
  { kind: "status", status: 500 },
  { kind: "status", status: 502 },
  { kind: "status", status: 503, headers: { "Retry-After": "900" } },
];

test.each(passing.map((fault) => [JSON.stringify(fault), fault] as const))(
  "%s at each request in turn: one comment, one attachment, no tag of anybody lost, the whole core",
  async (_name, fault) => {
    // Each request has its fault once, so that every step meets it and is then allowed to succeed.
    for (const route of ["POST bug newMessage", "POST bug addAttachment", "PATCH bug", "GET bug"]) {
      launchpad.fault({ fault, route });
    }
    expect(["done", "already"]).toContain((await comment("found it")).kind);
    expect(["done", "already"]).toContain((await attach("Stacktrace.txt")).kind);
    launchpad.edit(bug, (edited) => {
      edited.tags = [...edited.tags, "theirs"];
    });
    expect(["changed", "unchanged"]).toContain((await untag()).kind);
    const { comments, attachments, tags } = launchpad.bug(bug);
    expect(comments.filter(({ content }) => content === "found it")).toHaveLength(1);
    expect(attachments.map(({ title }) => title)).toEqual(["CoreDump.gz", "Stacktrace.txt"]);
    expect(tags).toContain("theirs");
    expect(tags).not.toContain("need-amd64-retrace");
    expect(Object.values(launchpad.faultsUsed())).toEqual([expect.any(Number)]);
    expect((await coreBytes()).equals(core)).toBe(true);
  },
);

test.each<LaunchpadFault>([{ kind: "truncated" }, { kind: "drip", bytesPerPiece: 1, pauseMs: 20 }])(
  "a librarian with $kind in mid-download: a passing failure, and all of it the next time",
  async (fault) => {
    const limits = { exchangeMs: 2000, stallMs: 300, slowestBytesPerSecond: 1e9 };
    lab = clientFor(launchpad.webUrl, { limits, clock: systemClock });
    launchpad.fault({ fault, route: "GET librarian" });
    await expect(coreBytes().then(({ length }) => length)).rejects.toThrow(TransientFailure);
    expect((await coreBytes()).equals(core)).toBe(true);
  },
);

test("the librarian never sees the token", async () => {
  launchpad.edit(bug, (edited) => {
    edited.informationType = "Private";
  });
  expect((await coreBytes()).equals(core)).toBe(true);
  const toLibrarian = launchpad.requests().filter(({ route }) => route === "GET librarian");
  expect(toLibrarian.map(({ hasAuthorization }) => hasAuthorization)).toEqual([false]);
});

test("a token for public bugs finds no private one, and fewer entries than total_size is no fault", async () => {
  const hidden = launchpad.addBug({ tags: ["need-amd64-retrace"], private: true });
  const { client } = clientAs({ permission: "WRITE_PUBLIC" });
  expect(await client.get(client.url("1.0", `bugs/${hidden}`), bugSchema)).toBeNull();
  const args = { tags: ["need-amd64-retrace"], status: ["New", "Triaged"], "ws.size": 1 };
  const search = operationUrl(client.url("devel", "ubuntu"), "searchTasks", args);
  const tasks = await client.list(search, z.object({ self_link: z.string() }));
  expect(tasks?.map(({ self_link }) => Number(self_link.split("/").at(-1)))).toEqual([bug]);
});

test("a shape that changed names the field and the address, in a comment's answer as in a change's", async () => {
  launchpad.fault({ fault: { kind: "changed-shape", field: "tags", to: "a b" }, times: 5 });
  const failure = await untag().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect(messageOf(failure)).toContain(`GET ${url} is not what it used to be: tags: `);
});

test("no way to fail shows the token or its secret: not in messages, stacks or the log", async () => {
  const text = launchpad.credentials();
  const credentials = parseCredentials(text);
  if ("fault" in credentials) throw new Error(credentials.fault);
  const shown: string[] = [];
  const echo = Buffer.from(`Invalid: ${credentials.token} &${credentials.tokenSecret} ${encodeURIComponent(text)}`);
  const faults: readonly LaunchpadFault[] = [
    ...passing,
    { kind: "revoked-token" },
    { kind: "changed-shape", field: "tags" },
    { kind: "redirect-loop" },
    { kind: "redirect-without-end" },
    { kind: "other-body", body: echo },
    { kind: "wrong-bytes" },
    ...[400, 401, 403, 405, 415].map((status) => ({ kind: "status" as const, status })),
  ];
  for (const fault of faults) {
    lab = clientFor(launchpad.webUrl, { credentials, limits: { exchangeMs: 50, tries: 2 } });
    const stop = launchpad.fault({ fault, times: 1000 });
    for (const call of [() => comment("x"), () => attach("x"), untag, coreBytes, () => lab.client.whoAmI()]) {
      const result = await call().catch((error: unknown) => error);
      shown.push(result instanceof Error ? `${result.stack} ${messageOf(result.cause)}` : JSON.stringify(result));
    }
    shown.push(...lab.logged);
    stop();
  }
  const all = shown.join("\n");
  expect(all).not.toContain(credentials.token);
  expect(all).not.toContain(credentials.tokenSecret);
  expect(all).toContain("(secret)");
});
