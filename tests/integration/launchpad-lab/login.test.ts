import { afterAll, beforeAll, expect, test } from "vitest";
import { type LaunchpadLab, startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import { clientOf } from "./client.ts";

let lab: LaunchpadLab;

beforeAll(async () => {
  lab = await startLaunchpad();
});

afterAll(() => lab.close());

const asked = { oauth_consumer_key: "crash-digger", oauth_signature_method: "PLAINTEXT" };

test("a person's yes makes an access token out of a request token, once", async () => {
  const request = await requestToken();
  const exchange = (): Promise<Response> => post("+access-token", { ...asked, ...request });
  expect([(await exchange()).status, (await exchange()).status]).toEqual([401, 401]);
  const page = await (await fetch(`${lab.webUrl}+authorize-token?oauth_token=${request.oauth_token}`)).text();
  expect(page).toContain("May crash-digger act for you?");
  await post("+authorize-token", {
    oauth_token: request.oauth_token,
    person: "reporter",
    allow_permission: "WRITE_PUBLIC",
  });
  const answer = new URLSearchParams(await (await exchange()).text());
  const client = clientOf(lab, { token: `${answer.get("oauth_token")}:${answer.get("oauth_token_secret")}` });
  const me = await client.get("people/+me");
  expect([me.status, me.headers.get("location")]).toEqual([303, `${lab.apiUrl}~reporter`]);
  expect((await exchange()).status).toBe(401);
});

test("a no is 403, and a signature that does not fit 401", async () => {
  const request = await requestToken();
  await post("+authorize-token", { oauth_token: request.oauth_token, allow_permission: "UNAUTHORIZED" });
  expect((await post("+access-token", { ...asked, ...request })).status).toBe(403);
  expect((await post("+access-token", { ...asked, ...request, oauth_signature: "&wrong" })).status).toBe(401);
});

test.each([
  ["an empty token", "", "Unknown access token ()."],
  ["a token that was given out, with another secret", "KNOWN:wrong", "Invalid signature."],
])("%s is refused", async (_what, token, text) => {
  const known = /^access_token = (.*)$/m.exec(lab.credentials())?.[1] ?? "";
  const response = await clientOf(lab, { token: token.replace("KNOWN", known) }).get("bugs/1");
  expect([response.status, await response.text()]).toEqual([401, text]);
});

test("without a token one reads what is public, and writes nothing", async () => {
  expect((await fetch(`${lab.apiUrl}bugs/1`)).status).toBe(200);
  const write = await fetch(`${lab.apiUrl}bugs/1`, {
    method: "POST",
    body: new URLSearchParams({ "ws.op": "newMessage", content: '"x"' }),
  });
  expect([write.status, await write.text()]).toEqual([401, "You need to be logged in to view this URL."]);
});

test("tokens that were taken back are expired", async () => {
  await using other = await startLaunchpad();
  other.revokeTokens();
  const response = await clientOf(other).get("bugs/1");
  expect([response.status, await response.text()]).toEqual([401, "Expired token (any)."]);
});

async function requestToken(): Promise<{ readonly oauth_token: string; readonly oauth_signature: string }> {
  const answer = new URLSearchParams(await (await post("+request-token", { ...asked, oauth_signature: "&" })).text());
  return {
    oauth_token: answer.get("oauth_token") ?? "",
    oauth_signature: `&${answer.get("oauth_token_secret")}`,
  };
}

function post(path: string, values: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(lab.webUrl + path, { method: "POST", body: new URLSearchParams(values) });
}
