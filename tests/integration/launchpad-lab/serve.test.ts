import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../lab/temporary.ts";
import { writeCrash } from "../../lab/tracker/crash-file.ts";

const script = join(import.meta.dirname, "../../lab/launchpad/serve.ts");

test("the server says where it is, serves the seed of a file with its reports, and ends when told", async () => {
  await using folder = await temporaryFolder("launchpad-seed");
  writeCrash(folder.path, "sleep.crash", {
    fields: { Title: "sleep crashed", ProcMaps: "a line\n".repeat(9), _Internal: "hidden" },
    binaries: { CoreDump: Buffer.from("a core") },
  });
  const bugs = [{ id: 7, report: "sleep.crash", private: false, comments: [{ content: "hello" }] }, { id: 9 }];
  const seed = join(folder.path, "seed.json");
  await writeFile(join(folder.path, "bash_1_amd64.deb"), "a package");
  const binary = { name: "bash", architecture: "amd64", files: ["bash_1_amd64.deb"] };
  const publications = [{ series: "noble", source: "bash", version: "1", binary }];
  await writeFile(seed, JSON.stringify({ bugs, publications }));
  const server = start("--port", "0", "--seed", seed);
  const url = await readyUrl(server);
  const dump = await (await fetch(`${url}+dump`)).json();
  expect(dump).toMatchObject({
    bugs: [{ id: 7, title: "sleep crashed", comments: [{}, {}, { content: "hello" }] }, { id: 9 }],
  });
  const [bug] = (dump as { bugs: [{ tags: string[]; attachments: { fileName: string }[]; description: string }] }).bugs;
  expect(bug.tags).toEqual(["apport-crash", "need-amd64-retrace"]);
  expect(bug.attachments.map(({ fileName }) => fileName)).toEqual(["CoreDump.gz", "ProcMaps.txt"]);
  expect(bug.description).toContain("\nProblemType: Crash\n");
  expect(bug.description).not.toContain("hidden");
  expect(await (await fetch(`${url}+hits`)).json()).toEqual({ "GET dump": 1, "GET hits": 1 });
  const published = `${url}1.0/ubuntu/+archive/primary?ws.op=getPublishedBinaries&binary_name="bash"`;
  const { entries } = (await (await fetch(published)).json()) as { entries: [{ self_link: string }] };
  const urls = await (await fetch(`${entries[0].self_link}?ws.op=binaryFileUrls`)).json();
  expect(urls).toEqual([expect.stringMatching(/\/bash_1_amd64\.deb$/)]);
  server.kill("SIGTERM");
  expect(await once(server, "exit")).toEqual([0, null]);
});

test.each([
  ["an unknown option", ["--unknown"]],
  ["a port that is none", ["--port", "many"]],
])("%s is answered with the usage", async (_what, args) => {
  expect(await once(start(...args), "exit")).toEqual([2, null]);
});

function start(...args: readonly string[]): ChildProcess {
  const command = ["--disable-warning=ExperimentalWarning", script, ...args];
  return spawn(process.execPath, command, { stdio: ["ignore", "pipe", "ignore"] });
}

async function readyUrl(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error("no stdout");
  const [line] = (await once(createInterface(server.stdout), "line")) as [string];
  return /^ready (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(line)?.[1] ?? `not ready: ${line}`;
}
