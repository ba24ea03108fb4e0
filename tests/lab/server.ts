import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Fault, sendWrongly } from "./faults.ts";
import { type Hit, prepareAnswer, send } from "./static-answer.ts";

export type { Fault } from "./faults.ts";

export type LabServer = AsyncDisposable & {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** All requests, oldest first; those that match the path, if one is given. */
  hits(path?: RegExp): readonly Readonly<Hit>[];
  /**
   * From now on requests whose path matches are answered wrongly. Of several rules the youngest wins.
   *
   * @param options.times after so many requests the server behaves again; for ever unless told.
   * @returns a function that ends the misbehaviour.
   */
  misbehave(path: RegExp, fault: Fault, options?: { readonly times?: number }): () => void;
  /** Ends all connections, hanging ones too; the server goes on. */
  dropConnections(): void;
  /** Ends all connections, hanging ones too, and waits until the port is free. May be called twice. */
  close(): Promise<void>;
};

type Rule = { readonly path: RegExp; readonly fault: Fault; timesLeft: number };

/** Serves a folder on a free port of the loopback interface: regular files only, with ranges and 304. */
export async function startServer(folder: string): Promise<LabServer> {
  const rules: Rule[] = [];
  const hits: Hit[] = [];
  const server = createServer((request, response) => {
    const hit: Hit = { method: request.method ?? "", path: pathOf(request), status: null, bytes: 0 };
    hits.push(hit);
    void respond(folder, request, response, hit, takeRule(rules, hit.path));
  });
  const port = await listen(server);
  const close = (): Promise<void> => closeServer(server);
  return {
    url: `http://127.0.0.1:${port}`,
    hits: (path) => hits.filter((hit) => path === undefined || path.test(hit.path)),
    misbehave: (path, fault, options = {}) => addRule(rules, { path, fault, timesLeft: options.times ?? Infinity }),
    dropConnections: () => server.closeAllConnections(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function respond(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  hit: Hit,
  fault: Fault | null,
): Promise<void> {
  const answer = await prepareAnswer(folder, hit.path, request);
  if (fault === null) send(response, answer, hit);
  else sendWrongly(response, answer, hit, fault);
}

function pathOf(request: IncomingMessage): string {
  try {
    return decodeURIComponent(new URL(request.url ?? "/", "http://lab").pathname);
  } catch {
    return "/";
  }
}

function addRule(rules: Rule[], rule: Rule): () => void {
  rules.unshift(rule);
  return () => {
    rule.timesLeft = 0;
  };
}

function takeRule(rules: readonly Rule[], path: string): Fault | null {
  const rule = rules.find((candidate) => candidate.timesLeft > 0 && candidate.path.test(path));
  if (rule === undefined) return null;
  rule.timesLeft -= 1;
  return rule.fault;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // ERR_SERVER_NOT_RUNNING is the only error there is: it was closed before.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
