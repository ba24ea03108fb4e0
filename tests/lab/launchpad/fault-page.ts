import { z } from "zod";
import { type ApiAnswer, jsonAnswer, Refusal } from "./answer.ts";
import type { FaultRule } from "./launchpad-faults.ts";

const fault = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("status"), status: z.int(), headers: z.record(z.string(), z.string()).default({}) }),
  z.strictObject({ kind: z.literal("truncated"), afterBytes: z.int().default(100) }),
  z.strictObject({ kind: z.literal("drip"), bytesPerPiece: z.int().positive(), pauseMs: z.int().positive() }),
  z.strictObject({ kind: z.literal("changed-shape"), field: z.string(), to: z.unknown() }),
  z.strictObject({
    kind: z.enum(["hang", "reset", "lost-answer", "malformed-json", "concurrent-edit", "revoked-token"]),
  }),
]);

const rule = z.strictObject({
  route: z.string().default(""),
  nth: z.int().positive().default(1),
  times: z.int().positive().optional(),
  rate: z.number().min(0).max(1).optional(),
  seed: z.string().default(""),
  fault,
});

/** A rule that came as JSON. Without a route it means every request. */
export function faultPage(body: Buffer, add: (rule: FaultRule) => void): ApiAnswer {
  const { route, times, rate, ...read } = parsed(body);
  add({
    ...read,
    ...(route === "" ? {} : { route }),
    ...(times === undefined ? {} : { times }),
    ...(rate === undefined ? {} : { rate }),
  });
  return jsonAnswer(null);
}

function parsed(body: Buffer): z.infer<typeof rule> {
  try {
    return rule.parse(JSON.parse(body.toString("utf8")));
  } catch (error) {
    throw new Refusal(400, `no rule for a fault: ${(error as Error).message}`);
  }
}
