import { parseThreads } from "../../../../src/debugger/frame-schema.ts";
import { sections } from "../../../../src/debugger/gdb-command.ts";
import { disassemblyText, fieldText, printedValue, splitSections } from "../../../../src/debugger/session-output.ts";
import { joinFrames } from "../../../../src/trace/join-frames.ts";
import { ensure, harmful, type MutatedReader } from "../reader.ts";
import { traceSamples } from "./trace-samples.ts";

const marker = "0123456789abcdef";
const frame = (index: number, name: string | null, line: number | null): string =>
  JSON.stringify({
    ...{ kind: "frame", index, pc: `0x7f000000${1000 + index}`, function: name, file: "/usr/src/a.c", line },
    ...{
      inlined: index === 1,
      signalHandler: index === 2,
      arguments: [["argc", "1"]],
      locals: [["text", '"a\\033b"']],
    },
  });
const frames = [
  `{"kind":"thread","tid":42,"crashed":true}`,
  frame(0, "strlen", null),
  frame(1, "count", 12),
  frame(2, null, null),
  `{"kind":"note","text":"Backtrace stopped: previous frame inner to this frame (corrupt stack?)"}`,
  `{"kind":"end","truncated":false}`,
  "warning: Unable to find libthread_db",
  `{"kind":"thread","tid":43,"crashed":false}`,
  frame(0, "poll", 1),
  `{"kind":"end","truncated":true}`,
].join("\n");
const texts: Partial<Record<(typeof sections)[number], string>> = {
  version: "GNU gdb (Debian 13.1-3) 13.1",
  stacktrace: traceSamples.stacktrace,
  registers: "rax            0x0                 0\nrip            0x5555555551a9      0x5555555551a9 <main+4>",
  disassembly: "=> 0x5555555551a9 <main+4>:\tmov    (%rax),%eax",
  abortMessage: traceSamples.assertion,
  frames,
};
const session = sections.map((name) => `\n${marker} ${name}\n${texts[name] ?? ""}\n`).join("");

/** What gdb prints in a session: cut into sections, each as a field, and the frames as JSON lines. */
export function gdbOutputReader(): MutatedReader {
  return {
    samples: [session, `Reading symbols from /program...\n${session}`, `\n${marker} frames\n${frames}\n`].map((text) =>
      Buffer.from(text),
    ),
    read: (bytes) => {
      const output = splitSections(bytes.toString("utf8"), marker);
      for (const { text } of output.values()) {
        for (const field of [fieldText(text), disassemblyText(text), printedValue(text) ?? ""]) {
          ensure(!/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(field), "no control character gets through");
          ensure(!field.split("\n").slice(0, -1).includes(""), "a field has no empty line");
        }
      }
      expectThreads(output.get("frames")?.text ?? "");
      expectThreads(bytes.toString("utf8"));
    },
  };
}

function expectThreads(text: string): void {
  const threads = parseThreads(text);
  const module = { path: "/lib/a.so", start: 0x7f0000000000n, end: 0x7f0000002000n, buildId: "ab" };
  const joined = joinFrames(threads, [module]);
  ensure(
    joined.length <= 1000 && joined.every(({ frames }) => frames.length <= 2000),
    "threads and frames are bounded",
  );
  const names = joined.flatMap(({ frames }) => frames.flatMap((each) => [each.function ?? "", each.file ?? ""]));
  ensure(!names.some((name) => /[\u0000-\u001f\u007f-\u009f]/.test(name)), "names are on one line and printable");
  ensure(!harmful.test(joined.map(({ tid }) => tid).join(" ")), "thread ids are numbers");
}
