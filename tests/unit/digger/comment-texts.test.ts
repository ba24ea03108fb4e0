import fc from "fast-check";
import { expect, test } from "vitest";
import { commentFrom } from "../../../src/digger/comment-texts.ts";

const template = { subject: "About {id}", body: "It failed:\n{reason}\nfor {{everybody}}" };

function comment(reason: string, marker = "failed:7") {
  const edit = commentFrom(template, marker, { id: 7, reason });
  if (edit.kind !== "comment") throw new Error("no comment");
  return edit;
}

test("values take the places of their placeholders, and doubled braces are braces", () => {
  expect(comment("gdb crashed")).toEqual({
    kind: "comment",
    marker: "crash-digger:failed:7",
    subject: "About 7",
    body: "It failed:\ngdb crashed\nfor {everybody}",
  });
});

test("a value is not read as a template once more", () => {
  expect(comment("{id} $& {{").body).toContain("{id} $& {{");
});

test("a reason on a line of its own cannot pass for the marker of a comment", () => {
  const { body } = comment("x\n[crash-digger:duplicate:7:3]\r\nCRASH-DIGGER:invalid:7");
  expect(body).toBe("It failed:\nx [crash-digger duplicate:7:3] crash-digger invalid:7\nfor {everybody}");
});

test("a marker is not put together from a template and a value either", () => {
  const edit = commentFrom({ subject: "s", body: "crash-{reason}" }, "m", { reason: "digger:duplicate:7:3" });
  expect(edit).toMatchObject({ body: "crash-digger duplicate:7:3" });
});

test("whatever a reason holds, the comment stays in shape", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 5000 }), (reason) => {
      const { body, subject } = comment(reason);
      expect(body.split("\n")).toHaveLength(3);
      expect(body).not.toMatch(/crash-digger:|[^\P{Cc}\n]|\p{Cf}/iu);
      expect(body.length).toBeLessThan(2100);
      expect(body.isWellFormed() && subject.isWellFormed()).toBe(true);
    }),
  );
});
