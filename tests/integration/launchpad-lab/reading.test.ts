import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LaunchpadLab, startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import { type Client, clientOf } from "./client.ts";

let lab: LaunchpadLab;
let client: Client;

beforeAll(async () => {
  lab = await startLaunchpad({ pageSize: 5 });
  client = clientOf(lab);
});

afterAll(() => lab.close());

test("an entry that the caller has already is 304", async () => {
  const { http_etag } = await client.json("bugs/10070");
  const again = await client.get("bugs/10070", { "If-None-Match": String(http_etag) });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

test("a private bug is missing to those who may not see it, and counted in what they find", async () => {
  const id = lab.addBug({ tags: ["hidden"], private: true, attachments: [{ fileName: "Core.gz", bytes: "x" }] });
  const publicOnly = clientOf(lab, { token: tokenIn(lab.credentials({ permission: "WRITE_PUBLIC" })) });
  const search = 'ubuntu?ws.op=searchTasks&tags=["hidden"]';
  expect(await publicOnly.json(search)).toMatchObject({ total_size: 1, entries: [] });
  expect(await client.json(search)).toMatchObject({
    total_size: 1,
    entries: [{ bug_link: `${lab.apiUrl}bugs/${id}` }],
  });
  expect([(await publicOnly.get(`bugs/${id}`)).status, (await publicOnly.get("bugs/4711")).status]).toEqual([404, 404]);
});

test("the librarian wants the token of a private file, for as long as it is good", async () => {
  const id = lab.addBug({ private: true, attachments: [{ fileName: "Core.gz", bytes: "secret" }] });
  const { entries } = await client.json(`bugs/${id}/attachments`);
  const [{ data_link }] = entries as [{ data_link: string }];
  const location = new URL(String((await client.get(data_link)).headers.get("location")));
  expect(location.searchParams.get("token")).toMatch(/^[0-9a-f]{32}$/);
  expect(await (await fetch(location)).text()).toBe("secret");
  expect((await fetch(location.href.replace(/\?.*/, ""))).status).toBe(404);
  lab.expireLibrarianTokens();
  expect((await fetch(location)).status).toBe(404);
});

test("a search has pages to follow, of 300 at most", async () => {
  const ids: number[] = [];
  let next: unknown = "ubuntu/+source/coreutils?ws.op=searchTasks&order_by=id";
  for (let pages = 0; typeof next === "string" && pages < 10; pages += 1) {
    const page = await client.json(next);
    ids.push(...(page["entries"] as { self_link: string }[]).map(idOf));
    next = page["next_collection_link"];
  }
  expect(ids).toEqual(Array.from({ length: 13 }, (_, at) => 10070 + at));
  expect((await client.get("ubuntu?ws.op=searchTasks&ws.size=301")).status).toBe(400);
  expect(((await client.json("ubuntu?ws.op=searchTasks&ws.size=300"))["entries"] as unknown[]).length).toBeGreaterThan(
    12,
  );
});

test("devel does not count: it gives an address to ask for the number", async () => {
  const devel = clientOf(lab, { devel: true });
  const found = await devel.json("ubuntu/+source/coreutils?ws.op=searchTasks");
  expect(found["total_size"]).toBeUndefined();
  expect(await devel.json(String(found["total_size_link"]))).toBe(13);
  expect((await client.get("/2.0/bugs/1")).status).toBe(404);
});

test("a search leaves out what is resolved, a duplicate, or of a series, unless it is asked for", async () => {
  const tags = ["defaults"];
  const series = { target: "ubuntu/noble/+source/bash" };
  const [open, fixed, inSeries] = [
    lab.addBug({ tags, tasks: ["ubuntu/+source/bash"] }),
    lab.addBug({ tags, tasks: [{ target: "ubuntu/+source/bash", status: "Fix Released" }] }),
    lab.addBug({ tags, tasks: [series] }),
  ];
  const duplicate = lab.addBug({ tags, duplicateOf: open });
  const find = async (more: string, devel = false): Promise<readonly number[]> => {
    const found = await clientOf(lab, { devel }).json(`ubuntu?ws.op=searchTasks&tags=["defaults"]&order_by=id${more}`);
    return (found["entries"] as { self_link: string }[]).map(idOf);
  };
  expect(await find("")).toEqual([open]);
  expect(await find("", true)).toEqual([open, inSeries]);
  expect(await find("&omit_duplicates=false")).toEqual([open, duplicate]);
  expect(await find('&status=["Fix Released","New"]')).toEqual([open, fixed]);
  expect((await client.get("ubuntu?ws.op=searchTasks&status=Finished")).status).toBe(400);
});

test("tags combine to any or all, and since means strictly later", async () => {
  const [one, both] = [lab.addBug({ tags: ["aa"] }), lab.addBug({ tags: ["aa", "bb"] })];
  const find = async (more: string): Promise<readonly number[]> => {
    const found = await client.json(`ubuntu?ws.op=searchTasks&tags=["aa","bb"]&order_by=id${more}`);
    return (found["entries"] as { self_link: string }[]).map(idOf);
  };
  expect(await find("")).toEqual([one, both]);
  expect(await find("&tags_combinator=All")).toEqual([both]);
  const { date_last_updated } = await client.json(`bugs/${one}`);
  const since = encodeURIComponent(String(date_last_updated));
  expect(await find(`&modified_since=${since}`)).toEqual([both]);
  lab.edit(one, (bug) => {
    bug.title = "Touched";
  });
  expect(await find(`&modified_since=${since}`)).toEqual([one, both]);
});

test("series, publications and the files of a binary are found", async () => {
  lab.publish({ series: "noble", source: "bash", version: "5.2-1" });
  lab.publish({ series: "noble", source: "bash", version: "5.2-2", pocket: "Updates" });
  const binary = { name: "bash", architecture: "amd64", files: [{ name: "bash_5.2-1_amd64.deb", bytes: "a package" }] };
  lab.publish({ series: "noble", source: "bash", version: "5.2-1", binary });
  const archive = "ubuntu/+archive/primary?exact_match=true&ws.op=getPublished";
  const sources = await client.json(`${archive}Sources&source_name="bash"&distro_series="${lab.apiUrl}ubuntu/noble"`);
  expect(sources["entries"]).toMatchObject([{ source_package_version: "5.2-2" }, { source_package_version: "5.2-1" }]);
  const binaries = await client.json(
    `${archive}Binaries&binary_name="bash"&version="5.2-1"&distro_arch_series="${lab.apiUrl}ubuntu/noble/amd64"`,
  );
  const [{ self_link }] = binaries["entries"] as [{ self_link: string }];
  const urls = (await client.json(`${self_link}?ws.op=binaryFileUrls`)) as unknown as readonly string[];
  expect(await (await fetch(String(urls[0]))).text()).toBe("a package");
  const sha256 = createHash("sha256").update("a package").digest("hex");
  expect(await client.json(`${self_link}?ws.op=binaryFileUrls&include_meta=true`)).toMatchObject([
    { url: urls[0], size: 9, sha256 },
  ]);
  expect(await client.json("ubuntu/series")).toMatchObject({
    total_size: 5,
    entries: [{ status: "Active Development" }, {}, {}, {}, {}],
  });
  expect(await client.json('ubuntu?ws.op=getSourcePackage&name="any-thing"')).toMatchObject({ name: "any-thing" });
  expect(await client.json('ubuntu?ws.op=getSourcePackage&name="No Package"')).toBeNull();
});

test("public bugs can be read as text, one by one and as a list of numbers", async () => {
  const id = lab.addBug({ title: "As text", tags: ["as-text"], comments: [{ content: "a comment" }] });
  const hidden = lab.addBug({ tags: ["as-text"], private: true });
  expect(await (await client.get(`/ubuntu/+bugs-text?field.tag=as-text`)).text()).toBe(`${id}\n`);
  const text = await (await client.get(`/bugs/${id}/+text`)).text();
  expect(text).toContain(`bug: ${id}\ntitle: As text\n`);
  expect(text).toContain("\na comment\n");
  expect((await client.get(`/bugs/${hidden}/+text`)).status).toBe(404);
});

test("every request is counted by its route, and none at the librarian has credentials unless they were sent", () => {
  expect(lab.hits()).toMatchObject({ "GET bug as text": 2, "GET series list": 1, "GET librarian": 4 });
  expect(lab.requests().filter(({ route, hasAuthorization }) => route === "GET librarian" && hasAuthorization)).toEqual(
    [],
  );
});

function idOf({ self_link }: { readonly self_link: string }): number {
  return Number(/\/(\d+)$/.exec(self_link)?.[1]);
}

function tokenIn(credentials: string): string {
  const value = (name: string): string => new RegExp(`^${name} = (.*)$`, "m").exec(credentials)?.[1] ?? "";
  return `${value("access_token")}:${value("access_secret")}`;
}
