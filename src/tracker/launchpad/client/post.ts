import { exchange, type Request } from "./exchange.ts";
import { Hiccup } from "./hiccup.ts";
import { operationParameters } from "./operation-url.ts";
import { pauseAfter } from "./tries.ts";
import type { OperationArguments, Posted } from "./types.ts";
import type { Wire } from "./wire.ts";
import { unsuccessful } from "./write-answer.ts";

/** A named write operation, as a form. */
export async function post(
  url: string,
  operation: string,
  args: OperationArguments,
  isThere: () => Promise<boolean>,
  wire: Wire,
): Promise<Posted> {
  const request: Request = {
    method: "POST",
    url: wire.addresses.api(url),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: operationParameters(operation, args).toString(),
  };
  return await postOnce(async () => request, isThere, wire);
}

/**
 * Sends a POST so that it has its effect once. A lost answer says nothing: the comment may stand there or not. Whoever
 * repeats the request then (as launchpadlib does after a 502 or 503) makes two of it; we look first.
 *
 * @param request makes the request anew for each try: the pieces of a file are gone after one.
 */
export async function postOnce(
  request: () => Promise<Request>,
  isThere: () => Promise<boolean>,
  wire: Wire,
): Promise<Posted> {
  for (let turn = 1; ; turn++) {
    try {
      return await postBlindly(await request(), wire);
    } catch (error) {
      if (!(error instanceof Hiccup)) throw error;
      await pauseAfter(error, turn, wire);
      if (await isThere()) return { kind: "already" };
      if (turn >= wire.limits.tries) throw error.ifItLasts ?? error;
    }
  }
}

async function postBlindly(request: Request, wire: Wire): Promise<Posted> {
  const answer = await exchange(request, wire);
  if (answer.status !== 200 && answer.status !== 201) return await unsuccessful(answer, request, wire);
  const location = answer.headers.get("location");
  return { kind: "done", location: location === null ? null : wire.addresses.api(location, request.url).href };
}
