import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "../../lab/server.ts";
import { temporaryFolder } from "../../lab/temporary.ts";

async function served(text: string) {
  const folder = await temporaryFolder("lab-server");
  await writeFile(join(folder.path, "sheet"), text);
  await utimes(join(folder.path, "sheet"), 1_700_000_000, 1_700_000_000);
  const server = await startServer(folder.path);
  const dispose = async (): Promise<void> => {
    await server.close();
    await folder.remove();
  };
  return { url: `${server.url}/sheet`, server, folder, [Symbol.asyncDispose]: dispose };
}

test("the server serves files, ranges of them, and says what has not changed", async () => {
  await using lab = await served("0123456789");
  expect(await (await fetch(lab.url)).text()).toBe("0123456789");
  const part = await fetch(lab.url, { headers: { Range: "bytes=4-" } });
  expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([206, "bytes 4-9/10", "456789"]);
  const beyond = await fetch(lab.url, { headers: { Range: "bytes=10-" } });
  expect(beyond.status).toBe(416);
  const since = part.headers.get("last-modified") ?? "";
  expect((await fetch(lab.url, { headers: { "If-Modified-Since": since } })).status).toBe(304);
  const changed = { Range: "bytes=4-", "If-Range": new Date(0).toUTCString() };
  expect((await fetch(lab.url, { headers: changed })).status).toBe(200);
});

test("the server never leaves its folder", async () => {
  await using lab = await served("0123456789");
  expect((await fetch(`${lab.server.url}/..%2f..%2f..%2fetc%2fpasswd`)).status).toBe(404);
  expect((await fetch(`${lab.server.url}/`)).status).toBe(404);
});

test("the server counts requests and bytes for each path", async () => {
  await using lab = await served("0123456789");
  await (await fetch(lab.url)).text();
  await (await fetch(lab.url, { headers: { Range: "bytes=0-3" } })).text();
  await (await fetch(`${lab.server.url}/nothing`)).text();
  expect(lab.server.hits(/sheet/)).toEqual([
    { method: "GET", path: "/sheet", status: 200, bytes: 10 },
    { method: "GET", path: "/sheet", status: 206, bytes: 4 },
  ]);
  expect(lab.server.hits()).toHaveLength(3);
});

test("closing ends a request that hangs", async () => {
  await using lab = await served("0123456789");
  lab.server.misbehave(/sheet/, { kind: "hang" });
  const pending = fetch(lab.url).then(
    () => "answered",
    () => "ended",
  );
  await expect.poll(() => lab.server.hits(/sheet/).length).toBe(1);
  await lab.server.close();
  expect(await pending).toBe("ended");
});

test("misbehaviour ends when it is told to", async () => {
  await using lab = await served("0123456789");
  const end = lab.server.misbehave(/sheet/, { kind: "status", status: 503, headers: { "Retry-After": "7" } });
  const refused = await fetch(lab.url);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "7"]);
  end();
  expect((await fetch(lab.url)).status).toBe(200);
});
