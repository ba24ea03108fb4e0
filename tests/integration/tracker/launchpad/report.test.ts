import { buffer } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Malformed } from "../../../../src/report/malformed.ts";
import { TransientFailure } from "../../../../src/system/failure.ts";
import type { CrashHeader, Tracker } from "../../../../src/tracker/types.ts";
import type { AttachmentSeed } from "../../../lab/launchpad/make-bug.ts";
import { type LaunchpadLab, startLaunchpad } from "../../../lab/launchpad/start-launchpad.ts";
import { crashAsBug } from "../../../lab/tracker/crash-as-bug.ts";
import { trackerOn } from "../../../lab/tracker/launchpad-client.ts";

let lab: LaunchpadLab;
let tracker: Tracker;
beforeAll(async () => {
  lab = await startLaunchpad({ pageSize: 2 });
  tracker = trackerOn(lab).tracker;
});
afterAll(() => lab.close());

const fields = {
  ProblemType: "Crash",
  Architecture: "amd64",
  ExecutablePath: "/usr/bin/sleep",
  StacktraceAddressSignature: "/usr/bin/sleep:11:x+1",
};
const core = Buffer.from("\x7fELF a core that is long enough to be one", "latin1");

async function headerOf(id: number, by: Tracker = tracker): Promise<CrashHeader> {
  const answer = await by.header(id);
  if (answer.kind === "absent") throw new Error(`bug ${id} is absent`);
  return answer.header;
}

function bugWith(...attachments: readonly AttachmentSeed[]): number {
  return lab.addBug({ ...crashAsBug(fields), attachments });
}

describe("the core", () => {
  test.each([
    ["CoreDump.gz", gzipSync(core)],
    ["CoreDump.zst", zstdCompressSync(core)],
    ["CoreDump.gz", zstdCompressSync(core)],
    ["CoreDump.gz", core],
    ["CoreDump.gz", Buffer.concat([gzipSync(core.subarray(0, 20)), gzipSync(core.subarray(20))])],
  ])("%s comes decoded, whatever it is packed with (%#)", async (fileName, bytes) => {
    const id = bugWith({ fileName, bytes });
    expect((await headerOf(id)).hasCore).toBe(true);
    const stream = await tracker.openCore(id);
    expect(stream === null ? null : await buffer(stream)).toEqual(core);
  });

  test.each([
    ["cut off", gzipSync(core).subarray(0, -9)],
    ["spoiled", Buffer.concat([gzipSync(core).subarray(0, 12), Buffer.alloc(40, 0xff)])],
    ["followed by something else", Buffer.concat([gzipSync(core), Buffer.from("more")])],
  ])("that is %s is the report's fault", async (_how, bytes) => {
    const stream = await tracker.openCore(bugWith({ fileName: "CoreDump.gz", bytes }));
    expect(stream).not.toBeNull();
    if (stream !== null) await expect(buffer(stream)).rejects.toThrow(Malformed);
  });

  test("that is no core by its name is none", async () => {
    const id = bugWith({ fileName: "JournalErrors.gz", bytes: gzipSync(core) });
    expect((await headerOf(id)).hasCore).toBe(false);
    expect(await tracker.openCore(id)).toBeNull();
  });

  test("whose connection breaks off is worth another try", async () => {
    const id = bugWith({ fileName: "CoreDump.gz", bytes: gzipSync(Buffer.alloc(100_000, "core")) });
    lab.fault({ fault: { kind: "truncated", afterBytes: 50 }, route: "GET librarian" });
    const stream = await tracker.openCore(id);
    if (stream !== null) await expect(buffer(stream)).rejects.toThrow(TransientFailure);
  });
});

describe("the header", () => {
  test("has attachments of all pages, each name once, and fetches only what is needed", async () => {
    const names = [
      "CoreDump.gz",
      "Dependencies.txt",
      "ProcMaps.txt",
      "ProcStatus.txt",
      "Stacktrace.txt",
      "Dependencies.txt",
    ];
    const id = bugWith(...names.map((fileName, at) => ({ fileName, bytes: `text ${at}` })));
    lab.forgetRequests();
    const header = await headerOf(id);
    expect(header.attachments.map(({ name }) => name)).toEqual([
      "Dependencies.txt",
      "ProcMaps.txt",
      "ProcStatus.txt",
      "Stacktrace.txt",
    ]);
    expect(lab.hits()["GET librarian"]).toBeUndefined();
    expect(await tracker.laterFields?.(id)).toEqual(new Map([["Dependencies", "text 5"]]));
    expect(lab.hits()["GET librarian"]).toBe(1);
  });

  test("lives with an attachment that is gone from the librarian, and says so in the log", async () => {
    const { tracker: own, log } = trackerOn(lab);
    const id = bugWith({ fileName: "Traceback.txt", bytes: "Traceback" });
    const end = lab.fault({ fault: { kind: "status", status: 404 }, route: "GET librarian", times: 9 });
    expect((await headerOf(id, own)).fields.has("Traceback")).toBe(false);
    end();
    expect(log.join("")).toContain("attachment left out");
  });

  test("of a bug that is gone, or private and not for us, is absent", async () => {
    const id = bugWith();
    const stranger = trackerOn(lab, { token: { permission: "READ_PUBLIC" } }).tracker;
    expect(await stranger.header(id)).toEqual({ kind: "absent" });
    lab.removeBug(id);
    expect(await tracker.header(id)).toEqual({ kind: "absent" });
  });

  test("of a bug without a report has what the bug itself tells", async () => {
    const header = await headerOf(lab.addBug({ description: "Nothing here.", tags: ["apport-crash"] }));
    expect(Object.fromEntries(header.fields)).toMatchObject({ Title: "A bug", Tags: "apport-crash" });
    expect(header).toMatchObject({ hasCore: false, isPrivate: false, importance: "Undecided" });
  });
});
