import { expect, test } from "vitest";
import { nextStepOf } from "../../../src/cli/next-step.ts";

const markTag = "need-amd64-retrace";

test("a crash that is set aside has its next step named", () => {
  const parked = { kind: "parked", markTag, release: null, architecture: "amd64" } as const;
  expect(nextStepOf({ ...parked, modules: [], until: "2026-12-22T16:14:07.123Z" })).toBe(
    "parked until 2026-12-22T16:14Z",
  );
  const retry = { kind: "retry", markTag, tries: 2, nextAt: "2026-11-22T16:14:07.123Z", reason: "memory" } as const;
  expect(nextStepOf(retry)).toBe("retry after 2026-11-22T16:14Z");
  expect(nextStepOf({ kind: "dead", markTag, reason: "gdb crashed" })).toBe("dead letter");
  expect(nextStepOf(null)).toBe("-");
});
