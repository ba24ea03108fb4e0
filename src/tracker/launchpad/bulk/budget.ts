import type { ReadingClient } from "../client/types.ts";

/**
 * How many requests a run makes. The pages of a search are always read; what is asked about one bug or package can wait for
 * the next run, which has what this one heard.
 */
export type Budget = {
  /** A client like the given one, whose requests are counted; a list counts as one. */
  readonly client: ReadingClient;
  /** Whether one more bug or package may be asked about. */
  readonly allowsOne: () => boolean;
  /** Whether so many requests may be made. */
  readonly allows: (requests: number) => boolean;
  /** Counts requests that are not counted by the client: what a list took beyond its first page. */
  readonly add: (requests: number) => void;
  /** Counts a page of a search: what the budget is not for. */
  readonly addPage: () => void;
};

// The costliest question about one: a bug and its tasks, or the series and a package in one of them.
const dearest = 2;

// However many pages a search has. Else a database of more than a hundred thousand crashes would never be known whole.
const shareForSingles = 0.15;

/** @param most requests of a run, unless its pages alone are nearly as many. */
export function budgetOf(client: ReadingClient, most: number): Budget {
  let spent = 0;
  let pages = 0;
  const allows = (requests: number): boolean => {
    const limit = Math.max(most, pages + Math.floor(shareForSingles * most));
    return spent + requests <= limit;
  };
  return {
    client: {
      url: (version, path) => client.url(version, path),
      get: (url, schema) => {
        spent += 1;
        return client.get(url, schema);
      },
      list: (url, schema) => {
        spent += 1;
        return client.list(url, schema);
      },
    },
    allowsOne: () => allows(dearest),
    allows,
    add: (requests) => {
      spent += requests;
    },
    addPage: () => {
      pages += 1;
    },
  };
}
