import { expect, test } from "vitest";
import { lineLog } from "../../../src/system/log.ts";

function logged(program: string): string {
  const lines: string[] = [];
  const clock = { now: () => new Date(0), monotonicMs: () => 0 };
  lineLog((line) => lines.push(line), clock, false).event("crash done", { program });
  return lines.join("");
}

test("an event is one line: time, message, and what varies", () => {
  expect(logged("/usr/bin/sleep")).toBe("1970-01-01T00:00:00.000Z crash done program=/usr/bin/sleep\n");
  expect(logged("a b\n")).toBe('1970-01-01T00:00:00.000Z crash done program="a b\\n"\n');
});

test("nothing that steers a terminal or turns the writing round gets into the log", () => {
  const line = logged("\u001b]0;x\u0007\u009b31m\u202egnp\u2066\u2028\u{e0041}\ud800\r");
  expect(line).toMatch(/^[\x20-\x7e]+\n$/);
  expect(line).toContain("\\u202egnp\\u2066\\u2028\\udb40\\udc41");
});

test("a value of a million letters is cut, and its length told", () => {
  expect(logged("x".repeat(1_000_000))).toMatch(/^.{40,60}x{900,1000}… \(1000000 characters\)"\n$/);
});
