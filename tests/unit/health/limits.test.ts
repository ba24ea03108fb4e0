import { expect, test } from "vitest";
import { usualLimits, withLimit } from "../../../src/health/limits.ts";

test.each([
  ["success-age=90m", "success-age", 5400],
  ["oldest-pending=7d", "oldest-pending", 604_800],
  ["batch-age=30", "batch-age", 30],
  ["disk-free=10G", "disk-free", 10 * 1024 ** 3],
  ["queue=0", "queue", 0],
  ["cache=95%", "cache", 95],
  ["dead-letters=off", "dead-letters", null],
] as const)("%s is a limit", (text, name, value) => {
  expect(withLimit(usualLimits, "warning", text)).toMatchObject({ [name]: { warning: value } });
  expect(withLimit(usualLimits, "critical", text)).toMatchObject({ [name]: { critical: value } });
});

test.each(["queue", "queue=", "queue=5m", "queue=-1", "success-age=5G", "disk-free=1.5G", "success-age=1e3"])(
  "%s is none, and it is told what is wanted",
  (text) => {
    expect(withLimit(usualLimits, "warning", text)).toEqual({ fault: expect.stringMatching(/ is wanted, or off$/) });
  },
);

test.each(["queues=5", "__proto__=5", ""])("what is called %j has no limit, and it is told what has", (text) => {
  expect(withLimit(usualLimits, "warning", text)).toEqual({ fault: expect.stringContaining("there are success-age,") });
});
