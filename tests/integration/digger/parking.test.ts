import { expect, test } from "vitest";
import type { DiggerServices } from "../../../src/digger/services.ts";
import type { CrashToRetrace, Traced } from "../../../src/retrace/types.ts";
import type { ModuleFidelity, ModuleStatus } from "../../../src/symbols/types.ts";
import { type BatchLab, createBatchLab } from "./batch-lab.ts";
import { atMinute } from "./lab-clock.ts";

const dayMinutes = 24 * 60;

function module(name: string, status: ModuleStatus): ModuleFidelity {
  const buildId = status === "no-build-id" ? null : Buffer.from(name.padEnd(20)).toString("hex");
  const rest = { reason: "", versionWanted: null, versionsAvailable: [], executable: null, debug: null };
  return { path: `/usr/lib/${name}`, buildId, status, ...rest };
}

const libraries = [
  module("known", "matched"),
  module("bare", "no-debug-symbols"),
  module("[vdso]", "no-file"),
  module("mute", "no-build-id"),
  module("other", "wrong-version"),
];
const bare = libraries[1]?.buildId ?? "";
const other = libraries[4]?.buildId ?? "";

/** The lab's own retrace, but the trace is poor as long as the index does not list the library. */
function services(lab: BatchLab, listed: readonly string[], minute = 0): Partial<DiggerServices> {
  const retrace = async (crash: CrashToRetrace, signal: AbortSignal) => {
    const traced = (await lab.services.retrace(crash, signal)) as Traced;
    return listed.includes(bare) ? traced : { ...traced, useful: false, modules: libraries };
  };
  const buildIdsKnown: DiggerServices["buildIdsKnown"] = async (_release, _architecture, buildIds) =>
    new Set(listed.filter((buildId) => buildIds.includes(buildId)));
  return { retrace, buildIdsKnown, clock: atMinute(minute) };
}

test("a poor trace is delivered, and its crash waits for the files that some package may yet list", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  await lab.run({}, services(lab, []));
  const aside = await lab.state.asideOf(1);
  expect(aside).toMatchObject({ kind: "parked", modules: [{ buildId: bare }, { buildId: other }] });
  const { header } = (await lab.tracker.show(1)) ?? {};
  expect(header).toMatchObject({ hasCore: true, tags: ["apport-failed-retrace", "need-amd64-retrace"] });
  expect(header?.fields.has("Stacktrace")).toBe(true);
  expect((await lab.run({}, services(lab, []))).attempts).toEqual([]);
});

test("it is retraced by itself as soon as a package lists one of them", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  await lab.run({}, services(lab, []));
  const { attempts } = await lab.run({}, services(lab, [bare], 10));
  expect(attempts).toMatchObject([{ crashId: 1, verdict: { kind: "new" } }]);
  const { header } = (await lab.tracker.show(1)) ?? {};
  expect(header).toMatchObject({ hasCore: false, tags: [] });
  expect(await lab.state.allAside()).toEqual([]);
});

test("a build-id that is listed and does not help is not waited for", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  await lab.run({}, services(lab, [other]));
  expect(await lab.state.asideOf(1)).toMatchObject({ modules: [{ buildId: bare }] });
  expect((await lab.run({}, services(lab, [other]))).attempts).toEqual([]);
});

test("a crash whose files nobody will ever list is not parked", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  const poor = services(lab, []);
  const retrace: DiggerServices["retrace"] = async (crash, signal) => {
    const traced = (await lab.services.retrace(crash, signal)) as Traced;
    return {
      ...traced,
      useful: false,
      modules: libraries.filter(({ status }) => status.startsWith("no-") && status !== "no-debug-symbols"),
    };
  };
  await lab.run({}, { ...poor, retrace });
  expect(await lab.state.allAside()).toEqual([]);
  expect((await lab.tracker.show(1))?.header.tags).toEqual(["apport-failed-retrace"]);
});

test("a useful trace is not parked, whatever some library lacks: its core goes", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  const retrace: DiggerServices["retrace"] = async (crash, signal) => {
    const traced = (await lab.services.retrace(crash, signal)) as Traced;
    return { ...traced, modules: libraries };
  };
  await lab.run({}, { ...services(lab, []), retrace });
  expect(await lab.state.allAside()).toEqual([]);
  expect((await lab.tracker.show(1))?.header).toMatchObject({ hasCore: false, tags: [] });
});

test("when its time is over it is let go, once, with a note of what was missing", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  await lab.run({}, services(lab, []));
  await lab.run({}, services(lab, [], dayMinutes - 1));
  expect(await lab.state.asideOf(1)).toMatchObject({ kind: "parked" });
  for (const late of [1, 2]) {
    expect((await lab.run({}, services(lab, [], dayMinutes + late))).attempts).toEqual([]);
  }
  const crash = await lab.tracker.show(1);
  expect(crash?.comments).toHaveLength(1);
  expect(crash?.comments[0]?.body).toMatch(/\/usr\/lib\/bare\n\/usr\/lib\/other$/);
  expect(crash?.header).toMatchObject({ hasCore: true, tags: ["apport-failed-retrace"] });
  expect(await lab.state.allAside()).toEqual([]);
});

test("-D leaves the parked ones alone, and --only wakes one", async () => {
  await using lab = await createBatchLab();
  await lab.submit("inner\nouter\nmain");
  await lab.run({}, services(lab, []));
  await lab.run({ dupcheckOnly: true }, services(lab, [bare]));
  expect(await lab.state.asideOf(1)).toMatchObject({ kind: "parked" });
  expect((await lab.run({ only: 1 }, services(lab, []))).attempts).toHaveLength(1);
});
