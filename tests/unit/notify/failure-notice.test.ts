import { expect, test } from "vitest";
import { failureNotice } from "../../../src/notify/failure-notice.ts";
import { messageOf, ServiceFailure } from "../../../src/system/failure.ts";

const context = {
  command: "run",
  host: "retracer",
  time: new Date("2026-01-01T00:00:00Z"),
  lockPath: "/state/batch.lock",
};

test("a notice says what failed first, then where, what to do, and the backtrace", () => {
  const cause = new ServiceFailure("apt-get update failed\n  E: gone", { remedy: "Mend the sources." });
  const wrapper = new ServiceFailure(`while working on crash 7: ${cause.message}`, { cause });
  const lines = failureNotice(wrapper, context).split("\n");
  expect(lines[0]).toBe("crash-digger stopped: while working on crash 7: apt-get update failed");
  expect(lines).toContain("Host: retracer");
  expect(lines).toContain("What to do: Mend the sources.");
  expect(lines.filter((line) => line.includes("E: gone"))).toHaveLength(1);
  expect(lines.filter((line) => /^ {4}at /.test(line)).length).toBeGreaterThan(2);
  expect(lines).toContain("Caused by: ServiceFailure: (as above)");
});

test("a cause with words of its own is told in full", () => {
  const error = new Error("outer", { cause: new TypeError("x is undefined") });
  expect(failureNotice(error, context)).toContain("Caused by: TypeError: x is undefined");
});

test("what is thrown need not be an Error, and a circle of causes ends", () => {
  expect(failureNotice("just text", context)).toContain("crash-digger stopped: just text");
  const circle: Error & { cause?: unknown } = new Error("round");
  circle.cause = circle;
  expect(failureNotice(circle, context).length).toBeLessThan(100_000);
});

test("what failed first is told first, and after it what failed while that was tidied up", () => {
  const update = new ServiceFailure("apt-get update failed: no space left", { remedy: "Make room." });
  const tidying = new Error("the database is full");
  const notice = failureNotice(new SuppressedError(tidying, update), context);
  expect(notice).toMatch(/^crash-digger stopped: apt-get update failed: no space left\n/);
  expect(notice).toContain("What to do: Make room.");
  expect(notice).toContain("Caused by: Error: the database is full");
  expect(messageOf(new SuppressedError(tidying, new SuppressedError(tidying, update)))).toBe(update.message);
});

test("a notice names the batch and the crash; what keeps no lock has none to take away", () => {
  const lines = failureNotice(new Error("x"), { ...context, batch: 12, crash: 42 }).split("\n");
  expect(lines).toEqual(expect.arrayContaining(["Batch: 12", "Crash: 42", "Then:  crash-digger unlock"]));
  const notice = failureNotice(new Error("disk full"), {
    ...context,
    lockPath: null,
    what: "crash-digger backup failed",
  });
  expect(notice).toMatch(/^crash-digger backup failed: disk full\n/);
  expect(notice).not.toMatch(/lock|Batch|Crash:/);
});
