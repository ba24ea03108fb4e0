import { randomUUID } from "node:crypto";
import type { Clock } from "../../../system/clock.ts";
import type { Credentials } from "./credentials.ts";

/** The Authorization header of one request: OAuth 1.0 with PLAINTEXT signature, values encoded as RFC 3986 says. */
export function authorizationOf(credentials: Credentials, clock: Clock): string {
  const values = {
    realm: "OAuth",
    oauth_nonce: randomUUID(),
    oauth_timestamp: String(Math.floor(clock.now().getTime() / 1000)),
    oauth_version: "1.0",
    oauth_signature_method: "PLAINTEXT",
    oauth_consumer_key: credentials.consumerKey,
    oauth_token: credentials.token,
    oauth_signature: `${credentials.consumerSecret}&${credentials.tokenSecret}`,
  };
  const pairs = Object.entries(values).map(([key, value]) => `${key}="${percentEncoded(value)}"`);
  return `OAuth ${pairs.join(", ")}`;
}

/** RFC 3986 leaves fewer characters as they are than encodeURIComponent does. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
