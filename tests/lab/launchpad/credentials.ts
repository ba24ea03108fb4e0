import { randomBytes } from "node:crypto";
import type { AccessToken, Permission, Tokens } from "./oauth.ts";

/** Gives out a token that the server knows from now on. */
export function issueToken(tokens: Tokens, consumer: string, person: string, permission: Permission): AccessToken {
  const [key, secret] = [randomText(), randomText()];
  const token = { consumer, key, secret, person, permission, expired: false };
  tokens.known.set(key, token);
  return token;
}

/** The file that launchpadlib keeps a token in. */
export function credentialsText(token: AccessToken): string {
  const { consumer, key, secret } = token;
  const lines = { consumer_key: consumer, consumer_secret: "", access_token: key, access_secret: secret };
  const values = Object.entries(lines).map(([name, value]) => `${name} = ${value}\n`);
  return `[1]\n${values.join("")}\n`;
}

/** Letters and digits that nobody guesses. */
export function randomText(): string {
  return randomBytes(20).toString("hex");
}
