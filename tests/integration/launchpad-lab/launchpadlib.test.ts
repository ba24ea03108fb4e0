import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { minimalEnvironment } from "../../../src/system/process.ts";
import { type LaunchpadLab, startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";

let lab: LaunchpadLab;
let folder: TemporaryFolder;
let seen: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  [lab, folder] = [await startLaunchpad({ pageSize: 4 }), await temporaryFolder("launchpadlib")];
  lab.publish({ series: "questing", source: "bash", version: "5.3-1" });
  // The environment is without HTTP_PROXY: launchpadlib would ask it for the loopback server.
  const env = { ...minimalEnvironment, HOME: folder.path };
  const script = join(import.meta.dirname, "with_launchpadlib.py");
  seen = JSON.parse((await tool(["/usr/bin/python3", script, lab.webUrl, folder.path], { env })).toString("utf8"));
});

afterAll(async () => {
  await lab.close();
  await folder.remove();
});

test("launchpadlib logs in and finds its way from the root", () => {
  expect(seen).toMatchObject({
    me: "retracer",
    current: "questing",
    series: ["questing", "plucky", "noble", "jammy", "bionic"],
    projects: { coreutils: ["trunk", "9.0"], "langpack-o-matic": ["trunk"] },
    team: [true, false],
  });
});

test("launchpadlib makes a bug, changes it and comments on it", () => {
  const title = "sleep crashed with SIGSEGV in nanosleep()";
  expect(seen).toMatchObject({
    made: ["sleep crashed", true, "retracer", ["need-amd64-retrace"]],
    saved: [title, ["123", "apport-crash", "need-amd64-retrace"]],
    messages: [
      ["sleep crashed", "It crashed."],
      ["A subject", "A comment"],
    ],
  });
});

test("launchpadlib attaches, downloads from the librarian, and removes", () => {
  expect(seen).toMatchObject({ attachment: ["CoreDump.gz", "CoreDump.gz", true], removed: [true, 0] });
  const atLibrarian = lab.requests().filter(({ route }) => route === "GET librarian");
  expect(atLibrarian.map(({ status }) => status)).toEqual([200]);
});

test("launchpadlib searches, pages, and moves a task", () => {
  expect(seen).toMatchObject({
    found: [true],
    pages: Array.from({ length: 13 }, (_, at) => 10070 + at),
    task: ["bash (Ubuntu)", "Medium", "Triaged"],
    published: ["5.3-1"],
    devel: [1, [true]],
  });
});

test("launchpadlib subscribes and marks a duplicate, and understands each refusal", () => {
  expect(seen).toMatchObject({
    subscribers: ["retracer", "ubuntu-crashes-universe"],
    duplicate: [10070, "Public", [true]],
    "own duplicate refused": true,
    missing: true,
    "second one refused": true,
  });
});

test("what launchpadlib did is in the server's state, bug by bug", () => {
  expect(lab.bug(10083)).toMatchObject({
    duplicateOf: 10070,
    tasks: [{ target: "ubuntu/+source/bash", status: "Triaged", importance: "Medium" }],
    attachments: [],
    comments: [{ subject: "A subject", content: "A comment" }, { content: "" }],
  });
  expect(lab.bug(1).owner).not.toBe("retracer");
  expect(lab.dump().bugs.map(({ id }) => id)).toEqual([1, ...Array.from({ length: 14 }, (_, at) => 10070 + at)]);
});
