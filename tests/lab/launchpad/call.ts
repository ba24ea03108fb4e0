import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "./oauth.ts";
import type { World } from "./state.ts";
import type { StoredFile } from "./stored-file.ts";

/** One request to the web service, read to its end. */
export type Call = {
  readonly world: World;
  readonly caller: Caller;
  /** `1.0` or `devel`. */
  readonly version: string;
  /** `http://127.0.0.1:PORT/1.0/`: every link begins with it. */
  readonly root: string;
  /** Where the pages for people are: `http://127.0.0.1:PORT/`. */
  readonly web: string;
  readonly method: string;
  /** The whole address as it was asked for. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Of a named operation: from the query of a GET, from the body of a POST. */
  readonly arguments: ReadonlyMap<string, Buffer>;
  readonly settings: Settings;
  /** The address under which the librarian hands out a file. */
  readonly librarianUrl: (file: LibrarianFile) => string;
};

export type LibrarianFile = {
  readonly id: number;
  readonly name: string;
  readonly contentType: string;
  readonly file: StoredFile;
  /** Asks the librarian whether the file is for those only who have a token. */
  readonly isRestricted: () => boolean;
};

/** What may differ between one Launchpad and the next. */
export type Settings = {
  /** Entries on a page unless `ws.size` says otherwise. */
  readonly pageSize: number;
  /** Entries that sort alike come in another order with each request, as a database may give them. */
  readonly shuffleTies: boolean;
};
