import { ServiceFailure } from "../../system/failure.ts";

/** A failing disk or folder (an error with a code) as a service failure; other errors are bugs and stay what they are. */
export function asServiceFailure(cause: unknown, what: string): unknown {
  if (cause instanceof ServiceFailure || !(cause instanceof Error && "code" in cause)) return cause;
  const remedy = "Free some space, or give this user the right to write there.";
  return new ServiceFailure(`${what}: ${cause.message}`, { cause, remedy });
}
