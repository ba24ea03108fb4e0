import { type ApiAnswer, emptyAnswer, Refusal, textAnswer } from "./answer.ts";
import { issueToken, randomText } from "./credentials.ts";
import { type Permission, permissions, type RequestToken } from "./oauth.ts";
import type { PageCall } from "./page-call.ts";

/** First step of a login: a token that is good for nothing until a person says yes. */
export function requestToken({ service, form }: PageCall): ApiAnswer {
  const consumer = form.get("oauth_consumer_key") ?? "";
  if (consumer === "") throw new Refusal(401, "Unknown consumer ().");
  requirePlaintext(form, "&");
  const [key, secret] = [randomText(), randomText()];
  service.tokens.requested.set(key, { consumer, secret, answer: null });
  return formAnswer({ oauth_token: key, oauth_token_secret: secret });
}

/** Second step: the page that a person opens. Who sits there may be anybody: nobody is asked for a password. */
export function authorizePage({ service, url }: PageCall): ApiAnswer {
  const key = url.searchParams.get("oauth_token") ?? "";
  const request = service.tokens.requested.get(key);
  if (request === undefined) throw new Refusal(404, "Unknown request token.");
  const asked = url.searchParams.getAll("allow_permission").filter(isPermission);
  const people = [...service.world.people.values()].filter(({ members }) => members === null);
  const users = people.map(
    ({ name }) => `<option${name === service.tokens.anybody ? " selected" : ""}>${name}</option>`,
  );
  const buttons = [...(asked.length > 0 ? asked : permissions), "UNAUTHORIZED"].map(
    (permission) => `<button name="allow_permission" value="${permission}">${permission}</button>`,
  );
  const page = `<!doctype html><title>Authorize</title><h1>May ${escaped(request.consumer)} act for you?</h1>
<form method="post" action="/+authorize-token">
<input type="hidden" name="oauth_token" value="${key}">
<label>You are <select name="person">${users.join("")}</select></label> ${buttons.join(" ")}
</form>`;
  return textAnswer(200, page, "text/html;charset=utf-8");
}

/** The person's answer. */
export function authorize({ service, form }: PageCall): ApiAnswer {
  const request = service.tokens.requested.get(form.get("oauth_token") ?? "");
  const person = form.get("person") ?? service.tokens.anybody ?? "";
  const permission = form.get("allow_permission") ?? "";
  if (request === undefined) throw new Refusal(404, "Unknown request token.");
  if (!service.world.people.has(person)) throw new Refusal(400, `There is no ${person}.`);
  if (permission !== "UNAUTHORIZED" && !isPermission(permission)) throw new Refusal(400, "No such permission.");
  request.answer = { person, permission };
  return textAnswer(200, "Thank you. You can close this page now.\n");
}

/** Third step: 401 as long as nobody has answered, 403 after a no. A yes is good for one token. */
export function accessToken({ service, form }: PageCall): ApiAnswer {
  const key = form.get("oauth_token") ?? "";
  const request = service.tokens.requested.get(key);
  if (request === undefined) throw new Refusal(401, "No request token specified.");
  requirePlaintext(form, `&${request.secret}`);
  const answer = answered(request);
  const token = issueToken(service.tokens, request.consumer, answer.person, answer.permission);
  service.tokens.requested.delete(key);
  return formAnswer({ oauth_token: token.key, oauth_token_secret: token.secret, "lp.context": "None" });
}

function answered({ answer }: RequestToken): { readonly person: string; readonly permission: Permission } {
  if (answer === null) throw new Refusal(401, "Request token has not yet been reviewed. Try again later.");
  const { person, permission } = answer;
  if (permission === "UNAUTHORIZED") throw new Refusal(403, "End-user refused to authorize request token.");
  return { person, permission };
}

function requirePlaintext(form: URLSearchParams, signature: string): void {
  const isPlain = form.get("oauth_signature_method") === "PLAINTEXT";
  if (!isPlain || form.get("oauth_signature") !== signature) throw new Refusal(401, "Invalid signature.");
}

function formAnswer(values: Readonly<Record<string, string>>): ApiAnswer {
  const body = Buffer.from(new URLSearchParams(values).toString());
  return { ...emptyAnswer(200, { "Content-Type": "text/plain" }), body };
}

function isPermission(text: string): text is Permission {
  return permissions.includes(text as Permission);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
