import type { Service } from "./api-server.ts";
import type { Faults } from "./launchpad-faults.ts";
import type { LoggedRequest } from "./request-log.ts";

/** One request for a page. */
export type PageCall = {
  readonly service: Service;
  readonly url: URL;
  /** Of the form that was sent. */
  readonly form: URLSearchParams;
  readonly body: Buffer;
  readonly faults: Faults;
  readonly log: readonly LoggedRequest[];
};
