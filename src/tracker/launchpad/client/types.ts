import type { Readable } from "node:stream";
import type { z } from "zod";

/** What every entry of the API has, and what a change of it needs: its address, and its state by If-Match. */
export type Entry = { readonly self_link: string; readonly http_etag: string };

/**
 * The value of one argument of a named operation. All of them are sent as JSON (a text in quotes: a tag `123` would
 * be taken for a number), but for the names of an option (`tags_combinator=All`), which go as they are.
 */
export type ArgumentValue = string | number | boolean | null | readonly string[] | { readonly option: string };

export type OperationArguments = Readonly<Record<string, ArgumentValue>>;

/** A file to be attached. Text is held in memory; a file is read anew for each try. */
export type Upload = {
  readonly fileName: string;
  /** What becomes the attachment's title. */
  readonly description: string;
  /** Left on the bug as a message, and stays there when the attachment is removed; may be empty. */
  readonly comment: string;
  readonly content: { readonly text: string } | { readonly path: string };
};

/** Launchpad says no to this value, and would say so again: its own words, cleaned and cut. */
export type Refused = { readonly kind: "refused"; readonly status: number; readonly reason: string };

/** Not there: gone, or private and not for us; the two cannot be told apart. */
export type Absent = { readonly kind: "absent" };

export type Changed<T> =
  /** `unchanged`: `change` asked for nothing. The entry is as it is afterwards. */
  | { readonly kind: "changed" | "unchanged"; readonly entry: T }
  /** The change was made and has given the entry another address (a task that went to another package). */
  | { readonly kind: "moved"; readonly url: string }
  | Absent
  | Refused;

/** `already`: it had been done before, as `isThere` found after an answer that was lost. */
export type Posted =
  | { readonly kind: "done"; readonly location: string | null }
  | { readonly kind: "already" }
  | Absent
  | Refused;

/** Bytes behind a link. A connection that breaks off, drips or lasts too long ends the stream with a TransientFailure. */
export type Download = {
  /** The last segment of the address that the bytes came from: the file's name there. Hostile. */
  readonly name: string;
  readonly body: Readable;
};

/**
 * Launchpad's web service. Each call throws TransientFailure when Launchpad is away for the moment (a few tries are
 * behind it), ServiceFailure when it refuses our token or answers what we cannot read, and AbortError when the
 * client's signal is aborted. Addresses outside the API's own host are refused, except by `download`.
 */
export type LaunchpadClient = {
  /**
   * The address of a path, `url("1.0", "bugs/1")`: version 1.0 for writing, devel for searching. Segments from outside
   * have to be encoded (encodeURIComponent) by the caller.
   */
  url(version: "1.0" | "devel", path: string): string;
  /** One entry, or what a read operation answers (`operationUrl`), through a schema; null when it is not there. */
  get<T>(url: string, schema: z.ZodType<T>): Promise<T | null>;
  /**
   * Every entry of a collection or of a named operation. All pages are read before it resolves, because what is
   * changed in between shifts them; an entry that shifted onto two pages is given once. Private ones may be missing,
   * whatever `total_size` says. Null when there is no such collection.
   */
  list<T extends { readonly self_link: string }>(url: string, schema: z.ZodType<T>): Promise<readonly T[] | null>;
  /**
   * Changes attributes of an entry (PATCH with If-Match). `change` says which, null for none. When somebody else was
   * quicker (412), or an answer was lost, the entry is read again and `change` asked again. Given an entry that was
   * just read, no GET is spent; given its address, it is read first.
   */
  change<T extends Entry>(
    entry: T | string,
    schema: z.ZodType<T>,
    change: (entry: T) => Readonly<Record<string, unknown>> | null,
  ): Promise<Changed<T>>;
  /**
   * A named write operation. Never repeated blindly: after a lost answer `isThere` says whether it was done, and only
   * if not it is tried again, a few times.
   */
  post(url: string, operation: string, args: OperationArguments, isThere: () => Promise<boolean>): Promise<Posted>;
  /** Attaches a file to a bug (`addAttachment`), streamed; `isThere` as for `post`. */
  upload(bugUrl: string, file: Upload, isThere: () => Promise<boolean>): Promise<Posted>;
  /**
   * The bytes behind an attachment's `data_link` or a file's address, through redirects to other hosts, which never
   * see our token. Null when they are not there. Whoever asks reads the body to its end or destroys it.
   */
  download(url: string, maxBytes: number): Promise<Download | null>;
  /** Name of the account that the token stands for. */
  whoAmI(): Promise<string>;
};

/** As much of it as questions need that change nothing. */
export type ReadingClient = Pick<LaunchpadClient, "url" | "get" | "list">;
