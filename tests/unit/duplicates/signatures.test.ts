import { expect, test } from "vitest";
import { publishedNames } from "../../../src/duplicates/published-name.ts";
import { quoteSignature } from "../../../src/duplicates/quote.ts";
import { maxSignatureBytes, usableSignature } from "../../../src/duplicates/usable-signature.ts";

const publishedName = publishedNames();

test("a signature is usable as it is, line breaks and all", () => {
  expect(usableSignature("/usr/bin/x:11:main:é\nf")).toBe("/usr/bin/x:11:main:é\nf");
});

test("empty, overlong and NUL-holding signatures count as none", () => {
  expect(usableSignature(null)).toBeNull();
  expect(usableSignature("")).toBeNull();
  expect(usableSignature(" \n")).toBeNull();
  expect(usableSignature("/bin/x:11\0:main")).toBeNull();
  expect(usableSignature("é".repeat(maxSignatureBytes / 2))).not.toBeNull();
  expect(usableSignature(`${"é".repeat(maxSignatureBytes / 2)}x`)).toBeNull();
});

test("a published file is named after the first two fields of the first word", () => {
  expect(publishedName("/usr/bin/x:11:main:foo")).toBe("_usr_bin_x_11");
  expect(publishedName("/usr/bin/x:AttributeError (no y):/usr/bin/x@3:f")).toBe("_usr_bin_x_AttributeError");
  expect(publishedName("kernel:do_page_fault")).toBe("kernel_do_page_fault");
  expect(publishedName("just-words and more:1")).toBe("just-words");
  expect(publishedName("  indented:1:2")).toBe("indented_1");
});

test("a published file's name is encoded as a form value and cut", () => {
  expect(publishedName("/opt/ä b:1:f")).toBe("_opt_%C3%A4");
  expect(publishedName("/opt/a+b(c)'!*~:1:f")).toBe("_opt_a%2Bb%28c%29%27%21%2A~_1");
  expect(publishedName(`/${"x".repeat(300)}:1`)).toHaveLength(200);
  expect(publishedName(`${"é".repeat(100)}:1`)).toBe("%C3%A9".repeat(34).slice(0, 200));
});

test("what cannot be one line in a file is not published", () => {
  for (const lineBreak of ["\n", "\r", "\u000b", "\u000c", "\u001d", "\u0085", "\u2028"]) {
    expect(publishedName(`/bin/x:11:a${lineBreak}123 /bin/y:11:b`)).toBeNull();
  }
});

test("a signature cannot name a folder or leave it", () => {
  expect(publishedName(".")).toBeNull();
  expect(publishedName(".. x")).toBeNull();
  expect(publishedName("../../etc/passwd:1")).toBe(".._.._etc_passwd_1");
  expect(publishedName(".:")).toBe("._");
});

test("a signature in a sentence is one bounded line without escapes", () => {
  expect(quoteSignature('a"\n\u001b[31m\u009b')).toBe('"a\\"\\n\\u001b[31m?"');
  expect(quoteSignature("x".repeat(1000)).length).toBeLessThan(210);
});
