import { messageOf, ServiceFailure } from "../system/failure.ts";
import type { Answer, Check, Finding } from "./types.ts";

export function ok(found: string): Answer {
  return { outcome: "ok", found, remedy: null };
}

export function warning(found: string, remedy: string): Answer {
  return { outcome: "warning", found, remedy };
}

export function problem(found: string, remedy: string): Answer {
  return { outcome: "problem", found, remedy };
}

/** Carries a check out. Whatever it throws is a problem that was found: a ServiceFailure says itself what to do. */
export async function examine({ name, look }: Check): Promise<Finding> {
  try {
    return { check: name, ...(await look()) };
  } catch (error) {
    const remedy = error instanceof ServiceFailure ? error.remedy : undefined;
    return { check: name, ...problem(messageOf(error), remedy ?? "Look at what the message says, and ask again.") };
  }
}
