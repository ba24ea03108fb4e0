import { expect, test } from "vitest";
import type { Edit } from "../../../src/tracker/types.ts";
import { describeTracker } from "./describe-tracker.ts";
import { makeLocalLab } from "./local-lab.ts";

describeTracker("local", makeLocalLab);

test("the local tracker does what is planned behind an edit together with it, in one commit", async () => {
  const lab = await makeLocalLab();
  try {
    const id = await lab.seed({ fields: { ProblemType: "Crash", ExecutablePath: "/usr/bin/sleep" } });
    const next = [{ kind: "comment", marker: "one", subject: "A subject", body: "Said together." }] as const;
    const applied = await lab.tracker.apply(id, { kind: "add-tags", tags: ["first"] }, { maybeDone: false, next });
    expect(applied).toEqual({ kind: "done", next: [{ kind: "done" }] });
    expect(await lab.comments(id)).toEqual(["Said together."]);
  } finally {
    await lab.close();
  }
});

test("an edit that cannot be carried out fails in its own turn, and those before it are done", async () => {
  const lab = await makeLocalLab();
  try {
    const id = await lab.seed({ fields: { ProblemType: "Crash", ExecutablePath: "/usr/bin/sleep" } });
    const impossible = { kind: "set-title", title: null } as unknown as Edit;
    const applied = await lab.tracker.apply(
      id,
      { kind: "add-tags", tags: ["first"] },
      { maybeDone: false, next: [impossible] },
    );
    expect(applied).toEqual({ kind: "done" });
    await expect(lab.tracker.apply(id, impossible)).rejects.toThrow();
    expect(await lab.tracker.tagsOf(id)).toContain("first");
  } finally {
    await lab.close();
  }
});
