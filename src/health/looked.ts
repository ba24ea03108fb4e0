import { messageOf, TransientFailure } from "../system/failure.ts";
import type { Looked } from "./types.ts";

/** Looks at one part. Whatever is thrown is an answer: the other parts are looked at all the same. */
export async function lookedAt<Part>(look: () => Part | Promise<Part>): Promise<Looked<Part>> {
  try {
    return { kind: "seen", part: await look() };
  } catch (error) {
    const isOurs = isDenied(error) || error instanceof TransientFailure;
    return { kind: isOurs ? "unseen" : "broken", reason: messageOf(error).split("\n", 1)[0] ?? "" };
  }
}

// Monitoring often runs as a user of its own. What it may not read says nothing about the service.
function isDenied(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  return code === "EACCES" || code === "EPERM" || isDenied(error.cause);
}
