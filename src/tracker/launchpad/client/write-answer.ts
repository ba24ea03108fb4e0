import { ServiceFailure } from "../../../system/failure.ts";
import { type Answer, described, type Request } from "./exchange.ts";
import type { Absent, Refused } from "./types.ts";
import { whoAmI } from "./who-am-i.ts";
import type { Wire } from "./wire.ts";

/**
 * What an answer to a write means that is not success: gone, or refused.
 *
 * @throws ServiceFailure for all others, and when the token is not good any more.
 */
export async function unsuccessful(answer: Answer, request: Request, wire: Wire): Promise<Absent | Refused> {
  const { status, text } = answer;
  if (status === 404 || status === 410) return { kind: "absent" };
  // 401 says both "Expired token" and "only a bug supervisor may set the importance". Who we are tells them apart,
  // whatever the words; it throws when the token is the reason.
  if (status === 401) await whoAmI(wire);
  if (status === 400 || status === 401 || status === 403) return { kind: "refused", status, reason: wire.words(text) };
  const location = answer.headers.get("location") ?? "";
  throw new ServiceFailure(`${described(request, wire)}: ${status} ${wire.words(`${location} ${text}`)}`.trim(), {
    remedy: "Look whether the configured address is Launchpad's web service itself, with https where it has that.",
  });
}
