/** What stands in a credentials file: who asks (the consumer), and the token that a person gave it. */
export type Credentials = {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly token: string;
  readonly tokenSecret: string;
};

/** A token, or half of one, as Launchpad makes them; nothing in it needs quoting in a header, a form or a file. */
export const tokenPattern = /^[\w.~-]{1,200}$/;

const consumerPattern = /^[^\p{Cc}\p{Cf}\u2028\u2029]{1,200}$/u;

/**
 * Reads the text of a credentials file as launchpadlib writes it: INI with one section, `[1]` (the file's version).
 *
 * @returns what is wrong, never with a value of the file in it, when it is no such file.
 */
export function parseCredentials(text: string): Credentials | { readonly fault: string } {
  const values = sectionOf(text, "1");
  if (values === null) return { fault: "has no section [1]" };
  const value = (key: string, pattern: RegExp): string | null => {
    const found = values.get(key) ?? "";
    return pattern.test(found) ? found : null;
  };
  const consumerKey = value("consumer_key", consumerPattern);
  const token = value("access_token", tokenPattern);
  const tokenSecret = value("access_secret", tokenPattern);
  const consumerSecret = values.get("consumer_secret") ?? "";
  if (consumerKey === null) return { fault: "has no usable consumer_key in section [1]" };
  if (token === null) return { fault: "has no usable access_token in section [1]" };
  if (tokenSecret === null) return { fault: "has no usable access_secret in section [1]" };
  if (consumerSecret !== "" && !tokenPattern.test(consumerSecret)) return { fault: "has no usable consumer_secret" };
  return { consumerKey, consumerSecret, token, tokenSecret };
}

/** The text of a credentials file; launchpadlib reads it too. */
export function formatCredentials({ consumerKey, consumerSecret, token, tokenSecret }: Credentials): string {
  const values = {
    consumer_key: consumerKey,
    consumer_secret: consumerSecret,
    access_token: token,
    access_secret: tokenSecret,
  };
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`);
  return `[1]\n${lines.join("")}`;
}

// Python's configparser: keys in any case, `=` or `:`, whole lines of comment. Of a key that stands twice it takes
// none and complains; here the last one counts.
function sectionOf(text: string, wanted: string): ReadonlyMap<string, string> | null {
  const values = new Map<string, string>();
  let [isThere, isOpen] = [false, false];
  for (const line of text.split(/\r?\n/)) {
    const section = /^\[([^\]]*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) isOpen = section === wanted;
    if (isOpen) isThere = true;
    const separator = line.search(/[=:]/);
    if (isOpen && separator > 0) {
      values.set(line.slice(0, separator).trim().toLowerCase(), line.slice(separator + 1).trim());
    }
  }
  return isThere ? values : null;
}
