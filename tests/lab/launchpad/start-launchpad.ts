import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { temporaryFolder } from "../temporary.ts";
import { addressOf } from "./address.ts";
import { answerWithFault } from "./answer-with-fault.ts";
import { answerTo, type Prepared, prepareCall, type Service } from "./api-server.ts";
import { type LaunchpadControls, makeControls } from "./controls.ts";
import { defaultSeed, type Seed } from "./default-seed.ts";
import { type Faults, makeFaults } from "./launchpad-faults.ts";
import { type Librarian, makeLibrarian } from "./librarian.ts";
import { makeWorld } from "./make-world.ts";
import { editMeanwhile } from "./meanwhile.ts";
import { readBody } from "./read-body.ts";
import type { LoggedRequest } from "./request-log.ts";
import { sendAnswer } from "./send-answer.ts";
import { controlPages, prepareWebPage } from "./web-pages.ts";

export type LaunchpadOptions = {
  readonly seed?: Seed;
  /** Of the web service; any free one unless told. */
  readonly port?: number;
  /** Entries on a page unless the request says otherwise: 75. */
  readonly pageSize?: number;
  /** Entries that sort alike come in another order with each request. */
  readonly shuffleTies?: boolean;
};

/** A Launchpad on loopback, to be used with `await using`. */
export type LaunchpadLab = AsyncDisposable &
  LaunchpadControls & {
    /** `http://127.0.0.1:PORT/1.0/` */
    readonly apiUrl: string;
    /** `http://127.0.0.1:PORT/devel/` */
    readonly develUrl: string;
    /** `http://127.0.0.1:PORT/`: the pages for people, and launchpadlib's service root. */
    readonly webUrl: string;
    /** `http://127.0.0.1:OTHER_PORT` */
    readonly librarianUrl: string;
    /** Ends all connections, hanging ones too. May be called twice. */
    close(): Promise<void>;
  };

/** Starts a server on the loopback interface, and its librarian on a port of its own. */
export async function startLaunchpad(options: LaunchpadOptions = {}): Promise<LaunchpadLab> {
  const { seed = defaultSeed, port = 0, pageSize = 75, shuffleTies = false } = options;
  const folder = await temporaryFolder("launchpad");
  const log: LoggedRequest[] = [];
  const faults = makeFaults();
  const tokens = { known: new Map(), requested: new Map(), anybody: seed.anybody, allRevoked: false };
  const servers = { api: createServer(), librarian: createServer() };
  const librarianUrl = await listen(servers.librarian, 0);
  const librarian = makeLibrarian(librarianUrl);
  const apiUrl = await listen(servers.api, port);
  const world = makeWorld(seed, folder.path);
  const settings = { pageSize, shuffleTies };
  const service = { world, tokens, settings, librarianUrl: librarian.urlOf, web: `${apiUrl}/` };
  servers.api.on("request", (request, response) => void respond(service, faults, log, request, response));
  servers.librarian.on("request", (request, response) => void lend(librarian, service, faults, log, request, response));
  const close = async (): Promise<void> => {
    await Promise.all([closeServer(servers.api), closeServer(servers.librarian)]);
    await folder.remove();
  };
  return {
    ...makeControls(service, librarian, faults, log),
    apiUrl: `${apiUrl}/1.0/`,
    develUrl: `${apiUrl}/devel/`,
    webUrl: `${apiUrl}/`,
    librarianUrl,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function respond(
  service: Service,
  faults: Faults,
  log: LoggedRequest[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const logged = logRequest(log, request, service.web);
  const body = await readBody(request);
  if (body === null) return;
  const prepared = prepareWebPage(service, request, body, faults, log) ?? prepareCall(service, request, body);
  logged.route = prepared.route;
  await answer(response, prepared, faults, logged, () => {
    service.world.searches.clear();
    editMeanwhile(service.world, logged.path);
  });
}

async function lend(
  librarian: Librarian,
  service: Service,
  faults: Faults,
  log: LoggedRequest[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const logged = logRequest(log, request, service.web);
  logged.route = `${logged.method} librarian`;
  const prepared = { route: logged.route, carryOut: () => librarian.answer(request) };
  await answer(response, prepared, faults, logged, () => {});
}

async function answer(
  response: ServerResponse,
  prepared: Prepared,
  faults: Faults,
  logged: LoggedRequest,
  editIt: () => void,
): Promise<void> {
  const fault = controlPages.includes(logged.path) ? null : faults.take(logged.route, logged.path);
  logged.fault = fault?.kind ?? null;
  try {
    if (fault === null) await sendAnswer(response, await prepared.carryOut(), logged);
    else await answerWithFault(response, prepared, logged, fault, editIt);
  } catch (error) {
    if (!response.headersSent) await sendAnswer(response, answerTo(error), logged);
  }
}

function logRequest(log: LoggedRequest[], request: IncomingMessage, base: string): LoggedRequest {
  const logged = {
    method: request.method ?? "",
    path: addressOf(request.url, base).pathname,
    url: request.url ?? "/",
    hasAuthorization: request.headers.authorization !== undefined,
    route: "",
    fault: null,
    status: null,
    bytes: 0,
  };
  log.push(logged);
  return logged;
}

/** @returns `http://127.0.0.1:PORT` */
function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // ERR_SERVER_NOT_RUNNING is the only error there is: it was closed before.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
