import { expect, test } from "vitest";
import { batchProgress, isLively, statusLine } from "../../../src/cli/progress.ts";

const clear = "\r\u001b[K";

function screen(columns = 80) {
  const written: string[] = [];
  return { written, line: statusLine({ write: (text) => void written.push(text), columns: () => columns }) };
}

test("what is printed scrolls above the status, which is drawn anew below it", () => {
  const { written, line } = screen();
  line.print("first\n");
  line.show("1 of 2");
  line.print("second\n");
  line.show("");
  line.print("third\n");
  expect(written).toEqual(["first\n", `${clear}1 of 2`, `${clear}second\n1 of 2`, clear, "third\n"]);
});

test("a status that is too long for the terminal is cut before its last column", () => {
  const { written, line } = screen(10);
  line.show("0123456789abc");
  expect(written).toEqual([`${clear}012345678`]);
});

test("a batch's status counts what is done and names what is being worked on", () => {
  const { written, line } = screen();
  let now = 0;
  {
    using progress = batchProgress(line, () => now);
    progress.watch({ kind: "work list", crashes: 12 });
    for (let crash = 1; crash <= 10; crash += 1) progress.watch({ kind: "begun", crash });
    now = 125_000;
    progress.watch({ kind: "done", crash: 1 });
    progress.watch({ kind: "done", crash: 4 });
  }
  expect(written[0]).toBe(`${clear}0 of 12 crashes done, 0:00`);
  expect(written[1]).toBe(`${clear}0 of 12 crashes done, 0:00, working on 1`);
  expect(written.at(-2)).toBe(`${clear}2 of 12 crashes done, 2:05, working on 2, 3, 5, 6, 7, 8, 9, 10`);
  expect(written.at(-1)).toBe(clear);
  expect(written.join("")).toContain("working on 2, 3, 4, 5, 6, 7, 8, 9, …");
});

test.each([
  [true, { TERM: "xterm" }, true],
  [true, { TERM: "xterm", NO_COLOR: "" }, true],
  [true, { TERM: "xterm", NO_COLOR: "1" }, false],
  [true, { TERM: "dumb" }, false],
  [true, {}, false],
  [false, { TERM: "xterm" }, false],
])("terminal %j with %j is lively: %j", (isTerminal, env, lively) => {
  expect(isLively(isTerminal, env)).toBe(lively);
});
