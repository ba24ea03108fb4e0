import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LocalTracker, openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";
import { type CrashSeed, crashText, writeCrash } from "../../lab/tracker/crash-file.ts";

let folder: string;
let tracker: LocalTracker;
const core = Buffer.alloc(300_000, "a core that is no core, ");
const host = { hostArchitecture: "amd64" };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "submit-test-"));
  tracker = await openLocalTracker(join(folder, "tracker"));
});
afterEach(async () => {
  await tracker.close();
  await rm(folder, { recursive: true });
});

const filesIn = (name: string): Promise<string[]> => readdir(join(folder, "tracker", name));

async function file(seed: CrashSeed, hostArchitecture = "amd64"): Promise<number> {
  const result = await tracker.submit(writeCrash(folder, "a.crash", seed), { hostArchitecture });
  if (result.kind === "refused") throw new Error(result.fault.message);
  return result.id;
}

test("a filed crash leaves nothing behind but its core", async () => {
  await file({ binaries: { CoreDump: core } });
  expect(await filesIn("incoming")).toEqual([]);
  expect(await filesIn("files")).toHaveLength(1);
});

test("the core is kept compressed, under a name of ours", async () => {
  await file({ fields: { ExecutablePath: "/usr/bin/../../etc/passwd" }, binaries: { CoreDump: core } });
  expect((await filesIn("files"))[0]).toMatch(/^[0-9a-f-]{36}-0\.zst$/);
});

test("a report from a stream is filed as one from a file", async () => {
  const text = crashText({ binaries: { CoreDump: core } });
  const result = await tracker.submit(Readable.from([text.slice(0, 1000), text.slice(1000)]), host);
  expect(result).toMatchObject({ kind: "filed", id: 1 });
  expect(await buffer((await tracker.openCore(1)) as Readable)).toEqual(core);
});

test("a report that is cut off is refused with its place, and leaves nothing", async () => {
  const whole = crashText({ binaries: { CoreDump: core } });
  const result = await tracker.submit(Readable.from([whole.slice(0, -201)]), host);
  expect(result).toMatchObject({ kind: "refused", fault: { kind: "truncated", field: "CoreDump" } });
  expect(await filesIn("incoming")).toEqual([]);
  expect(await filesIn("files")).toEqual([]);
  expect(await tracker.list({})).toEqual([]);
});

test("a report without an architecture, or with a word that is none, waits for this machine's", async () => {
  const missing = await file({ fields: { Architecture: undefined }, binaries: { CoreDump: core } }, "riscv64");
  const strange = await file({ fields: { Architecture: "../x y" }, binaries: { CoreDump: core } }, "riscv64");
  expect(await tracker.pending("riscv64")).toEqual([missing, strange]);
});

test("a kernel's core is a core", async () => {
  const id = await file({ fields: { ProblemType: "KernelCrash" }, binaries: { VmCore: core } });
  expect(await tracker.pending("amd64")).toEqual([id]);
  expect(await buffer((await tracker.openCore(id)) as Readable)).toEqual(core);
});

test("the reporter's tags are kept, but not those that steer the work list", async () => {
  const id = await file({ fields: { Tags: "noble need-armhf-retrace need-duplicate-check BAD; x! wayland-session" } });
  expect((await tracker.show(id))?.header.tags).toEqual(["need-duplicate-check", "noble", "wayland-session"]);
  expect(await tracker.pending("armhf")).toEqual([]);
});

test("other binary fields are attachments that can be removed, and with them their files", async () => {
  const id = await file({ binaries: { CoreDump: core, Screenshot: Buffer.from("png") } });
  expect((await tracker.show(id))?.header.attachments).toEqual([{ name: "Screenshot.zst", sizeBytes: 3 }]);
  await tracker.apply(id, { kind: "remove-attachments", names: ["Screenshot.zst"] });
  expect((await tracker.show(id))?.header).toMatchObject({ attachments: [], hasCore: true });
  expect(await filesIn("files")).toHaveLength(1);
});

test("a core is not removed as an attachment", async () => {
  const id = await file({ binaries: { CoreDump: core } });
  await tracker.apply(id, { kind: "remove-attachments", names: ["CoreDump.zst"] });
  expect((await tracker.show(id))?.header.hasCore).toBe(true);
});

test("a removed core's file is gone from the disk", async () => {
  const id = await file({ binaries: { CoreDump: core } });
  await tracker.apply(id, { kind: "remove-core" });
  expect(await filesIn("files")).toEqual([]);
});

test("every field comes back byte for byte, also what is no UTF-8", async () => {
  const fields = {
    ProcCmdline: "cat caf\udce9 \u0001\u007f",
    ProcEnviron: "LANG=de_DE\nPATH=/bin",
    Long: Array.from({ length: 40 }, (_, n) => `line ${n} \udcff`).join("\n"),
    _Internal: "x\n".repeat(30).trim(),
  };
  const text = Buffer.from(crashText({ fields }).replaceAll(/[\udc80-\udcff]/g, "\u00a4"), "utf8").toString("latin1");
  const bytes = Buffer.from(
    text.replace("caf\u00c2\u00a4", "caf\u00e9").replaceAll("\u00c2\u00a4", "\u00ff"),
    "latin1",
  );
  await tracker.submit(Readable.from([bytes]), host);
  const found = (await tracker.show(1))?.header;
  for (const [name, value] of Object.entries(fields)) expect(found?.fields.get(name)).toBe(value);
  expect(found?.attachments.map(({ name }) => name)).toEqual(["Long.txt"]);
});

test("a submission under way is left alone by others who open the tracker", async () => {
  const report = crashText({ binaries: { CoreDump: core } });
  const spooling = Promise.withResolvers<void>();
  const others = Promise.withResolvers<void>();
  async function* slowly(): AsyncGenerator<string> {
    yield report.slice(0, -100);
    spooling.resolve();
    await others.promise;
    yield report.slice(-100);
  }
  const submitting = tracker.submit(Readable.from(slowly()), host);
  await spooling.promise;
  await (await openLocalTracker(join(folder, "tracker"))).close();
  expect(await filesIn("incoming")).toHaveLength(1);
  others.resolve();
  expect(await submitting).toMatchObject({ kind: "filed" });
});

test("what another container's process is doing is left alone for a day", async () => {
  const name = "1-4711-12345-0b0e7f4e-6f1c-4c5a-9a54-6a2d1a5e5d11";
  const path = join(folder, "tracker/incoming", name);
  await mkdir(path);
  const openIn = async (hours: number): Promise<void> => {
    const now = (): Date => new Date(Date.now() + hours * 3_600_000);
    const clock = { now, monotonicMs: () => 0 };
    await (await openLocalTracker(join(folder, "tracker"), { clock })).close();
  };
  await openIn(1);
  expect(existsSync(path)).toBe(true);
  await openIn(25);
  expect(existsSync(path)).toBe(false);
});

test("a stranger's file among the submissions is not ours to remove", async () => {
  const path = join(folder, "tracker/incoming/notes");
  await mkdir(path);
  await (await openLocalTracker(join(folder, "tracker"))).close();
  expect(existsSync(path)).toBe(true);
});
