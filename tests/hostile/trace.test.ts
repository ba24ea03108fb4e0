import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { run } from "../../src/system/process.ts";
import { everyTraceRule } from "../lab/every-trace-rule.ts";
import { hostileTraces } from "../lab/hostile-traces.ts";

const reader = fileURLToPath(new URL("../lab/read-hostile-traces.ts", import.meta.url));

// At this size linear work takes some seconds for all texts together, and quadratic work hours for one.
test("texts made to be slow are read to the end, in little memory", async () => {
  const command = [process.execPath, "--max-old-space-size=400", reader, "1000000"] as const;
  const result = await run([...command], { deadlineMs: 110_000 });
  expect(result.stderr).toBe("");
  expect(result.stdout.toString().split("\n").slice(0, -1)).toEqual([...hostileTraces(1).keys()]);
});

test("no rule throws, whatever the text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => everyTraceRule(text)));
});

test("no rule throws on texts pieced together from what the rules look for", () => {
  const piece = fc.constantFrom(
    ..."#0 |#1  |0x12345678| in |*|main|??| (|)|\n|\r|\u2028|  |\t|_XError|__GI_abort|<signal handler called>".split(
      "|",
    ),
    ...'"|File "|", line |1|<module>|Error: |1000-2000|:|[|] |?|IP: |Call Trace:|BUG: unable to handle | at |\ud800|$1 = '.split(
      "|",
    ),
  );
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, (composed) => everyTraceRule(composed)),
    { numRuns: 2000 },
  );
});
