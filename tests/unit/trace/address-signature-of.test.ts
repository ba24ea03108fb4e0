import fc from "fast-check";
import { expect, test } from "vitest";
import { addressSignatureOf } from "../../../src/trace/address-signature-of.ts";

const maps = `00400000-00402000 r-xp 00000000 08:02 1044485                            /usr/bin/gr:oß b
00601000-00602000 r--p 00001000 08:02 1044485                            /usr/bin/gr:oß b
01ac8000-01ae9000 rw-p 00000000 00:00 0                                  [heap]
7f3c00000000-7f3c00001000 rw-p 00000000 00:00 0 
7f3c00002000-7f3c00003000 r-xp 00000000 08:02 1044485                    /lib/libc.so.6

ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

type Changes = { readonly [field: string]: string | undefined };

function outcome(addresses: readonly string[], changes: Changes = {}) {
  const Stacktrace = addresses
    .map((address, index) => `#${index}  ${address} in f ()\n        x = 0x400000`)
    .join("\n");
  const fields = { ExecutablePath: "/usr/bin/a:b", Signal: "11", ProcMaps: maps, Stacktrace, ...changes };
  const present = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  return addressSignatureOf(new Map(present));
}

function signature(...addresses: readonly string[]): string | null {
  const found = outcome(addresses);
  return found.kind === "signature" ? found.signature : null;
}

const inProgram = "0x0000000000400010";
const unmapped = "0x0000123400000000";

test("the places of the frames, in hex without leading zeros, colons of the paths as two dots", () => {
  expect(signature("0x00400abc", "0x7f3c00002000", "0x01ac9000", "0xffffffffff600fff", "0x00601001")).toBe(
    "/usr/bin/a:b:11:/usr/bin/gr..oß b+abc:/lib/libc.so.6+0:[heap]+1000:[vsyscall]+fff:/usr/bin/gr..oß b+1",
  );
});

test("hex digits may be capitals, the prefix may not", () => {
  expect(signature("0x00400ABC", inProgram, inProgram)).toContain("+abc:");
  expect(signature("0X00400ABC", inProgram, inProgram)).toBeNull();
});

test("the end of a mapping belongs to it, and the first mapping wins", () => {
  const ProcMaps = "1000-2000 r-xp 0 0:0 0  /a\n2000-3000 r-xp 0 0:0 0  /b";
  expect(outcome(["0x1000", "0x2000", "0x2001"], { ProcMaps })).toEqual({
    kind: "signature",
    signature: "/usr/bin/a:b:11:/a+0:/a+1000:/b+1",
  });
});

test("a mapping without a path holds nothing: its addresses count as failed", () => {
  expect(signature("0x7f3c00000010", ...Array(6).fill(inProgram))).not.toBeNull();
  expect(signature("0x7f3c00000010", ...Array(5).fill(inProgram))).toBeNull();
});

test("three resolved are the least, six when any failed, and four for each that failed", () => {
  expect(signature(inProgram, inProgram)).toBeNull();
  expect(signature(inProgram, inProgram, inProgram)).not.toBeNull();
  expect(signature(unmapped, ...Array(6).fill(inProgram))).not.toBeNull();
  expect(signature(unmapped, unmapped, ...Array(7).fill(inProgram))).toBeNull();
  expect(signature(unmapped, unmapped, ...Array(8).fill(inProgram))).not.toBeNull();
  expect(signature(unmapped, unmapped, unmapped, ...Array(12).fill(inProgram))).not.toBeNull();
  expect(signature(unmapped, unmapped, unmapped, unmapped, ...Array(40).fill(inProgram))).toBeNull();
});

test("at most fifteen are kept, and what follows does not count as failed", () => {
  const found = signature(...Array(15).fill(inProgram), ...Array(9).fill(unmapped));
  expect(found?.match(/\+10/g)).toHaveLength(15);
});

test("addresses below 0x1000 are passed over, as are frames without one", () => {
  expect(signature("0x0", "0xfff", inProgram, inProgram, inProgram)?.match(/\+/g)).toHaveLength(3);
  expect(signature("0x1000", ...Array(5).fill(inProgram))).toBeNull();
  const Stacktrace = `#0  inlined ()\n#1  ${inProgram} in a ()\n0x400000\n#2  0xzz in b ()\n#3  ${inProgram}\n#4  ${inProgram} <x>`;
  expect(outcome([], { Stacktrace }).kind).toBe("signature");
});

test.each(["ProcMaps", "Stacktrace", "Signal", "ExecutablePath"])("without %s there is none", (field) => {
  expect(outcome([inProgram, inProgram, inProgram], { [field]: undefined })).toEqual({ kind: "none" });
});

test("maps that could not be read on the reporter's machine give none", () => {
  expect(outcome([inProgram], { ProcMaps: "Error: [Errno 13] Permission denied" })).toEqual({ kind: "none" });
});

test.each([
  "garbage",
  " 1000-2000 r-xp 0 0:0 0  /a",
  "1000 2000 r-xp 0 0:0 0  /a",
  "1000-2000",
  "1000-2000:",
  "Error: x",
  "Error:x",
  "0x1000-0x2000 r-xp 0 0:0 0  /a",
  "vdso-1000  /a",
])("a line %j in the maps is an error that names it", (line) => {
  expect(outcome([inProgram], { ProcMaps: `${maps}${line}\n` })).toEqual({ kind: "bad-maps", line: 8, text: line });
});

test.each([
  "",
  " \t",
  "1000-2000 ",
  "1000-2000 rw-p 00000000 00:00 0",
  "1000-2000 rw-p 0 0:0 0 /one/blank",
  "1000-2000    ",
])("a line %j in the maps is passed over", (line) => {
  const addresses = ["0x1800", ...Array(6).fill(inProgram)];
  const found = outcome(addresses, { ProcMaps: `${line}\n${maps}` });
  expect(found).toEqual({
    kind: "signature",
    signature: `/usr/bin/a:b:11:${Array(6).fill("/usr/bin/gr..oß b+10").join(":")}`,
  });
});

test("the path is what follows the last run of two or more blanks; blanks at the end are its own", () => {
  const ProcMaps = "1000-2000 r-xp 0 0:0 0  /a  b \tc d  \n3000-4000\t\t[x]";
  expect(outcome(["0x1001", "0x1002", "0x3003"], { ProcMaps })).toEqual({
    kind: "signature",
    signature: "/usr/bin/a:b:11:c d  +1:c d  +2:[x]+3",
  });
});

test("a word that only begins like an address is none", () => {
  const Stacktrace = [inProgram, inProgram, `${inProgram}z`]
    .map((each, index) => `#${index}  ${each} in f ()`)
    .join("\n");
  expect(outcome([], { Stacktrace })).toEqual({ kind: "none" });
});

test("capital digits in the maps and several colons in a path are understood", () => {
  const ProcMaps = "ABC000-ABD000 r-xp 0 0:0 0  /a:b:c";
  expect(outcome(["0xabc001", "0xABC002", "0xabc003"], { ProcMaps })).toEqual({
    kind: "signature",
    signature: "/usr/bin/a:b:11:/a..b..c+1:/a..b..c+2:/a..b..c+3",
  });
});

test("a reason in place of the maps has to be written as one", () => {
  expect(outcome([inProgram], { ProcMaps: "Error:x" })).toEqual({ kind: "bad-maps", line: 1, text: "Error:x" });
});

test("maps of another form do not matter when there is no address to look up", () => {
  expect(outcome(["0x10"], { ProcMaps: "garbage" })).toEqual({ kind: "none" });
});

test("a long message of a bad line is cut", () => {
  expect(outcome([inProgram], { ProcMaps: "z".repeat(5000) })).toEqual({
    kind: "bad-maps",
    line: 1,
    text: "z".repeat(200),
  });
});

// The rule as it is written: walk on to the fifteenth resolved one, then judge. Ours looks at nineteen at most.
test("reading only the first addresses changes no result", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (mapped) => {
      let resolved = 0;
      let failed = 0;
      for (const each of mapped) {
        if (resolved >= 15) break;
        if (each) resolved += 1;
        else failed += 1;
      }
      const none = (failed > 0 && resolved / failed < 4) || resolved < (failed > 0 ? 6 : 3);
      const found = signature(...mapped.map((each) => (each ? inProgram : unmapped)));
      expect(found?.match(/\+10/g)?.length ?? null).toBe(none ? null : resolved);
    }),
    { numRuns: 2000 },
  );
});
