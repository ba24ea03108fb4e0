import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { renderCrash } from "../../src/cli/tracker/show-crash.ts";
import { type LocalTracker, openLocalTracker } from "../../src/tracker/local/local-tracker.ts";
import type { Edit } from "../../src/tracker/types.ts";
import { writeCrash } from "../lab/tracker/crash-file.ts";
import { makeTrackerWorld, type TrackerWorld } from "../lab/tracker/tracker-world.ts";

/** Texts that do harm where they are taken for a path, a statement, a pattern or a terminal's command. */
const nasty = [
  "../../../../tmp/escaped-by-crash",
  "/etc/passwd\u0000.crash",
  "'; DROP TABLE crash; --",
  '"; DELETE FROM crash WHERE 1=1; --',
  "\u001b]0;owned\u0007\u001b[2J\u001b[31mred",
  "c1 \u009b31m and del \u007f",
  "right to left \u202egnp.exe",
  "$(touch /tmp/owned) `id` $HOME %n%s",
  "a\r\nX-Header: b",
  "__proto__ constructor",
  "ü€😀",
] as const;

// What a terminal would act upon: everything below a blank but line breaks, DEL, C1, and marks that reorder text.
const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const core = Buffer.from("core");

/** What a person sees of the crashes with these numbers. */
async function seen(world: TrackerWorld, ids: readonly number[]): Promise<string> {
  const tracker = await openLocalTracker(world.trackerFolder);
  const crashes = await Promise.all(ids.map((id) => tracker.show(id)));
  await tracker.close();
  const texts = crashes.map((crash) => (crash === null ? "" : renderCrash(crash)));
  for (const command of [["list"], ["list", "--json"], ["show", "1"], ["show", "1", "--json"]]) {
    const result = await world.cli(command);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    texts.push(result.stdout.toString());
  }
  return texts.join("");
}

test("reports full of hostile texts are filed, shown and listed without harm", async () => {
  await using world = await makeTrackerWorld();
  const names = ["Title", "ExecutablePath", "Package", "Architecture", "Tags", "Signal", "SignalName", "Nasty"];
  const texts = nasty.map((text) => text.replaceAll(/[\r\n\0]/g, " "));
  const longOf = (text: string): string => Array.from({ length: 9 }, () => text).join("\n");
  const reports = texts.map((text, n) => {
    const fields = { ...Object.fromEntries(names.map((name) => [name, text])), Stacktrace: longOf(text) };
    return writeCrash(world.folder, `${n}.crash`, { fields, binaries: { CoreDump: core } });
  });
  const before = await readdir(world.folder);
  const ids = texts.map((_, n) => n + 1);
  const result = await world.cli(["submit", ...reports]);
  expect([result.exitCode, result.stdout.toString(), result.stderr]).toEqual([0, `${ids.join("\n")}\n`, ""]);
  expect(await seen(world, ids)).not.toMatch(harmful);
  const tracker = await openLocalTracker(world.trackerFolder);
  for (const [n, id] of ids.entries()) {
    expect((await tracker.show(id))?.header.fields.get("Stacktrace")).toBe(longOf(texts[n] ?? ""));
    expect(await buffer((await tracker.openCore(id)) as Readable)).toEqual(core);
  }
  await tracker.close();
  expect(await readdir(join(world.trackerFolder, "files"))).toHaveLength(texts.length);
  expect((await readdir(world.folder)).sort()).toEqual([...before, "state"].sort());
});

test("edits full of hostile texts change what they say and nothing else", async () => {
  await using world = await makeTrackerWorld();
  const report = writeCrash(world.folder, "a.crash", { binaries: { CoreDump: core } });
  const tracker = await openLocalTracker(world.trackerFolder);
  await tracker.submit(report, { hostArchitecture: "amd64" });
  await tracker.submit(report, { hostArchitecture: "amd64" });
  for (const text of nasty) await expectHarmless(tracker, text);
  expect((await tracker.show(2))?.header).toMatchObject({ status: { kind: "open" }, tags: ["need-amd64-retrace"] });
  await tracker.close();
  expect(await seen(world, [1, 2])).not.toMatch(harmful);
  expect(existsSync("/tmp/escaped-by-crash")).toBe(false);
});

async function expectHarmless(tracker: LocalTracker, text: string): Promise<void> {
  const edits: readonly Edit[] = [
    { kind: "comment", marker: text, subject: text, body: text },
    { kind: "attach", name: text, text },
    { kind: "attach", name: "Nasty.txt", text },
    { kind: "add-tags", tags: [text] },
    { kind: "set-title", title: text },
    { kind: "set-status", status: { kind: "fixed", version: text } },
  ];
  for (const edit of edits) {
    expect((await tracker.apply(1, edit)).kind).toBe("done");
    expect((await tracker.apply(1, edit)).kind).toBe("already");
  }
  const crash = await tracker.show(1);
  expect(crash?.comments.at(-1)).toMatchObject({ subject: text, body: text });
  expect(crash?.attachmentTexts.get(text)).toBe(text);
  expect(crash?.header.status).toEqual({ kind: "fixed", version: text });
  expect(crash?.header.tags).toContain(text);
  expect(await tracker.pending(text)).toEqual([]);
}

test("a report's file name with terminal escapes is printed without them", async () => {
  await using world = await makeTrackerWorld();
  const good = writeCrash(world.folder, "\u001b[31mred\nline.crash");
  const bad = writeCrash(world.folder, "\u001b[2J.crash", { fields: { "no key": "\u001b[2J" } });
  const result = await world.cli(["submit", good, bad]);
  expect(result.exitCode).toBe(1);
  expect(result.stdout.toString() + result.stderr).not.toMatch(harmful);
});

test("fields named like an object's own members are fields like others", async () => {
  await using world = await makeTrackerWorld();
  const fields = Object.fromEntries(
    ["__proto__", "constructor", "toString", "hasOwnProperty"].map((name) => [name, "x"]),
  );
  expect((await world.cli(["submit", writeCrash(world.folder, "a.crash", { fields })])).exitCode).toBe(0);
  expect((await world.cli(["show", "1", "--field", "constructor"])).stdout.toString()).toBe("x\n");
});

test("a report with thousands of fields and long lines is filed", async () => {
  await using world = await makeTrackerWorld();
  const fields = Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`Key${n}`, "y".repeat(n)]));
  expect((await world.cli(["submit", writeCrash(world.folder, "a.crash", { fields })])).exitCode).toBe(0);
  expect((await world.cli(["show", "1", "--field", "Key2999"])).stdout.toString()).toBe(`${"y".repeat(2999)}\n`);
});
