import fc from "fast-check";
import { expect, test } from "vitest";
import { sections } from "../../../src/debugger/gdb-command.ts";
import { printable } from "../../../src/debugger/printable.ts";
import {
  disassemblyText,
  fieldText,
  peakMemory,
  printedValue,
  splitSections,
} from "../../../src/debugger/session-output.ts";

const marker = "0123456789abcdef0123456789abcdef";

test("sections are found by the marker, and only the last may be incomplete", () => {
  const session = splitSections(`chatter\n${marker} version\nGNU gdb\n\n${marker} stacktrace\n#0  main ()\n#1`, marker);
  expect(session.get("version")).toEqual({ text: "GNU gdb\n", complete: true });
  expect(session.get("stacktrace")).toEqual({ text: "#0  main ()\n#1", complete: false });
  expect(session.has("end")).toBe(false);
});

test("output without a marker has no sections", () => {
  expect(splitSections("", marker).size).toBe(0);
  expect(splitSections(`${marker} version`, marker).size).toBe(0);
  expect(splitSections(`\n${marker} version`, marker).get("version")).toEqual({ text: "", complete: false });
});

test("any text between markers comes back as it was", () => {
  const text = fc.string().filter((candidate) => !candidate.includes(marker));
  fc.assert(
    fc.property(fc.array(text, { minLength: sections.length, maxLength: sections.length }), (texts) => {
      const output = sections.map((section, index) => `\n${marker} ${section}\n${texts[index]}`).join("");
      const session = splitSections(output, marker);
      expect(sections.map((section) => session.get(section)?.text)).toEqual(texts);
    }),
  );
});

test("an empty line becomes a line with a single dot, also the first", () => {
  expect(fieldText("\nThread 2:\n#0  a ()\n\nThread 1:\n#0  b ()\n\n")).toBe(
    ".\nThread 2:\n#0  a ()\n.\nThread 1:\n#0  b ()",
  );
  expect(fieldText("\n\n")).toBe("");
});

test("the jail's sysroot is taken out where gdb names a library, not out of what a program printed", () => {
  expect(fieldText("#1  0x1 in f () from /sysroot/lib/x.so")).toBe("#1  0x1 in f () from /lib/x.so");
  expect(fieldText('#1  f (p=0x1 " from /sysroot/a") from /sysroot/lib/x.so')).toContain(
    '" from /sysroot/a") from /lib/x.so',
  );
  expect(fieldText("        path = /sysroot/ostree")).toBe("        path = /sysroot/ostree");
});

test("a bare program counter gets gdb's words about it", () => {
  expect(disassemblyText("=> 0x0:\t")).toBe("=> 0x0:\tCannot access memory at address 0x0");
  expect(disassemblyText("=> 0x1234 <main+4>:\tret\n")).toBe("=> 0x1234 <main+4>:\tret");
});

test.each([
  ['$1 = 0x7f00 "text"\n', '$1 = 0x7f00 "text"'],
  ["$1 = 0x0\n", null],
  ["", null],
  ["forged\n", null],
])("the value of a print %j is %j", (text, value) => {
  expect(printedValue(text)).toBe(value);
});

test("no control character but tab and line feed is ever left", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(printable(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
      expect(fieldText(text)).not.toMatch(/^\s*$\n/m);
    }),
  );
});

test.each([
  ["31716\n", 31716 * 1024],
  ["", null],
  ["Python scripting is not supported in this copy of GDB.", null],
  ["99999999999999999999", null],
  ["-1", null],
])("the peak memory in %j", (text, bytes) => {
  expect(peakMemory(text)).toBe(bytes);
});
