import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLocalTracker } from "../../src/tracker/local/local-tracker.ts";
import type { Edit } from "../../src/tracker/types.ts";
import { type CrashSeed, crashText, writeCrash } from "../lab/tracker/crash-file.ts";
import { jsonLines, makeTrackerWorld, type TrackerWorld } from "../lab/tracker/tracker-world.ts";

let world: TrackerWorld;
const withCore = { binaries: { CoreDump: Buffer.from("core") } };

beforeEach(async () => {
  world = await makeTrackerWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** Runs the command; gives what it printed, and fails unless it ended with the exit code. */
async function cli(args: readonly string[], exitCode = 0): Promise<string> {
  const result = await world.cli(args);
  expect([result.exitCode, exitCode === 0 ? result.stderr : ""], result.stderr).toEqual([exitCode, ""]);
  return exitCode === 0 ? result.stdout.toString() : result.stderr;
}

/** Files crashes without the command, which takes a while to start. */
async function submitted(count: number, seed: CrashSeed = withCore): Promise<void> {
  const tracker = await openLocalTracker(world.trackerFolder);
  const report = writeCrash(world.folder, "seed.crash", seed);
  for (let n = 0; n < count; n += 1) await tracker.submit(report, { hostArchitecture: "amd64" });
  await tracker.close();
}

/** Does to a crash what a batch would do. */
async function edited(id: number, ...edits: readonly Edit[]): Promise<void> {
  const tracker = await openLocalTracker(world.trackerFolder);
  for (const edit of edits) await tracker.apply(id, edit);
  await tracker.close();
}

test("submit prints the number of each crash on a line of its own", async () => {
  const paths = ["a", "b"].map((name) => writeCrash(world.folder, `${name}.crash`, withCore));
  expect(await cli(["submit", ...paths])).toBe("1\n2\n");
});

test("submit takes a folder's reports, in the order of their names", async () => {
  const folder = join(world.folder, "crash");
  await mkdir(folder);
  for (const name of ["b.crash", "a.crash", "a.upload", ".lock"]) {
    writeCrash(folder, name, { fields: { Title: `from ${name}` } });
  }
  const lines = jsonLines({ ...(await world.cli(["submit", "--json", folder])) });
  expect(lines).toMatchObject([
    { id: 1, file: join(folder, "a.crash"), title: "from a.crash", tags: ["need-duplicate-check"] },
    { id: 2, file: join(folder, "b.crash") },
  ]);
});

test("a report whose core is larger than a batch would take is refused at once", async () => {
  const path = writeCrash(world.folder, "large.crash", { binaries: { CoreDump: Buffer.alloc(2000, "core") } });
  await appendFile(join(world.folder, "config.toml"), "[batch]\nmax_core_bytes = 1999\n");
  expect(await cli(["submit", path], 1)).toContain("more than 1999 bytes (too-large)");
});

test("submit takes a report from standard input", async () => {
  const result = await world.cli(["submit", "-"], { stdin: crashText(withCore) });
  expect([result.exitCode, result.stdout.toString()]).toEqual([0, "1\n"]);
});

test("an ill-formed report is refused with its place, and the others go on", async () => {
  const good = writeCrash(world.folder, "good.crash", withCore);
  const broken = join(world.folder, "none.crash");
  const junk = writeCrash(world.folder, "junk.crash", { fields: { "no key at all": "x" } });
  const result = await world.cli(["submit", junk, broken, good]);
  expect([result.exitCode, result.stdout.toString()]).toEqual([1, "1\n"]);
  const [ofJunk, ofMissing] = result.stderr.split("\n");
  expect(ofJunk).toMatch(/^crash-digger: .*junk\.crash: refused: line 8.*\(bad-key\)$/);
  expect(ofMissing).toMatch(/^crash-digger: .*none\.crash: refused: the report cannot be read: ENOENT.*$/);
});

test("a refusal in JSON names kind, field and line", async () => {
  const junk = writeCrash(world.folder, "junk.crash", { fields: { "no key at all": "x" } });
  const result = await world.cli(["submit", "--json", junk]);
  expect(result.exitCode).toBe(1);
  expect(jsonLines(result)).toMatchObject([{ file: junk, error: { kind: "bad-key", line: 8 } }]);
});

test("list shows a table, and an empty tracker says so", async () => {
  expect(await cli(["list"])).toBe("no crashes\n");
  await submitted(2);
  await cli(["duplicate", "2", "1"]);
  const lines = (await cli(["list"])).split("\n");
  expect(lines[0]).toMatch(/^ID +STATUS +PROGRAM +TITLE +TAGS$/);
  expect(lines[1]).toMatch(/^ 1 +open +\/usr\/bin\/sleep +sleep crashed with SIGSEGV +need-amd64-retrace$/);
  expect(lines[2]).toMatch(/^ 2 +duplicate of 1 /);
});

test("list picks by status, by tag, and what is pending", async () => {
  await submitted(4);
  await cli(["set-status", "2", "fixed", "1.2-3"]);
  await cli(["tag", "3", "-need-amd64-retrace", "+seen"]);
  await cli(["duplicate", "4", "1"]);
  const ids = async (...flags: string[]): Promise<unknown[]> => {
    const result = await world.cli(["list", "--json", ...flags]);
    return (jsonLines(result) as { id: number }[]).map(({ id }) => id);
  };
  expect(await ids()).toEqual([1, 2, 3, 4]);
  expect(await ids("--status", "fixed")).toEqual([2]);
  expect(await ids("--tag", "seen")).toEqual([3]);
  expect(await ids("--pending")).toEqual([1]);
});

test("show tells what a person wants to know", async () => {
  const fields = { _Secret: "hidden", Stacktrace: "#0  0x1 in nap ()\n#1  0x2 in main ()", ProcMaps: "maps" };
  await submitted(2, { ...withCore, fields });
  await cli(["duplicate", "2", "1"]);
  await cli(["comment", "1", "Happens to me, too.", "--subject", "Me too"]);
  await cli(["set-status", "1", "fixed", "9.2-1"]);
  const text = await cli(["show", "1"]);
  for (const part of ["sleep crashed with SIGSEGV", "fixed in 9.2-1", "need-amd64-retrace", "coreutils 9.1-1"]) {
    expect(text).toContain(part);
  }
  expect(text).toMatch(/Duplicates +2\n/);
  expect(text).toContain("#0  0x1 in nap ()\n#1  0x2 in main ()\n");
  expect(text).toMatch(/Me too \(.*Z\)\nHappens to me, too\.\n/);
  expect(text).toMatch(/--field NAME\)\nProcMaps Stacktrace|Stacktrace ProcMaps/);
  expect(text).not.toMatch(/hidden|_Secret/);
  expect(await cli(["show", "2"])).toMatch(/Status +duplicate of 1\n/);
});

test("internal fields are kept and not shown, not in JSON either", async () => {
  await submitted(1, { ...withCore, fields: { _Secret: "hidden" } });
  expect(await cli(["show", "1", "--json"])).not.toContain("_Secret");
  expect(await cli(["show", "1", "--field", "_Secret"], 1)).toContain("no field or attachment _Secret");
});

test("show renders the frames and the fidelity table of a batch", async () => {
  await submitted(1);
  const frame = {
    index: 0,
    pc: "0x1",
    module: "/usr/lib/libc.so.6",
    buildId: "ab",
    moduleOffset: "0x1",
    status: "symbolized",
  };
  const frames = [
    { ...frame, function: "nanosleep", file: "nanosleep.c", line: 27, inlined: true, arguments: [], locals: [] },
    { ...frame, index: 1, function: null, file: null, line: null, inlined: false, arguments: [], locals: [] },
    {
      ...frame,
      index: 2,
      function: "main",
      file: "sleep.c",
      line: 9,
      inlined: false,
      arguments: [{ name: "argc", value: "2" }],
      locals: [],
    },
  ];
  const threads = [
    { tid: 8, crashed: false, frames: [], truncated: false },
    { tid: 7, crashed: true, frames, truncated: false },
  ];
  const module = {
    path: "/usr/lib/libc.so.6",
    buildId: "abcdef",
    status: "no-debug-symbols",
    reason: "nobody has them",
  };
  await edited(
    1,
    { kind: "attach", name: "Trace.json", text: JSON.stringify(threads) },
    { kind: "attach", name: "Fidelity.json", text: JSON.stringify([{ ...module, executable: null }]) },
    { kind: "attach", name: "Stacktrace.txt", text: "the plain text" },
  );
  const text = await cli(["show", "1"]);
  expect(text).toContain("#0  nanosleep () (inlined) at nanosleep.c:27\n");
  expect(text).toContain("#1  ?? () from libc.so.6\n");
  expect(text).toContain("#2  main (argc=2) at sleep.c:9\n");
  expect(text).toContain("(1 other thread");
  expect(text).toMatch(/\/usr\/lib\/libc\.so\.6 +no-debug-symbols +abcdef +nobody has them\n/);
  expect(text).not.toContain("the plain text");
  expect(await cli(["show", "1", "--field", "Stacktrace"])).toBe("the plain text\n");
  expect(JSON.parse(await cli(["show", "1", "--field", "Trace.json"]))).toHaveLength(2);
});

test("set-status and its words", async () => {
  await submitted(1);
  expect(await cli(["set-status", "1", "fixed", "2:1.0-1"])).toBe("crash 1: fixed in 2:1.0-1\n");
  expect(await cli(["set-status", "1", "fixed", "2:1.0-1"])).toBe("crash 1: nothing to change\n");
  expect(await cli(["set-status", "#1", "fixed"])).toBe("crash 1: fixed\n");
  expect(await cli(["set-status", "1", "invalid"])).toBe("crash 1: invalid\n");
  expect(await cli(["set-status", "1", "open"])).toBe("crash 1: open\n");
  expect(await cli(["set-status", "1", "closed"], 2)).toContain("one of open, fixed, invalid");
  expect(await cli(["set-status", "1", "open", "1.0"], 2)).toContain("fixed only");
  expect(await cli(["set-status", "1", "fixed", "1 0"], 2)).toContain("no package version");
});

test("tag shows, adds and removes", async () => {
  await submitted(1);
  expect(await cli(["tag", "1"])).toBe("need-amd64-retrace\n");
  expect(await cli(["tag", "1", "+seen", "noble", "-need-amd64-retrace"])).toBe("noble\nseen\n");
  expect(await cli(["tag", "1", "-noble"])).toBe("seen\n");
  expect(await cli(["tag", "1", "+Bad Tag"], 2)).toContain("no tag");
  expect(await cli(["tag", "1"])).toBe("seen\n");
});

test("comment takes text or standard input, and not nothing", async () => {
  await submitted(1);
  await cli(["comment", "1", "first"]);
  await world.cli(["comment", "1", "-"], { stdin: "second\nline\n" });
  await cli(["comment", "1", "first"]);
  const { comments } = JSON.parse(await cli(["show", "1", "--json"])) as { comments: { body: string }[] };
  expect(comments.map(({ body }) => body)).toEqual(["first", "second\nline", "first"]);
  expect(await cli(["comment", "1", "  "], 2)).toContain("empty");
});

test("duplicate marks, unmarks and refuses circles", async () => {
  await submitted(3);
  expect(await cli(["duplicate", "2", "1"])).toBe("crash 2: duplicate of 1\n");
  expect(await cli(["duplicate", "3", "2"])).toBe("crash 3: duplicate of 1\n");
  expect(await cli(["duplicate", "1", "2"], 1)).toContain("itself a duplicate of crash 1");
  expect(await cli(["duplicate", "1", "1"], 1)).toContain("no duplicate of itself");
  expect(await cli(["duplicate", "1", "9"], 1)).toContain("no crash 9");
  expect(await cli(["duplicate", "2", "--none"])).toBe("crash 2: no longer a duplicate\n");
  expect(await cli(["duplicate", "2", "--none"])).toBe("crash 2: nothing to change\n");
  expect(await cli(["duplicate", "2"], 2)).toContain("--none");
});

const onUnknown = [["show"], ["tag"], ["tag", "+seen"], ["comment", "x"], ["set-status", "open"], ["duplicate", "1"]];
test.each(onUnknown)("%s with an unknown number says so and exits with 1", async (command, ...rest) => {
  await submitted(1);
  expect(await cli([command as string, "77", ...rest], 1)).toMatch(/^crash-digger: crash 77: .*no such crash.*\n$/);
});

test("what is no number of a crash is a usage error", async () => {
  expect(await cli(["show", "1.5"], 2)).toContain("number of a crash");
});

test.each(["submit", "list", "show", "set-status", "tag", "comment", "duplicate"])(
  "%s --help has examples",
  async (name) => {
    expect(await cli([name, "--help"])).toContain(`Examples:\n  crash-digger ${name}`);
  },
);
