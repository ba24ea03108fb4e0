import { describe, expect, test } from "vitest";
import { asRoot } from "../../../src/chroots/as-root.ts";
import { pretendedOwners } from "../../../src/chroots/pretended-owners.ts";

describe("who changes the files of chroots", () => {
  test("root himself, without a namespace", () => {
    expect(asRoot({ uid: 0, name: "root", hasOthers: true })).not.toContain("unshare");
  });

  test("a user with others in a namespace with all of them, and under no filter", () => {
    const words = asRoot({ uid: 1000, name: "me", hasOthers: true });
    expect(words).toEqual(expect.arrayContaining(["unshare", "--map-auto"]));
    expect(words).not.toContain("bash");
  });

  test("a user who is alone in a namespace of his own, under a filter", () => {
    const words = asRoot({ uid: 1000, name: "me", hasOthers: false });
    expect(words).not.toContain("--map-auto");
    expect(words.at(-1)).toBe(pretendedOwners()?.toString("base64"));
  });
});

test("who is alone on a machine without the filter is told how to get others", () => {
  expect(() => asRoot({ uid: 1000, name: "me", hasOthers: false }, null)).toThrow(
    expect.objectContaining({ remedy: expect.stringMatching(/uidmap.*--add-subuids .* me;/) }),
  );
});

test("a machine whose calls have other numbers has no such filter", () => {
  expect(pretendedOwners("s390x")).toBeNull();
  expect(pretendedOwners("x64")).not.toEqual(pretendedOwners("arm64"));
});
