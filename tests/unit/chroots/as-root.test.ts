import { expect, test } from "vitest";
import { checkChroots } from "../../../src/doctor/checks.ts";

test("a machine without mmdebstrap is told which package to install", () => {
  expect(() => checkChroots(() => false)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining("mmdebstrap"),
      remedy: expect.stringContaining("apt-get install mmdebstrap"),
    }),
  );
});
