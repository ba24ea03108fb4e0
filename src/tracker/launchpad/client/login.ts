import { messageOf, ServiceFailure } from "../../../system/failure.ts";
import { type Credentials, tokenPattern } from "./credentials.ts";
import { type Answer, described, exchange, type Request } from "./exchange.ts";
import { foreignWordsWithout } from "./foreign-words.ts";
import { Hiccup } from "./hiccup.ts";
import type { Wire } from "./wire.ts";

/** Under which name Launchpad shows our tokens to the person who gave them. */
const consumerKey = "crash-digger";

/** A token that a person has yet to say yes to. */
export type RequestToken = { readonly token: string; readonly secret: string };

/**
 * Asks for a token that a person can then say yes to. The wire's root is the address of Launchpad's web pages.
 *
 * @throws ServiceFailure or TransientFailure; it is asked once only.
 */
export async function askForToken(wire: Wire): Promise<RequestToken> {
  const form = { oauth_consumer_key: consumerKey, oauth_signature_method: "PLAINTEXT", oauth_signature: "&" };
  const request = formTo("+request-token", form, wire);
  const answer = await exchange(request, wire);
  if (answer.status !== 200) throw refusalOf(answer, request, wire);
  return tokenIn(answer, request, wire);
}

/** The page on which a person says yes, in a browser. */
export function pageFor({ token }: RequestToken, wire: Wire): string {
  const page = wire.addresses.api("+authorize-token", wire.addresses.root);
  page.searchParams.set("oauth_token", token);
  page.searchParams.set("allow_permission", "WRITE_PRIVATE");
  return page.href;
}

/**
 * Asks again and again until the person has said yes.
 *
 * @throws ServiceFailure when the person said no, or nothing for `patienceMs`.
 */
export async function waitForYes(
  { token, secret }: RequestToken,
  outer: Wire,
  { everyMs, patienceMs }: { readonly everyMs: number; readonly patienceMs: number },
): Promise<Credentials> {
  const wire = {
    ...outer,
    words: foreignWordsWithout({ consumerKey, consumerSecret: "", token, tokenSecret: secret }),
  };
  const signature = { oauth_signature_method: "PLAINTEXT", oauth_signature: `&${secret}` };
  const request = formTo("+access-token", { oauth_consumer_key: consumerKey, oauth_token: token, ...signature }, wire);
  const endMs = wire.clock.monotonicMs() + patienceMs;
  for (;;) {
    const answer = await answerOrReason(request, wire);
    if (typeof answer !== "string" && answer.status === 200) {
      const given = tokenIn(answer, request, wire);
      return { consumerKey, consumerSecret: "", token: given.token, tokenSecret: given.secret };
    }
    // 401: not looked at yet.
    if (typeof answer !== "string" && answer.status !== 401) throw refusalOf(answer, request, wire);
    if (wire.clock.monotonicMs() >= endMs) throw nobodyCame(answer, wire);
    await wire.pause(everyMs, wire.signal);
  }
}

async function answerOrReason(request: Request, wire: Wire): Promise<Answer | string> {
  try {
    return await exchange(request, wire);
  } catch (error) {
    if (error instanceof Hiccup) return messageOf(error);
    throw error;
  }
}

function formTo(page: string, values: Readonly<Record<string, string>>, wire: Wire): Request {
  return {
    method: "POST",
    url: wire.addresses.api(page, wire.addresses.root),
    headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "*/*" },
    body: new URLSearchParams(values).toString(),
  };
}

function tokenIn(answer: Answer, request: Request, wire: Wire): RequestToken {
  const values = new URLSearchParams(answer.text);
  const [token, secret] = [values.get("oauth_token") ?? "", values.get("oauth_token_secret") ?? ""];
  if (tokenPattern.test(token) && tokenPattern.test(secret)) return { token, secret };
  throw new ServiceFailure(`${described(request, wire)}: there is no token in the answer`, {
    remedy: "Look whether the address is that of Launchpad's web pages (--web).",
  });
}

function refusalOf({ status, text }: Answer, request: Request, wire: Wire): ServiceFailure {
  return new ServiceFailure(`${described(request, wire)}: ${status} ${wire.words(text)}`.trim(), {
    remedy: "If access was declined on the page, log in anew and allow it; else look at the address (--web).",
  });
}

function nobodyCame(answer: Answer | string, wire: Wire): ServiceFailure {
  const words = typeof answer === "string" ? answer : wire.words(answer.text);
  return new ServiceFailure(`nobody has allowed it on Launchpad's page in time; its last words: ${words}`, {
    remedy: "Log in anew, and open the page in a browser at once.",
  });
}
