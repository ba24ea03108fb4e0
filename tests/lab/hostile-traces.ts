/**
 * Texts made to be slow for a matcher that backtracks, or to fill memory: what one person can put into a report.
 * Each is about `size` characters long.
 */
export function hostileTraces(size: number): ReadonlyMap<string, string> {
  const fill = (piece: string): string => piece.repeat(Math.ceil(size / piece.length));
  return new Map([
    ["one endless word", `#0  ${fill("a")}`],
    ["one endless run of blanks", `#0 ${fill(" ")}x`],
    ["blanks after an address", `#0  0x1234567${fill(" ")}x`],
    ["blanks after in", `#0  0x1234567 in ${fill(" ")}`],
    ["an endless frame number", `#${fill("1")} main ()`],
    ["an endless address", `#0  0x${fill("f")} in main ()`],
    ["addresses without end", fill("#0  0x00007f0000001000 in main ()\n")],
    ["names that almost match the processor's functions", `#0  __${fill("_sse1_a")}! ()`],
    ["an endless number after sse", `#0  ___sse${fill("1")}! ()`],
    ["names that almost match, each a frame", fill("#0  ___ssse3_a_sse2_b! ()\n")],
    ["frames without names", fill("#1\n#2 \n#3  0x1 in \n")],
    ["resets without end", fill("#1  <signal handler called>\n#2 _XError ()\n#3 _XReply ()\n")],
    ["a handler followed by blanks without end", `#1  <signal handler called>${fill(" ")}x`],
    ["asterisks", `#0  0x1 in ${fill("*")}`],
    ["parentheses", `#0  ${fill("(")}`],
    ["line breaks of every kind", fill("\n\r\n\r\v\f\x1c\x85\u2028")],
    ["half of a surrogate pair", `#0  ${fill("\ud800")}`],
    ["colons and tildes", fill(":~")],
    ["maps without a path", fill("0-1 \n")],
    ["maps with paths", fill("0-fffffffff  a\n")],
    ["one map with blanks without end", `0-1 ${fill(" a")}`],
    ["one map with long blanks", `0-1 ${fill("  ")}`],
    ["maps with an endless number", `${fill("f")}-${fill("f")}  a`],
    ["almost a range", `${fill("0")}`],
    ["a place with an endless path", `  File "${fill('", line 1, in')}`],
    ["a place with an endless line number", `  File "a", line ${fill("1")}`],
    ["places without end", fill('  File "a", line 1, in <module>\n')],
    ["blanks before a place", `${fill(" ")}Fill`],
    ["almost an exception", fill("a")],
    ["a kernel frame with an endless address", ` #0 [${fill("f")}`],
    ["kernel frames", fill(" #0 [f] a\n")],
    ["an oops of brackets", `Call Trace:\n ${fill("[")}${fill("] ")}`],
    ["an oops of faults", `BUG: unable to handle ${fill(" at ")}`],
    ["addresses in a message", fill("0x12345")],
    ["a print of quotes", `$1 = 0x1 "${fill('"')} x`],
    ["a print of blanks", `$1 = 0x1 ""${fill(" ")}x`],
    ["a print that does not begin", fill(" ")],
    ["digits after a dollar", `$${fill("1")}`],
  ]);
}
