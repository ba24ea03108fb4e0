import { percentEncoded } from "./authorization.ts";
import type { Credentials } from "./credentials.ts";

/** Makes text from outside fit for a message: one line, without controls, cut, and without our secrets. */
export type ForeignWords = (text: string) => string;

const longest = 500;

/**
 * A server, or a proxy before it, may show the header that it disliked (`Invalid signature %26s3cr3t`), and messages go
 * to logs and mails.
 */
export function foreignWordsWithout(credentials: Credentials | null): ForeignWords {
  const secrets = secretsOf(credentials);
  return (text) => {
    // What is cut off need not be searched, but a secret must not be cut in two and so be missed.
    let words = text.slice(0, longest * 4);
    for (const secret of secrets) words = words.replaceAll(secret, "(secret)");
    words = words.replace(/[\s\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, " ").trim();
    return words.length <= longest ? words : `${words.slice(0, longest)}…`;
  };
}

function secretsOf(credentials: Credentials | null): readonly string[] {
  if (credentials === null) return [];
  const { consumerSecret, token, tokenSecret } = credentials;
  const plain = [tokenSecret, token, consumerSecret].filter((secret) => secret !== "");
  return [...new Set([...plain, ...plain.map(percentEncoded)])];
}
