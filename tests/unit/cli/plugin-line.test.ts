import { expect, test } from "vitest";
import { pluginLine } from "../../../src/cli/plugin-line.ts";
import { judge } from "../../../src/health/judge.ts";
import { told } from "../../../src/health/judgement.ts";
import { usualLimits } from "../../../src/health/limits.ts";
import { makeHealth, records, seen } from "../../lab/health/make-health.ts";

test("all is well: the last success and the queue, then the values with their ranges", () => {
  const away = records({ trackerAwaySince: "2026-01-02T11:30:00.000Z" });
  expect(pluginLine("ok", judge(makeHealth({ records: seen(away) }), usualLimits))).toBe(
    "CRASH-DIGGER OK - the tracker has been away for 30 min, last success 10 min ago, 0 pending | " +
      "success_age=600s;7200;86400;0 queue=0;1000;;0 oldest_pending=0s;86400;604800;0 dead_letters=0;0;;0 " +
      "stuck_edits=0;0;;0 batch_memory=134217728B;;;0 disk_free_state=53687091200B;5368709120:;1073741824:;0 " +
      "disk_free_cache=53687091200B;5368709120:;1073741824:;0 cache=25%;110;;0\n",
  );
});

test("what is wrong comes first, the gravest before the rest", () => {
  const judgements = [told("warning", "a"), told("unknown", "b"), told("critical", "c"), told("ok", "d")];
  expect(pluginLine("critical", judgements)).toBe("CRASH-DIGGER CRITICAL - c, a, b, d\n");
});

test("a reason can neither begin the values, nor a second line, nor steer a terminal", () => {
  const line = pluginLine("critical", [told("critical", `E: a|b=1\u001b[2J ${"x".repeat(1000)}\nsecond`)]);
  expect(line).toMatch(/^CRASH-DIGGER CRITICAL - E: a\/b=1\\x1b\[2J x+…\n$/);
  expect(line.length).toBeLessThan(400);
});
