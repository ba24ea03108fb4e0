import type { ServerResponse } from "node:http";
import { sendWrongly } from "../faults.ts";
import { type ApiAnswer, textAnswer } from "./answer.ts";
import { type Prepared, withOops } from "./api-server.ts";
import type { LaunchpadFault } from "./launchpad-faults.ts";
import type { LoggedRequest } from "./request-log.ts";
import { inMemory, sendAnswer } from "./send-answer.ts";

/** Answers a request wrongly. Some faults keep it from being carried out, some come after that. */
export async function answerWithFault(
  response: ServerResponse,
  prepared: Prepared,
  logged: LoggedRequest,
  fault: LaunchpadFault,
  editMeanwhile: () => void,
): Promise<void> {
  switch (fault.kind) {
    case "status":
      return sendWrongly(response, await inMemory(withOops(refused)), logged, withOopsId(fault));
    case "hang":
    case "reset":
    case "redirect-loop":
    case "redirect-without-end":
      return sendWrongly(response, await inMemory(refused), logged, fault);
    case "concurrent-edit":
      editMeanwhile();
      return sendAnswer(response, await prepared.carryOut(), logged);
    case "meanwhile":
      fault.change();
      return sendAnswer(response, await prepared.carryOut(), logged);
    case "revoked-token":
      return sendAnswer(response, textAnswer(401, "Expired token (revoked on purpose)."), logged);
    default:
      return spoil(response, await prepared.carryOut(), logged, fault);
  }
}

const refused = textAnswer(503, "refused on purpose");

async function spoil(
  response: ServerResponse,
  answer: ApiAnswer,
  logged: LoggedRequest,
  fault: Exclude<LaunchpadFault, { kind: "concurrent-edit" | "meanwhile" | "revoked-token" }>,
): Promise<void> {
  const whole = await inMemory(answer);
  switch (fault.kind) {
    case "lost-answer":
      return sendWrongly(response, whole, logged, { kind: "reset" });
    case "malformed-json":
      return sendAnswer(response, { ...whole, body: whole.body.subarray(0, Math.ceil(whole.body.length / 2)) }, logged);
    case "changed-shape":
      return sendAnswer(response, { ...whole, body: reshaped(whole.body, fault.field, fault.to) }, logged);
    default:
      return sendWrongly(response, whole, logged, fault);
  }
}

function withOopsId(fault: Extract<LaunchpadFault, { kind: "status" }>): Extract<LaunchpadFault, { kind: "status" }> {
  return { ...fault, headers: { ...withOops(textAnswer(fault.status, "")).headers, ...fault.headers } };
}

// JSON.stringify leaves out what is undefined: the field is then missing.
function reshaped(body: Buffer, field: string, to: unknown): Buffer {
  if (body.length === 0) return body;
  const value: unknown = JSON.parse(body.toString("utf8"));
  return Buffer.from(JSON.stringify(value, (key, inner: unknown) => (key === field ? to : inner)));
}
