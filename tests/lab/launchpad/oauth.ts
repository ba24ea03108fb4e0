import { Refusal } from "./answer.ts";

/** What a token may do, as the authorization page calls it. */
export type Permission = "READ_PUBLIC" | "WRITE_PUBLIC" | "READ_PRIVATE" | "WRITE_PRIVATE" | "DESKTOP_INTEGRATION";

export const permissions: readonly Permission[] = [
  "READ_PUBLIC",
  "WRITE_PUBLIC",
  "READ_PRIVATE",
  "WRITE_PRIVATE",
  "DESKTOP_INTEGRATION",
];

export type AccessToken = {
  readonly consumer: string;
  readonly key: string;
  readonly secret: string;
  readonly person: string;
  readonly permission: Permission;
  /** Taken back, or too old. */
  expired: boolean;
};

/** A token that waits for a person's word. */
export type RequestToken = {
  readonly consumer: string;
  readonly secret: string;
  /** Null until the person has answered. */
  answer: { readonly person: string; readonly permission: Permission | "UNAUTHORIZED" } | null;
};

/** Who asks. Without a header: nobody, who may read what is public. */
export type Caller = { readonly person: string | null; readonly permission: Permission };

/** Tokens that are known, and who comes with any other one. */
export type Tokens = {
  readonly known: Map<string, AccessToken>;
  readonly requested: Map<string, RequestToken>;
  /** The user that any other non-empty token logs in as; null: such a token is refused. */
  readonly anybody: string | null;
  /** All tokens were taken back, the unknown ones too. */
  allRevoked: boolean;
};

/**
 * Finds out who makes a request (OAuth 1.0, PLAINTEXT).
 *
 * @throws Refusal 401 with Launchpad's text.
 */
export function callerOf(header: string | undefined, tokens: Tokens): Caller {
  if (header === undefined) return { person: null, permission: "READ_PUBLIC" };
  const values = oauthValues(header);
  const consumer = values.get("oauth_consumer_key") ?? "";
  if (consumer === "") throw new Refusal(401, `Unknown consumer (${consumer}).`);
  const key = values.get("oauth_token") ?? "";
  const token = tokens.known.get(key) ?? anybodysToken(tokens, consumer, key);
  if (token === null || token.consumer !== consumer) throw new Refusal(401, `Unknown access token (${key}).`);
  if (token.expired || tokens.allRevoked) throw new Refusal(401, `Expired token (${key}).`);
  requireSignature(values, token, tokens.known.has(key));
  return { person: token.person, permission: token.permission };
}

/** The values of an `Authorization: OAuth …` header, decoded; empty for a header of another kind. */
export function oauthValues(header: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (!/^OAuth\s/.test(header)) return values;
  for (const [, name = "", value = ""] of header.matchAll(/([a-z_]+)="([^"]*)"/g)) {
    values.set(name, decoded(value));
  }
  return values;
}

/** Whether the caller may see what is hidden from the public. */
export function seesPrivate(caller: Caller): boolean {
  return caller.person !== null && !caller.permission.endsWith("_PUBLIC");
}

/** The person in whose name something is written. Throws Refusal 401 when this caller may only read. */
export function writer(caller: Caller): string {
  if (caller.person !== null && !caller.permission.startsWith("READ_")) return caller.person;
  throw new Refusal(401, "You need to be logged in to view this URL.");
}

function anybodysToken(tokens: Tokens, consumer: string, key: string): AccessToken | null {
  if (key === "" || tokens.anybody === null) return null;
  return { consumer, key, secret: "", person: tokens.anybody, permission: "WRITE_PRIVATE", expired: false };
}

// The consumer's secret is empty, so the signature is `&` and the token's secret, encoded once more in the header.
function requireSignature(values: ReadonlyMap<string, string>, token: AccessToken, isKnown: boolean): void {
  const signature = values.get("oauth_signature") ?? "";
  const isPlain = values.get("oauth_signature_method") === "PLAINTEXT" && signature.startsWith("&");
  const isComplete = values.has("oauth_nonce") && /^\d+$/.test(values.get("oauth_timestamp") ?? "");
  if (isPlain && isComplete && (!isKnown || signature === `&${token.secret}`)) return;
  throw new Refusal(401, "Invalid signature.");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
