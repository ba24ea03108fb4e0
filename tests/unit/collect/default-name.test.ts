import { expect, test } from "vitest";
import { defaultName } from "../../../src/cli/collect-report.ts";

const date = "Sun Nov  2 12:00:00 2026";

test.each([
  ["/usr/bin/sleep", 4711, "sleep.4711.crash"],
  ["/usr/bin/sleep", null, "sleep.Sun-Nov-2-12-00-00-2026.crash"],
  ["/opt/-rf", 1, "rf.1.crash"],
  ["/opt/..", 1, "program.1.crash"],
  ["/opt/a b\n\u001b[0m", 1, "a_b___0m.1.crash"],
  [`/opt/${"x".repeat(300)}`, 1, `${"x".repeat(64)}.1.crash`],
])("the report of %j with pid %j is %s", (path, pid, name) => {
  const fields = new Map([
    ["ExecutablePath", path],
    ["Date", date],
  ]);
  expect(defaultName({ fields, pid })).toBe(name);
});
