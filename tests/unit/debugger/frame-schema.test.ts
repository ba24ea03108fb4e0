import fc from "fast-check";
import { expect, test } from "vitest";
import { parseThreads } from "../../../src/debugger/frame-schema.ts";

const thread = { kind: "thread", tid: 7, crashed: true };
const frame = {
  kind: "frame",
  index: 0,
  pc: "0x10",
  function: "main",
  file: "main.c",
  line: 3,
  inlined: false,
  signalHandler: false,
  arguments: [["argc", "1"]],
  locals: [],
};
const end = { kind: "end", truncated: false };

test("a thread with its frames", () => {
  expect(
    parseThreads(lines(thread, frame, { ...frame, index: 1, function: null, file: null, line: null }, end)),
  ).toEqual([
    {
      tid: 7,
      crashed: true,
      truncated: false,
      frames: [
        expect.objectContaining({ index: 0, status: "symbolized", arguments: [{ name: "argc", value: "1" }] }),
        expect.objectContaining({ index: 1, status: "unknown" }),
      ],
    },
  ]);
});

test("a name without a line is a symbol only, and a handler's frame is marked", () => {
  const [first] = parseThreads(lines(thread, { ...frame, line: null }, { ...frame, signalHandler: true }, end));
  expect(first?.frames.map(({ status }) => status)).toEqual(["symbol-only", "signal-handler"]);
});

test("a thread that was cut off is truncated", () => {
  expect(parseThreads(`${lines(thread, frame)}{"kind":"frame","ind`)).toMatchObject([
    { truncated: true, frames: [{}] },
  ]);
});

test.each([
  ["a frame before any thread", lines(frame)],
  ["gdb's own messages", "warning: {odd}\n[New LWP 5]\n"],
  ["an unknown kind", lines({ kind: "shell" })],
  ["a text that is no JSON", "{]\n"],
])("%s is left out", (_name, text) => {
  expect(parseThreads(text)).toEqual([]);
});

test.each([
  ["a long name", { function: "x".repeat(3000) }],
  ["a long value", { locals: [["x", "y".repeat(2000)]] }],
  ["too many variables", { locals: Array(101).fill(["x", "y"]) }],
  ["a line that is no number", { line: "3" }],
  ["an address that is none", { pc: "$(id)" }],
])("a frame with %s is refused", (_name, change) => {
  expect(parseThreads(lines(thread, { ...frame, ...change }, end))).toMatchObject([{ frames: [] }]);
});

test("frames and threads are bounded", () => {
  const frames = Array.from({ length: 2100 }, () => frame);
  expect(parseThreads(lines(thread, ...frames))[0]?.frames).toHaveLength(2000);
  expect(parseThreads(lines(...Array.from({ length: 1100 }, () => thread)))).toHaveLength(1000);
});

test("no text at all can make it throw", () => {
  const record = fc.oneof(
    fc.constantFrom(thread, frame, end),
    fc.json().map((json) => ({ kind: "frame", json })),
  );
  const line = fc.oneof(
    record.map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), (parts) => {
      for (const { frames } of parseThreads(parts.join("\n"))) expect(frames.length).toBeLessThanOrEqual(2000);
    }),
  );
});

function lines(...records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}
