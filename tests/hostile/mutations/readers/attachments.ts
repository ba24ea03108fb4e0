import { renderModules, renderThreads } from "../../../../src/cli/tracker/show-trace.ts";
import { modulesFrom, threadsFrom } from "../../../../src/cli/tracker/trace-attachments.ts";
import { ensure, harmful, type MutatedReader } from "../reader.ts";

const frame = { index: 0, module: "/lib/libc.so.6", function: "strlen", file: "a.c", line: 3, inlined: false };
const threads = [
  { tid: 42, crashed: true, truncated: false, frames: [{ ...frame, arguments: [{ name: "s", value: '"x"' }] }] },
  { tid: 43, crashed: false, truncated: true, frames: [{ ...frame, function: null, arguments: [] }] },
];
const fidelity = [
  { path: "/usr/bin/a", buildId: "ab".repeat(20), status: "matched", reason: "found in workers 1.0-1" },
  { path: "/lib/b.so", buildId: null, status: "no-build-id", reason: "the core holds none" },
];

/** The attachments Trace.json and Fidelity.json, which anybody may have replaced, as `show` prints them. */
export function attachmentsReader(): MutatedReader {
  const samples = [threads, fidelity, [...threads, ...fidelity]];
  return {
    samples: samples.map((value) => Buffer.from(JSON.stringify(value, null, 1))),
    read: (bytes) => {
      const text = bytes.toString("utf8");
      const attachments = new Map([
        ["Trace.json", text],
        ["Fidelity.json", text],
      ]);
      const shown = [renderThreads(threadsFrom(attachments) ?? []), renderModules(modulesFrom(attachments) ?? [])].join(
        "",
      );
      // Bold names are our own doing.
      ensure(!harmful.test(shown.replaceAll(/\u001b\[(?:1|22)m/g, "")), "what is shown is fit for a terminal");
      ensure(shown.split("\n").length < 5000, "what is shown is bounded");
    },
  };
}
