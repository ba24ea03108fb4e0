import type { Service } from "./api-server.ts";
import type { LoggedRequest } from "./request-log.ts";

/** One request for a page. */
export type PageCall = {
  readonly service: Service;
  readonly url: URL;
  /** Of the form that was sent. */
  readonly form: URLSearchParams;
  readonly log: readonly LoggedRequest[];
};
