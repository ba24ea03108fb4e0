import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Credentials,
  formatCredentials,
  parseCredentials,
} from "../../../../src/tracker/launchpad/client/credentials.ts";

const good = "[1]\nconsumer_key = just testing\nconsumer_secret = \naccess_token = t0ken\naccess_secret = s3cret\n\n";
const parsed: Credentials = { consumerKey: "just testing", consumerSecret: "", token: "t0ken", tokenSecret: "s3cret" };

test("a file as launchpadlib writes it is understood", () => {
  expect(parseCredentials(good)).toEqual(parsed);
});

test.each([
  ["CRLF", good.replaceAll("\n", "\r\n")],
  ["colons and keys in capitals", good.replaceAll(" = ", ": ").replace("access_token", "Access_Token")],
  ["comments, and sections of others", `# ours\n[2]\naccess_token = other\n${good}[3]\naccess_token = other\n`],
  ["no consumer_secret", good.replace("consumer_secret = \n", "")],
])("so is one with %s", (_what, text) => {
  expect(parseCredentials(text)).toEqual(parsed);
});

test.each([
  ["", "has no section [1]"],
  ["access_token = t0ken", "has no section [1]"],
  [good.replace("[1]", "[11]"), "has no section [1]"],
  [good.replace("just testing", ""), "has no usable consumer_key in section [1]"],
  [good.replace("just testing", "a\u001b[2J"), "has no usable consumer_key in section [1]"],
  [good.replace("t0ken", "t0\u0000ken"), "has no usable access_token in section [1]"],
  [good.replace("s3cret", 's3cret", evil="1'), "has no usable access_secret in section [1]"],
  [good.replace("consumer_secret = ", "consumer_secret = a b"), "has no usable consumer_secret"],
])("what is wrong with %j is said without a value of it", (text, fault) => {
  expect(parseCredentials(text)).toEqual({ fault });
});

test("what is written is read back", () => {
  const word = fc.stringMatching(/^[\w.~-]{1,50}$/);
  const all = fc.record({
    consumerKey: fc.stringMatching(/^\w[\w ():-]{0,50}\w$/),
    consumerSecret: fc.constant(""),
    token: word,
    tokenSecret: word,
  });
  fc.assert(
    fc.property(all, (credentials) => {
      expect(parseCredentials(formatCredentials(credentials))).toEqual(credentials);
    }),
  );
});

test("whatever a file holds, reading it ends with credentials or a fault", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, (content) => {
      const result = parseCredentials(`[1]\n${Buffer.from(content).toString("latin1")}`);
      expect("fault" in result || result.token !== "").toBe(true);
    }),
  );
});
