import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { addressOf } from "./address.ts";
import { type ApiAnswer, textAnswer } from "./answer.ts";
import type { LibrarianFile } from "./call.ts";

/** Hands out the files of bugs and archives, on a port of its own and without asking who one is. */
export type Librarian = {
  /** The address of a file. A restricted one gets a token into it that is good for a while. */
  urlOf(file: LibrarianFile): string;
  answer(request: IncomingMessage): ApiAnswer;
  /** From now on no token that was given out is good any more. */
  expireTokens(): void;
};

/** @param base `http://127.0.0.1:PORT` */
export function makeLibrarian(base: string): Librarian {
  const files = new Map<string, LibrarianFile>();
  const tokens = new Map<string, string>();
  const pathOf = (file: LibrarianFile): string => `/${file.id}/${encodeURIComponent(file.name)}`;
  return {
    urlOf: (file) => {
      const path = pathOf(file);
      files.set(path, file);
      if (!file.isRestricted()) return base + path;
      const token = randomBytes(16).toString("hex");
      tokens.set(token, path);
      return `${base}${path}?token=${token}`;
    },
    answer: (request) => {
      const url = addressOf(request.url, base);
      const file = files.get(url.pathname);
      const mayRead = file !== undefined && (!file.isRestricted() || isFor(tokens, url));
      if (!mayRead || request.method !== "GET") return textAnswer(404, "Not found.");
      return { status: 200, headers: { "Content-Type": file.contentType }, body: file.file };
    },
    expireTokens: () => tokens.clear(),
  };
}

function isFor(tokens: ReadonlyMap<string, string>, url: URL): boolean {
  return tokens.get(url.searchParams.get("token") ?? "") === url.pathname;
}
