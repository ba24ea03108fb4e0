import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ClientOptions, launchpadClient } from "../../../../src/tracker/launchpad/client/client.ts";
import type { Credentials } from "../../../../src/tracker/launchpad/client/credentials.ts";
import type { LaunchpadClient } from "../../../../src/tracker/launchpad/client/types.ts";

export type Hit = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** What one request gets: a status with headers and a body, or anything that a function does to the connection. */
export type Reply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | object }
  | ((response: ServerResponse) => void);

export type ScriptedServer = AsyncDisposable & { readonly url: string; readonly hits: readonly Hit[] };

/** A server on loopback whose n-th answer is what the function says. */
export async function scriptedServer(reply: (hit: Hit, count: number) => Reply): Promise<ScriptedServer> {
  const hits: Hit[] = [];
  const server = createServer(async (request, response) => {
    const hit = await hitOf(request);
    hits.push(hit);
    give(reply(hit, hits.length), response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, hits, [Symbol.asyncDispose]: close };
}

/** Ends the connection without an answer, as a front end that is restarted does. */
export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

export const secretToken = "Tok3nOfTheRetracer";
export const secretSecret = "S3cretOfTheRetracer";

export const credentials: Credentials = {
  consumerKey: "crash-digger",
  consumerSecret: "",
  token: secretToken,
  tokenSecret: secretSecret,
};

export type ClientLab = {
  readonly client: LaunchpadClient;
  /** How long each pause would have been. */
  readonly pauses: readonly number[];
  /** All that went to the log. */
  readonly logged: readonly string[];
  readonly passMs: (ms: number) => void;
  readonly abort: (reason: Error) => void;
};

/** A client with a time of its own, which passes by its pauses only. */
export function clientFor(root: string, own: Partial<ClientOptions> = {}): ClientLab {
  const pauses: number[] = [];
  const logged: string[] = [];
  const controller = new AbortController();
  let nowMs = 0;
  const note = (message: string, fields: object = {}): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const client = launchpadClient({
    root,
    credentials,
    userAgent: "crash-digger/test",
    clock: { now: () => new Date("2026-01-01T00:00:00Z"), monotonicMs: () => nowMs },
    chance: () => 0,
    pause: async (ms, signal) => {
      signal.throwIfAborted();
      pauses.push(ms);
      nowMs += ms;
    },
    log: { event: note, detail: note },
    signal: controller.signal,
    ...own,
  });
  const passMs = (ms: number): void => {
    nowMs += ms;
  };
  return { client, pauses, logged, passMs, abort: (reason) => controller.abort(reason) };
}

async function hitOf(request: IncomingMessage): Promise<Hit> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request) pieces.push(piece);
  } catch {
    // The client went away in mid-request; what came until then is what there is.
  }
  const body = Buffer.concat(pieces).toString("utf8");
  return { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
}

function give(reply: Reply, response: ServerResponse): void {
  if (typeof reply === "function") {
    reply(response);
    return;
  }
  const { status, headers = {}, body = "" } = reply;
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}
