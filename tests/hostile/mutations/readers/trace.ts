import { topFunctionOf } from "../../../../src/digger/top-function.ts";
import { parsePackageField } from "../../../../src/report/package-field.ts";
import { placesInMaps } from "../../../../src/trace/process-maps.ts";
import { stacktraceTop } from "../../../../src/trace/stacktrace-top.ts";
import { titleFor } from "../../../../src/trace/title-for.ts";
import { everyTraceRule } from "../../../lab/every-trace-rule.ts";
import { ensure, harmful, type MutatedReader } from "../reader.ts";
import { traceSamples } from "./trace-samples.ts";

/** Stack traces, memory maps, tracebacks and kernel messages, each in the place of every field. */
export function traceReader(): MutatedReader {
  return {
    samples: Object.values(traceSamples).map((text) => Buffer.from(text)),
    read: (bytes) => {
      const text = bytes.toString("utf8");
      everyTraceRule(text);
      const top = stacktraceTop(text);
      ensure(top.split(/\n/).length <= 5, "StacktraceTop has at most five lines");
      topFunctionOf(
        new Map([
          ["StacktraceTop", top],
          ["Traceback", text],
        ]),
      );
      parsePackageField(text);
      placesInMaps(text, [0n, 0x7f0000001234n, 2n ** 64n - 1n]);
      const title =
        titleFor(
          new Map([
            ["ExecutablePath", text],
            ["Signal", "11"],
            ["StacktraceTop", top],
          ]),
        ) ?? "";
      ensure(!harmful.test(title) && title.length <= 250, "a title is one short line without control characters");
    },
  };
}
