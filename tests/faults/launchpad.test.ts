import { expect, test } from "vitest";
import { createBatchLab } from "../integration/digger/batch-lab.ts";
import type { LaunchpadFault } from "../lab/launchpad/launchpad-faults.ts";
import { type LaunchpadLab, startLaunchpad } from "../lab/launchpad/start-launchpad.ts";
import { crashAsBug } from "../lab/tracker/crash-as-bug.ts";
import { trackerOn } from "../lab/tracker/launchpad-client.ts";

const bugs = 24;
const mostBatches = 40;

const passing: readonly LaunchpadFault[] = [
  { kind: "status", status: 503 },
  { kind: "status", status: 502 },
  { kind: "status", status: 429, headers: { "Retry-After": "900" } },
  { kind: "lost-answer" },
  { kind: "reset" },
];

/** Files new crashes, duplicates of them, damaged cores, Python crashes and private bugs, in turn. */
function fileBugs(lab: LaunchpadLab): void {
  const report = { ProblemType: "Crash", Architecture: "amd64", DistroRelease: "Ubuntu 25.10", SourcePackage: "app" };
  for (let at = 0; at < bugs; at += 1) {
    const fields = { ...report, ExecutablePath: `/usr/bin/app${at % 5}`, Package: "app 1.0-1", Signal: "11" };
    const traceback = `Traceback:\n  File "app.py", line 1, in main\nValueError: ${at}`;
    const stack = `f${at % 7}\nmiddle\nmain`;
    const asBug =
      at % 6 === 5
        ? crashAsBug({ ...fields, Traceback: traceback })
        : crashAsBug(fields, Buffer.from(at % 8 === 7 ? "damaged" : stack));
    lab.addBug({ ...asBug, private: at % 2 === 0, tasks: [at % 3 === 0 ? "ubuntu" : "ubuntu/+source/app"] });
  }
}

/** Runs batches, each as a new process would, until nothing waits. @returns everything on Launchpad, and the faults. */
async function workedThrough(faults: readonly LaunchpadFault[]) {
  await using lab = await startLaunchpad();
  await using batch = await createBatchLab();
  fileBugs(lab);
  for (const [at, fault] of faults.entries()) lab.fault({ fault, rate: 0.05, seed: `fault ${at}` });
  let count = 0;
  for (let isDone = false; !isDone && count < mostBatches; count += 1) {
    const { tracker } = trackerOn(lab);
    isDone = (await batch.run({ jobs: 2 }, { tracker })).endedEarly === null;
  }
  return { dump: lab.dump(), faultsUsed: lab.faultsUsed(), batches: count };
}

test("whatever a web service does to a batch, the bugs end as without it: nothing lost, nothing twice", async () => {
  const quiet = await workedThrough([]);
  expect(quiet.dump.bugs.flatMap(({ tags }) => tags).filter((tag) => tag.startsWith("need-"))).toEqual([]);
  const troubled = await workedThrough(passing);
  expect(Object.keys(troubled.faultsUsed).sort()).toEqual(["lost-answer", "reset", "status"]);
  expect(troubled.batches).toBeLessThan(mostBatches);
  expect(troubled.dump).toEqual(quiet.dump);
});
