import { ServiceFailure } from "../../../system/failure.ts";

/** Which addresses may be asked, and which of them may see our token. */
export type Addresses = {
  readonly root: URL;
  /** Whether an address lies in the web service itself; only there goes the token. */
  isApi(url: URL): boolean;
  /** @throws ServiceFailure when the address is not one of the web service. */
  api(address: string, base?: URL): URL;
  /** The same for files, which may lie on any host; what is named by http is asked for by https. */
  file(address: string, base?: URL): URL;
};

/**
 * Addresses come from answers (`self_link`, `next_collection_link`, `Location`), and an answer that was tampered with
 * must not make us send the token, or an edit, elsewhere; nor ask a service of this machine or go without TLS.
 *
 * @param root the web service's address, without version: `https://api.launchpad.net/`.
 * @throws ServiceFailure when the root itself is no https address (http only for this machine's loopback).
 */
export function addressesFrom(root: string): Addresses {
  const rootUrl = parsed(root);
  const isLocal = rootUrl !== null && isLoopback(rootUrl);
  if (rootUrl === null || !(rootUrl.protocol === "https:" || (rootUrl.protocol === "http:" && isLocal))) {
    throw new ServiceFailure(`${JSON.stringify(root)} is no address of a Launchpad web service`, {
      remedy: "It has to begin with https:// (http:// only on this machine), as https://api.launchpad.net/ does.",
    });
  }
  const isApi = (url: URL): boolean => url.origin === rootUrl.origin;
  const checked = (address: string, base: URL | undefined, isGood: (url: URL) => boolean, where: string): URL => {
    const url = parsed(address, base);
    if (url !== null && url.username === "" && url.password === "" && isGood(url)) return url;
    throw new ServiceFailure(`Launchpad (${rootUrl.origin}) names ${shownAddress(url ?? address)}, ${where}`, {
      remedy: "Look whether the configured address is Launchpad's own, and what answers there.",
    });
  };
  return {
    root: rootUrl,
    isApi,
    api: (address, base) => checked(address, base, isApi, "which is outside its web service"),
    file: (address, base) =>
      checked(
        byTls(address, base),
        base,
        // Launchpad has no business with services of this machine, unless it is one.
        (url) =>
          isApi(url) || (isLoopback(url) ? isLocal && /^https?:$/.test(url.protocol) : url.protocol === "https:"),
        "which is no place for a file",
      ),
  };
}

// The librarian's addresses have been http:// for public files at times, and it answers by https too.
function byTls(address: string, base?: URL): string {
  const url = parsed(address, base);
  if (url?.protocol !== "http:" || isLoopback(url)) return address;
  url.protocol = "https:";
  return url.href;
}

/** An address for messages: short, and without what stands in the query of a file's (a token for a private file). */
export function shownAddress(address: URL | string): string {
  const shown = typeof address === "string" ? address : `${address.origin}${address.pathname}`;
  const clean = shown.replace(/[\s\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, " ");
  return clean.length <= 300 ? clean : `${clean.slice(0, 300)}…`;
}

/** Whether this machine itself is meant, so that no network can listen. */
export function isLoopback(url: URL): boolean {
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(url.hostname);
}

function parsed(address: string, base?: URL): URL | null {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}
