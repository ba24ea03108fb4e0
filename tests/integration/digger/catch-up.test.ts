import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DiggerServices } from "../../../src/digger/services.ts";
import { type Duplicates, openDuplicates } from "../../../src/duplicates/duplicates.ts";
import type { Traced } from "../../../src/retrace/types.ts";
import type { Edit, Tracker } from "../../../src/tracker/types.ts";
import { type BatchLab, createBatchLab } from "./batch-lab.ts";
import { keep, onLaunchpad, onLocalTracker, openKept, type Place, putBack } from "./restored-lab.ts";

const addresses = { StacktraceAddressSignature: "/usr/bin/sleep:11:/a+1:/b+2:/c+3" };

const places: Readonly<Record<string, (lab: BatchLab) => Promise<Place>>> = {
  "the local tracker": onLocalTracker,
  Launchpad: onLaunchpad,
};

let lab: BatchLab;
let place: Place;
afterEach(async () => {
  await place[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

async function run(services: Partial<DiggerServices> = {}) {
  return (await lab.run({ jobs: 1 }, { tracker: place.tracker(), ...services })).attempts;
}

/** A tracker that fails at some edits, as if the batch had been killed there. */
function failingAt(fails: (edit: Edit) => boolean): Tracker {
  const tracker = place.tracker();
  return {
    ...tracker,
    apply: async (id, edit, memory) => {
      if (fails(edit)) throw new Error("killed here");
      // Without what comes next: it may be carried out in the same breath, and is to fail in its turn.
      return await tracker.apply(id, edit, memory === undefined ? undefined : { maybeDone: memory.maybeDone });
    },
  };
}

/** All that decides about later reports. */
async function dumpOf(duplicates: Pick<Duplicates, "dump" | "details">) {
  const all = [];
  for await (const { id, signature, fixedVersion } of duplicates.dump()) {
    const { addressSignatures, furtherSignatures } = (await duplicates.details(id)) ?? {};
    all.push({ id, signature, fixedVersion, addressSignatures, furtherSignatures });
  }
  return all;
}

describe.each(Object.entries(places))("on %s", (_, makePlace) => {
  beforeEach(async () => {
    lab = await createBatchLab();
    place = await makePlace(lab);
  });

  test("a duplicate database of some days ago learns what was decided since, and nothing is changed there", async () => {
    const first = await place.file("one\ntwo\nmain", addresses);
    await run();
    const kept = await keep(lab);
    const second = await place.file("three\nfour\nmain");
    await place.file("one\ntwo\nmain");
    await place.file("never looked at", addresses);
    await place.file("three\nfour\nmain", { StacktraceAddressSignature: "/usr/bin/sleep:11:/d+1:/e+2:/f+3" });
    await place.file("damaged");
    await place.file(null, { Traceback: 'Traceback (most recent call last):\n  File "/x", line 1, in f\nError: no' });
    await run();
    const [before, known] = [await place.picture(), await dumpOf(lab.duplicates)];
    expect(known.map(({ id }) => id)).toContain(second);
    {
      await using back = await putBack(lab, kept, ["duplicates"]);
      expect(await run(back.services)).toEqual([]);
    }
    expect(await place.picture()).toEqual(before);
    await using again = await openKept(lab, kept, ["duplicates"]);
    expect(again.services.restored.duplicates).toBeNull();
    expect(await dumpOf(again.duplicates)).toEqual(known);
    const [like, known2] = [await place.file("three\nfour\nmain"), await place.file("no", addresses)];
    expect(await run(again.services)).toMatchObject([
      { crashId: like, verdict: { kind: "duplicate", master: second } },
      { crashId: known2, verdict: { kind: "duplicate", master: first } },
    ]);
  });

  test("with both databases of some days ago, whatever was half done is finished, and told once", async () => {
    await place.file("one\ntwo\nmain");
    await run();
    const kept = await keep(lab);
    const half = await place.file("one\ntwo\nmain");
    const invalid = await place.file("damaged");
    const later = await place.file("five\nsix\nmain");
    await run({ tracker: failingAt((edit) => edit.kind === "remove-core") }).catch(() => {});
    await run({ tracker: failingAt((edit) => edit.kind === "remove-core" || edit.kind === "set-status") }).catch(
      () => {},
    );
    expect(await place.comments(half)).toHaveLength(1);
    {
      await using back = await putBack(lab, kept, ["state", "duplicates"]);
      await run(back.services);
    }
    await using again = await openKept(lab, kept, ["state", "duplicates"]);
    expect(await run(again.services)).toEqual([]);
    expect(await again.state.countOpenEntries()).toBe(0);
    for (const id of [half, invalid]) expect(await place.comments(id)).toHaveLength(1);
    expect(await place.tracker().pending("amd64")).toEqual([]);
    expect((await again.duplicates.crash(later))?.signature).toBe("/usr/bin/sleep:11:five:six:main");
  });

  test.each(["mark-duplicate", "set-importance"] as const)(
    "where a core was removed, and then its plan was lost before %s, it ends as if nothing had happened",
    async (kind) => {
      const master = await place.file("one\ntwo\nmain");
      await run();
      const kept = await keep(lab);
      const crash = await place.file(kind === "mark-duplicate" ? "one\ntwo\nmain" : "five\nsix\nmain");
      const never = await place.file("seven\neight\nmain");
      await place.tracker().apply(never, { kind: "remove-core" });
      await run({ tracker: failingAt((edit) => edit.kind === kind) }).catch(() => {});
      const comments = await place.comments(crash);
      await using back = await putBack(lab, kept, ["state", "duplicates"]);
      const attempts = await run(back.services);
      const verdict = kind === "mark-duplicate" ? { kind: "duplicate", master } : { kind: "new" };
      expect(attempts).toMatchObject([
        { crashId: crash, verdict },
        { crashId: never, verdict: { kind: "invalid" } },
      ]);
      expect(await place.comments(crash)).toEqual(comments);
      const left = await place.tracker().header(crash);
      expect(left).toMatchObject({
        header:
          verdict.kind === "new"
            ? { duplicateOf: null, hasCore: false, importance: "Medium", status: { kind: "open" } }
            : { duplicateOf: master, hasCore: false, isPrivate: false },
      });
      expect(await place.tracker().pending("amd64")).toEqual([]);
    },
  );

  test("a comment that was made, and forgotten with the restore, is not made a second time", async () => {
    await run();
    const kept = await keep(lab);
    const invalid = await place.file("damaged");
    await run({ tracker: failingAt((edit) => edit.kind === "set-status") }).catch(() => {});
    expect(await place.comments(invalid)).toHaveLength(1);
    await using back = await putBack(lab, kept, ["state"]);
    expect(await run(back.services)).toMatchObject([{ crashId: invalid, verdict: { kind: "invalid" } }]);
    expect(await place.comments(invalid)).toHaveLength(1);
  });

  test("edits that were open at the backup do not undo what came after them", async () => {
    const crash = await place.file("??\n??\nmain");
    const poorly: DiggerServices["retrace"] = async (...call) => {
      return { ...((await lab.services.retrace(...call)) as Traced), useful: false };
    };
    await run({ retrace: poorly, tracker: failingAt(() => true) }).catch(() => {});
    const kept = await keep(lab);
    await run();
    expect(await place.tracker().tagsOf(crash)).toContain("apport-failed-retrace");
    await place.tracker().apply(crash, { kind: "add-tags", tags: ["need-amd64-retrace"] });
    const better: DiggerServices["retrace"] = async (...call) => {
      const traced = (await lab.services.retrace(...call)) as Traced;
      return { ...traced, fields: new Map([...traced.fields, ["Stacktrace", "#0  better ()"]]) };
    };
    await run({ retrace: better });
    const before = await place.picture();
    await using back = await putBack(lab, kept, ["state"]);
    expect(await run(back.services)).toEqual([]);
    expect(await place.picture()).toEqual(before);
  });

  test("a mark that a person has put back since is not taken off by a plan from before", async () => {
    const crash = await place.file("one\ntwo\nmain");
    const failing: DiggerServices["retrace"] = async () => ({ kind: "report", reason: "gdb crashed on it" });
    const tracker = failingAt((edit) => edit.kind === "remove-pending");
    await run({ retrace: failing, tracker }).catch(() => {});
    const kept = await keep(lab);
    await run({ retrace: failing });
    expect(await place.tracker().pending("amd64")).toEqual([]);
    await place.tracker().apply(crash, { kind: "add-tags", tags: ["need-amd64-retrace"] });
    await using back = await putBack(lab, kept, ["state"]);
    expect(await run(back.services)).toMatchObject([{ crashId: crash, verdict: { kind: "new" } }]);
    expect(await place.comments(crash)).toHaveLength(1);
  });

  test("a crash that waited for symbols, and was traced since, is not let go", async () => {
    const crash = await place.file("??\n??\nmain");
    const awaited = { path: "/usr/lib/x.so", status: "no-debug-symbols", buildId: "ab".repeat(20) };
    const parking: DiggerServices["retrace"] = async (...call) => {
      const traced = (await lab.services.retrace(...call)) as Traced;
      return { ...traced, useful: false, modules: [awaited as Traced["modules"][number]] };
    };
    await run({ retrace: parking });
    const kept = await keep(lab);
    await run({ buildIdsKnown: async () => new Set([awaited.buildId]) });
    expect(await place.tracker().pending("amd64")).toEqual([]);
    const before = await place.picture();
    await using back = await putBack(lab, kept, ["state"]);
    const afterMonths = { now: () => new Date(Date.now() + 90 * 24 * 3600_000), monotonicMs: () => performance.now() };
    expect(await run({ ...back.services, clock: afterMonths })).toEqual([]);
    expect(await place.picture()).toEqual(before);
    expect(await place.comments(crash)).toEqual([]);
  });
});

test("a crash that was filed after the restore costs no look for what may be there already", async () => {
  lab = await createBatchLab();
  place = await onLaunchpad();
  await place.file("one\ntwo\nmain");
  await run();
  const kept = await keep(lab);
  await (await putBack(lab, kept, ["state"]))[Symbol.asyncDispose]();
  {
    await using back = await openKept(lab, kept, ["state"]);
    await run(back.services);
  }
  await using again = await openKept(lab, kept, ["state"]);
  const id = await place.file("damaged");
  let looked = 0;
  const tracker = place.tracker();
  const counting: Tracker = {
    ...tracker,
    apply: async (crash, edit, memory) => {
      if (memory?.maybeDone === true) looked += 1;
      return await tracker.apply(crash, edit, memory);
    },
  };
  expect(await run({ ...again.services, tracker: counting })).toMatchObject([{ crashId: id }]);
  expect(again.services.restored.state?.note.forgotUpTo).toBe(0);
  expect(looked).toBe(0);
});

test("a database that was put back learns nothing from crashes that wait, nor from those that were given up", async () => {
  lab = await createBatchLab();
  place = await onLocalTracker(lab);
  const kept = await keep(lab);
  const waits = await place.file("one\ntwo\nmain", addresses);
  const closed = await place.file("two\nthree\nmain");
  await run({});
  await place.tracker().apply(closed, { kind: "set-status", status: { kind: "invalid" } });
  await place.tracker().apply(waits, { kind: "add-tags", tags: ["need-armhf-retrace"] });
  await using back = await putBack(lab, kept, ["duplicates"]);
  await run(back.services);
  const duplicates: Duplicates = await openDuplicates(kept.duplicates);
  expect(await dumpOf(duplicates)).toEqual([]);
  await duplicates.close();
});
