import type { LaunchpadLab } from "../../lab/launchpad/start-launchpad.ts";

/** A request to the server with a token, as any client would make it. */
export type Client = {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  json(path: string): Promise<Record<string, unknown>>;
  patch(path: string, changes: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  post(path: string, values: Readonly<Record<string, string>>): Promise<Response>;
};

/** @param path of a call is below the version, or a whole address. */
export function clientOf(lab: LaunchpadLab, options: { token?: string; devel?: boolean } = {}): Client {
  const root = options.devel === true ? lab.develUrl : lab.apiUrl;
  const authorization = oauthHeader(options.token ?? "any");
  const ask = (path: string, init: RequestInit): Promise<Response> =>
    fetch(new URL(path, root), {
      redirect: "manual",
      ...init,
      headers: { Authorization: authorization, ...(init.headers as Readonly<Record<string, string>>) },
    });
  return {
    get: (path, headers = {}) => ask(path, { headers }),
    json: async (path) => (await (await ask(path, {})).json()) as Record<string, unknown>,
    patch: (path, changes, headers = {}) =>
      ask(path, {
        method: "PATCH",
        body: JSON.stringify(changes),
        headers: { "Content-Type": "application/json", ...headers },
      }),
    post: (path, values) => ask(path, { method: "POST", body: new URLSearchParams(values) }),
  };
}

/** The header for a token with its secret behind a colon (`key:secret`). */
export function oauthHeader(token: string): string {
  const [key = "", secret = ""] = token.split(":");
  const values = {
    oauth_nonce: "17",
    oauth_timestamp: "1700000000",
    oauth_version: "1.0",
    oauth_signature_method: "PLAINTEXT",
    oauth_consumer_key: "crash-digger",
    oauth_token: key,
    oauth_signature: `&${secret}`,
  };
  const pairs = Object.entries(values).map(([name, value]) => `${name}="${encodeURIComponent(value)}"`);
  return `OAuth realm="OAuth", ${pairs.join(", ")}`;
}
