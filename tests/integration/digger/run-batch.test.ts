import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { ServiceFailure, TransientFailure } from "../../../src/system/failure.ts";
import { lineLog } from "../../../src/system/log.ts";
import { createBatchLab } from "./batch-lab.ts";

function verdicts(summary: { attempts: readonly { crashId: number; verdict: { kind: string } }[] }) {
  return summary.attempts.map(({ crashId, verdict }) => [crashId, verdict.kind]);
}

test("a new crash gets its trace, loses its core and its mark", async () => {
  await using lab = await createBatchLab();
  const id = await lab.submit("inner\nouter\nmain");
  expect(verdicts(await lab.run())).toEqual([[id, "new"]]);
  const crash = await lab.tracker.show(id);
  expect(crash?.header.fields.get("StacktraceTop")).toBe("inner () at f.c:1\nouter () at f.c:1\nmain () at f.c:1");
  expect(crash?.header.hasCore).toBe(false);
  expect(await lab.tracker.pending("amd64")).toEqual([]);
});

test.each([1, 2, 8])("of equal crashes the oldest is the master, with %i jobs", async (jobs) => {
  await using lab = await createBatchLab();
  for (let count = 0; count < 6; count++) await lab.submit("inner\nouter\nmain");
  // The oldest takes longest, so that with more jobs the others are ready before it.
  const slow = lab.services.retrace;
  const summary = await lab.run(
    { jobs },
    {
      retrace: async (crash, signal) => {
        const result = await slow(crash, signal);
        if (lab.retraced.length === 1) for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
        return result;
      },
    },
  );
  expect(summary.attempts.map(({ verdict }) => verdict)).toEqual([
    { kind: "new" },
    ...Array.from({ length: 5 }, () => ({ kind: "duplicate", master: 1 })),
  ]);
  expect((await lab.tracker.show(6))?.header.duplicateOf).toBe(1);
});

test("a damaged core makes the report invalid, with the reason as a comment, and the batch goes on", async () => {
  await using lab = await createBatchLab();
  const damaged = await lab.submit("damaged");
  const good = await lab.submit("inner\nouter");
  expect(verdicts(await lab.run())).toEqual([
    [damaged, "invalid"],
    [good, "new"],
  ]);
  const crash = await lab.tracker.show(damaged);
  expect(crash?.header.status).toEqual({ kind: "invalid" });
  expect(JSON.stringify(crash?.comments)).toContain("the core dump is cut off");
});

test("a core larger than allowed is refused like a damaged one", async () => {
  await using lab = await createBatchLab();
  await lab.submit("x".repeat(2000));
  const summary = await lab.run({}, { maxCoreBytes: 1000 });
  expect(summary.attempts[0]?.verdict).toMatchObject({
    kind: "invalid",
    reason: expect.stringContaining("1000 bytes"),
  });
  expect(lab.retraced).toEqual([]);
});

test("a known address signature closes a crash without its core being read", async () => {
  await using lab = await createBatchLab();
  const address = {
    StacktraceAddressSignature: "/usr/bin/sleep:11:/usr/bin/sleep+10:/usr/bin/sleep+20:/usr/bin/sleep+30",
  };
  await lab.submit("inner\nouter\nmain", address);
  await lab.run();
  const again = await lab.submit("never read", address);
  const openCore = () => Promise.reject(new Error("the core was read"));
  const summary = await lab.run({}, { tracker: { ...lab.tracker, openCore } });
  expect(summary.attempts).toMatchObject([{ crashId: again, verdict: { kind: "duplicate", master: 1 } }]);
  expect(lab.retraced).toEqual(["inner\nouter\nmain"]);
});

test.each([1, 2, 8])(
  "a damaged core is known by the addresses of an older one that is still at work, with %i jobs",
  async (jobs) => {
    await using lab = await createBatchLab();
    const addresses = { StacktraceAddressSignature: "/usr/bin/sleep:11:/usr/bin/sleep+10:/usr/bin/sleep+20:/x.so+30" };
    await lab.submit("inner\nouter\nmain", addresses);
    await lab.submit("damaged", addresses);
    // The older one takes longer, so that with more jobs the other's core has been looked into before it is concluded.
    const retrace: typeof lab.services.retrace = async (crash, signal) => {
      const result = await lab.services.retrace(crash, signal);
      if (result.kind === "traced") for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      return result;
    };
    expect((await lab.run({ jobs }, { retrace })).attempts.map(({ verdict }) => verdict)).toEqual([
      { kind: "new" },
      { kind: "duplicate", master: 1 },
    ]);
  },
);

test("a report without a core is only compared", async () => {
  await using lab = await createBatchLab();
  const Traceback =
    'Traceback (most recent call last):\n  File "/usr/bin/tool", line 2, in main\n    boom()\nNameError: boom';
  const fields = { Traceback, Signal: undefined, SignalName: undefined, ExecutablePath: "/usr/bin/tool" };
  await lab.submit(null, fields);
  await lab.submit(null, fields);
  expect(verdicts(await lab.run({ dupcheckOnly: true }))).toEqual([
    [1, "new"],
    [2, "duplicate"],
  ]);
  expect(await lab.tracker.dupcheckOnly()).toEqual([]);
});

test("-D leaves the crashes alone that need a retrace", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  expect(verdicts(await lab.run({ dupcheckOnly: true }))).toEqual([]);
  expect(await lab.tracker.pending("amd64")).toEqual([1]);
});

test("a crash of a release without package sources is left as it is", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  const before = await lab.tracker.show(1);
  const summary = await lab.run({}, { whyNotOurs: async () => "no sources for Debian 12" });
  expect(summary.attempts[0]?.verdict).toEqual({ kind: "not-ours", reason: "no sources for Debian 12" });
  expect(await lab.tracker.show(1)).toEqual(before);
});

test("a service failure stops the batch: nothing later is begun, no crash is changed", async () => {
  await using lab = await createBatchLab();
  for (let count = 0; count < 5; count++) await lab.submit(`inner${count}\nouter`);
  let begun = 0;
  const broken = lab.run(
    { jobs: 1 },
    {
      retrace: async () => {
        begun++;
        throw new ServiceFailure("apt-get update failed");
      },
    },
  );
  await expect(broken).rejects.toThrow("while working on crash 1: apt-get update failed");
  expect(begun).toBe(1);
  expect(await lab.tracker.pending("amd64")).toEqual([1, 2, 3, 4, 5]);
  expect(await lab.state.countOpenEntries()).toBe(0);
});

test("an uncaught exception is a service failure too", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  const bug = lab.run({}, { retrace: () => Promise.reject(new TypeError("x is undefined")) });
  await expect(bug).rejects.toBeInstanceOf(ServiceFailure);
});

test("a tracker that is away for the moment ends the batch early and well", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter");
  const header = () => Promise.reject(new TransientFailure("503"));
  const summary = await lab.run({}, { tracker: { ...lab.tracker, header } });
  expect(summary.endedEarly).toBe("503");
  expect(await lab.tracker.pending("amd64")).toEqual([1]);
});

test("a plan that was interrupted is finished by the next batch, and no comment is doubled", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  await lab.run();
  await lab.submit("inner\nouter\nmain");
  for (let failAt = 1; failAt <= 5; failAt++) {
    let count = 0;
    const apply: typeof lab.tracker.apply = async (id, edit) => {
      // The answer of the last edit is lost: it was carried out, and nobody knows.
      const outcome = await lab.tracker.apply(id, edit);
      if (++count >= failAt) throw new Error("the connection broke");
      return outcome;
    };
    await lab.run({}, { tracker: { ...lab.tracker, apply } }).catch(() => {});
  }
  await lab.run();
  const crash = await lab.tracker.show(2);
  expect(crash?.comments).toHaveLength(1);
  expect(crash?.header.duplicateOf).toBe(1);
  expect(await lab.tracker.pending("amd64")).toEqual([]);
  expect(await lab.state.countOpenEntries()).toBe(0);
});

test("--limit and --only choose from the work list", async () => {
  await using lab = await createBatchLab();
  for (let count = 0; count < 4; count++) await lab.submit(`inner${count}\nouter`);
  expect(verdicts(await lab.run({ only: 3 }))).toEqual([[3, "new"]]);
  expect(verdicts(await lab.run({ limit: 2 }))).toEqual([
    [1, "new"],
    [2, "new"],
  ]);
  expect(verdicts(await lab.run({ only: 3 }))).toEqual([]);
});

test("a fixed crash that comes back in a newer version is a regression", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain", { Package: "coreutils 1.0" });
  await lab.run();
  await lab.tracker.apply(1, { kind: "set-status", status: { kind: "fixed", version: "2.0" } });
  await lab.submit("inner\nouter\nmain", { Package: "coreutils 3.0" });
  const summary = await lab.run();
  expect(summary.attempts[0]?.verdict).toEqual({ kind: "regression", of: 1 });
  expect((await lab.tracker.show(2))?.header.tags).toContain("regression-retracer");
});

test("done edits keep no copy of the trace in the state database", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  await lab.run();
  const database = new DatabaseSync(lab.statePath, { readOnly: true });
  const rows = database.prepare("SELECT edit FROM outbox").all();
  database.close();
  expect(JSON.stringify(rows)).not.toContain("inner");
  expect(rows.length).toBeGreaterThan(0);
});

test("when the end of a failed batch cannot be recorded, what failed first is told and the other logged", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner");
  refuseEnds(lab.statePath);
  const lines: string[] = [];
  const log = lineLog((line) => void lines.push(line), lab.services.clock, false);
  const retrace = async (): Promise<never> => {
    throw new ServiceFailure("the jail cannot be built");
  };
  await expect(lab.run({}, { retrace, log })).rejects.toThrow("the jail cannot be built");
  expect(lines.join("")).toContain('could not be recorded batch=1 reason="no room for ends"');
});

test("a state database that fails is told, not the tracker that was away before it", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner");
  refuseEnds(lab.statePath);
  const openCore = () => Promise.reject(new TransientFailure("the tracker is away"));
  await expect(lab.run({}, { tracker: { ...lab.tracker, openCore } })).rejects.toThrow("no room for ends");
});

function refuseEnds(statePath: string): void {
  const database = new DatabaseSync(statePath);
  database.exec("CREATE TRIGGER full BEFORE UPDATE ON batches BEGIN SELECT RAISE(ABORT, 'no room for ends'); END");
  database.close();
}
