import type { Hit } from "../static-answer.ts";
import type { LaunchpadFault } from "./launchpad-faults.ts";

/** One request and what became of it. */
export type LoggedRequest = Hit & {
  /** Method, thing and operation: `GET bug`, `POST bug newMessage`, `GET librarian`. */
  route: string;
  /** With the query. */
  readonly url: string;
  /** Whether credentials came with it. They have no business at the librarian. */
  readonly hasAuthorization: boolean;
  /** Kind of the fault that it met. */
  fault: LaunchpadFault["kind"] | null;
};

/** How often each route was asked for, sorted by name. */
export function countByRoute(requests: readonly LoggedRequest[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { route } of requests) counts.set(route, (counts.get(route) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
}
