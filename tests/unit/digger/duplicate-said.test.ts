import { expect, test } from "vitest";
import { duplicateSaid } from "../../../src/digger/comment-texts.ts";

test.each<readonly [string, readonly string[], number | null]>([
  ["nothing", [], null],
  ["other comments", ["crash-digger:invalid:7", "crash-digger:regression:7:3"], null],
  ["the comment of another crash, as a merge makes it", ["crash-digger:duplicate:8:3"], null],
  ["the latest of two", ["crash-digger:duplicate:7:3", "crash-digger:failed:7", "crash-digger:duplicate:7:5"], 5],
  ["no number", ["crash-digger:duplicate:7:0", "crash-digger:duplicate:7:x", "crash-digger:duplicate:7:03"], null],
  ["a number that is none of a crash", [`crash-digger:duplicate:7:${"9".repeat(16)}`], null],
])("the master that is named by %s", (_, markers, master) => {
  expect(duplicateSaid(7, markers)).toBe(master);
});
