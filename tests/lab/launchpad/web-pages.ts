import type { IncomingMessage } from "node:http";
import { addressOf } from "./address.ts";
import { type ApiAnswer, jsonAnswer, textAnswer } from "./answer.ts";
import { answerTo, type Prepared, type Service } from "./api-server.ts";
import { dumpOf } from "./dump.ts";
import { faultPage } from "./fault-page.ts";
import type { Faults } from "./launchpad-faults.ts";
import { accessToken, authorize, authorizePage, requestToken } from "./login-pages.ts";
import type { PageCall } from "./page-call.ts";
import { countByRoute, type LoggedRequest } from "./request-log.ts";
import { bugsText, bugText } from "./text-pages.ts";

type Page = { readonly name: string; readonly answer: (call: PageCall) => ApiAnswer };

/** The addresses outside of the web service. Null: it is none of them. */
export function prepareWebPage(
  service: Service,
  request: IncomingMessage,
  body: Buffer,
  faults: Faults,
  log: readonly LoggedRequest[],
): Prepared | null {
  const url = addressOf(request.url, service.web);
  const page = pages[`${request.method} ${url.pathname}`] ?? textPage(request.method, url.pathname);
  if (page === undefined) return null;
  const call = { service, url, form: new URLSearchParams(body.toString("utf8")), body, faults, log };
  return { route: `${request.method} ${page.name}`, carryOut: () => answerOf(page, call) };
}

const front =
  "A loopback Launchpad. The web service is at /1.0/ and /devel/, its state at /+dump, its hits at /+hits.\n";

/** Pages for whoever works with the server. They are never answered wrongly. */
export const controlPages: readonly string[] = ["/+dump", "/+hits", "/+fault"];

const pages: Readonly<Record<string, Page>> = {
  "GET /": { name: "front page", answer: () => textAnswer(200, front) },
  "GET /+dump": { name: "dump", answer: ({ service }) => jsonAnswer(dumpOf(service.world)) },
  "GET /+hits": { name: "hits", answer: ({ log }) => jsonAnswer(countByRoute(log)) },
  "POST /+fault": { name: "fault", answer: ({ body, faults }) => faultPage(body, faults.add) },
  "POST /+request-token": { name: "request token", answer: requestToken },
  "GET /+authorize-token": { name: "authorization page", answer: authorizePage },
  "POST /+authorize-token": { name: "authorization", answer: authorize },
  "POST /+access-token": { name: "access token", answer: accessToken },
};

function textPage(method: string | undefined, path: string): Page | undefined {
  const id = /^\/bugs\/(\d{1,9})\/\+text$/.exec(path)?.[1];
  const pillar = /^\/([a-z0-9][a-z0-9+.-]*)\/\+bugs-text$/.exec(path)?.[1];
  if (method !== "GET") return undefined;
  if (id !== undefined) return { name: "bug as text", answer: (call) => bugText(call, Number(id)) };
  return pillar === undefined ? undefined : { name: "bugs as text", answer: (call) => bugsText(call, pillar) };
}

function answerOf(page: Page, call: PageCall): ApiAnswer {
  try {
    return page.answer(call);
  } catch (error) {
    return answerTo(error);
  }
}
