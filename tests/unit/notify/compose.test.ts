import { expect, test } from "vitest";
import { composeMail, subjectOf } from "../../../src/notify/mail/compose.ts";

const people = { from: "crash-digger@retracer.example", to: ["a@lab.example", "b@lab.example"] };
const at = new Date("2026-01-02T03:04:05Z");

async function headersOf(text: string): Promise<readonly string[]> {
  const message = (await composeMail(text, people, at)).toString("utf8");
  return (message.split("\r\n\r\n", 1)[0] ?? "").replace(/\r\n[ \t]+/g, " ").split("\r\n");
}

test("a mail says who, when and what, and that no person wrote it", async () => {
  expect(await headersOf("it failed\n\nHost: x\n")).toEqual(
    expect.arrayContaining([
      "From: crash-digger@retracer.example",
      "To: a@lab.example, b@lab.example",
      "Subject: it failed",
      "Date: Fri, 02 Jan 2026 03:04:05 +0000",
      "Auto-Submitted: auto-generated",
    ]),
  );
});

test("no text makes a header of its own, nor a subject of a thousand letters", async () => {
  const headers = await headersOf("failed\rBcc: everybody@lab.example\u0000 \u2028x\nTo: c@lab.example\n");
  expect(headers.filter((line) => /^bcc:/i.test(line))).toEqual([]);
  expect(headers.filter((line) => /^to:/i.test(line))).toEqual(["To: a@lab.example, b@lab.example"]);
  expect(subjectOf("x".repeat(5000))).toHaveLength(151);
});

test("lines of any length and any letters arrive, in lines that a mail may have; a flood of text is cut", async () => {
  const message = (await composeMail(`short\n${"ä".repeat(3000)}\n${"y".repeat(1_000_000)}`, people, at)).toString(
    "utf8",
  );
  expect(message.length).toBeLessThan(300_000);
  expect(Math.max(...message.split("\r\n").map((line) => line.length))).toBeLessThan(998);
  expect(message).toMatch(/characters\)/);
});
