import { expect, test } from "vitest";
import { describeTracker } from "./describe-tracker.ts";
import { makeLocalLab } from "./local-lab.ts";

describeTracker("local", makeLocalLab);

test("the local tracker does what is planned behind an edit together with it, in one commit", async () => {
  const lab = await makeLocalLab();
  try {
    const id = await lab.seed({ fields: { ProblemType: "Crash", ExecutablePath: "/usr/bin/sleep" } });
    const next = [{ kind: "comment", marker: "one", subject: "A subject", body: "Said together." }] as const;
    await lab.tracker.apply(id, { kind: "add-tags", tags: ["first"] }, { maybeDone: false, next });
    expect(await lab.comments(id)).toEqual(["Said together."]);
  } finally {
    await lab.close();
  }
});
