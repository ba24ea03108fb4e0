import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { addressOf } from "./address.ts";
import { type ApiAnswer, notFound, Refusal, textAnswer } from "./answer.ts";
import type { Call, LibrarianFile, Settings } from "./call.ts";
import { formArguments, queryArguments } from "./form.ts";
import { callerOf, type Tokens } from "./oauth.ts";
import type { Resource } from "./resource.ts";
import { resourceAt } from "./resources.ts";
import type { World } from "./state.ts";

/** What every request is answered from. */
export type Service = {
  readonly world: World;
  readonly tokens: Tokens;
  readonly settings: Settings;
  readonly librarianUrl: (file: LibrarianFile) => string;
  /** `http://127.0.0.1:PORT/` */
  readonly web: string;
};

/** A request that was understood: under which name it is counted, and how it is carried out. */
export type Prepared = { readonly route: string; readonly carryOut: () => ApiAnswer | Promise<ApiAnswer> };

/** Finds out who asks for what. Nothing is changed before `carryOut`. */
export function prepareCall(service: Service, request: IncomingMessage, body: Buffer): Prepared {
  const method = request.method ?? "";
  try {
    const call = callOf(service, request, body);
    const resource = resourceAt(call, pathBelow(call));
    if (resource === null) return { route: `${method} missing`, carryOut: () => notFound().answer };
    return prepared(call, resource);
  } catch (error) {
    return { route: `${method} refused`, carryOut: () => answerTo(error) };
  }
}

/** What a caller is told about a refusal, or about a fault of this server itself. */
export function answerTo(error: unknown): ApiAnswer {
  const answer = error instanceof Refusal ? error.answer : textAnswer(500, String((error as Error).stack));
  return withOops(answer);
}

/** Answers of 500 and above carry a number under which Launchpad's people can look them up. */
export function withOops(answer: ApiAnswer): ApiAnswer {
  if (answer.status < 500) return answer;
  return { ...answer, headers: { ...answer.headers, "X-Lazr-OopsId": `OOPS-${randomBytes(16).toString("hex")}` } };
}

function callOf(service: Service, request: IncomingMessage, body: Buffer): Call {
  const url = addressOf(request.url, service.web);
  const version = /^\/(1\.0|devel)(\/|$)/.exec(url.pathname)?.[1];
  if (version === undefined) throw notFound();
  const method = request.method ?? "";
  const isForm = method === "POST";
  return {
    ...service,
    caller: callerOf(request.headers.authorization, service.tokens),
    version,
    root: `${service.web}${version}/`,
    method,
    url,
    headers: request.headers,
    body,
    arguments: isForm ? formArguments(request.headers["content-type"] ?? "", body) : queryArguments(url.searchParams),
  };
}

function pathBelow({ url, version }: Call): string {
  try {
    return decodeURI(url.pathname).slice(`/${version}`.length);
  } catch {
    throw notFound();
  }
}

function prepared(call: Call, resource: Resource): Prepared {
  const operation = call.arguments.get("ws.op")?.toString("utf8");
  const known = operation !== undefined && /^\w{1,60}$/.test(operation) ? ` ${operation}` : "";
  const route = `${call.method} ${resource.name}${known}`;
  return { route, carryOut: () => carryOut(call, resource, operation) };
}

async function carryOut(call: Call, resource: Resource, operation: string | undefined): Promise<ApiAnswer> {
  try {
    return withOops(await handlerOf(call, resource, operation)(call));
  } catch (error) {
    return answerTo(error);
  } finally {
    if (call.method !== "GET") call.world.searches.clear();
  }
}

type Handler = (call: Call) => ApiAnswer | Promise<ApiAnswer>;

function handlerOf(call: Call, resource: Resource, operation: string | undefined): Handler {
  if (call.method === "PATCH" && resource.patch !== undefined) return resource.patch;
  if (call.method === "GET" && operation === undefined) return resource.get;
  if (call.method === "GET") return operationOf(resource.reads, operation);
  if (call.method === "POST" && resource.writes !== undefined) return operationOf(resource.writes, operation);
  throw new Refusal(405, "", { Allow: allowed(resource).join(" ") });
}

function operationOf(operations: Readonly<Record<string, Handler>> = {}, name: string | undefined): Handler {
  if (name === undefined) throw new Refusal(400, "No operation name given.");
  const handler = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (handler === undefined) throw new Refusal(400, `No such operation: ${name}`);
  return handler;
}

function allowed(resource: Resource): readonly string[] {
  return [
    "GET",
    ...(resource.patch === undefined ? [] : ["PATCH"]),
    ...(resource.writes === undefined ? [] : ["POST"]),
  ];
}
