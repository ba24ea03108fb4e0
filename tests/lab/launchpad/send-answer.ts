import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type Answer, send } from "../static-answer.ts";
import type { ApiAnswer } from "./answer.ts";
import type { LoggedRequest } from "./request-log.ts";

/** Sends an answer as it should be; a large file as a stream. */
export async function sendAnswer(response: ServerResponse, answer: ApiAnswer, logged: LoggedRequest): Promise<void> {
  const { body } = answer;
  if (Buffer.isBuffer(body) || "bytes" in body) {
    send(response, await inMemory(answer), logged);
    return;
  }
  logged.status = answer.status;
  response.writeHead(answer.status, { ...answer.headers, "Content-Length": String(body.sizeBytes) });
  logged.bytes += body.sizeBytes;
  // A reader that goes away in the middle ends the pipeline with an error; it knows itself why.
  await pipeline(createReadStream(body.path), response).catch(() => {});
}

/** The answer with its body in memory, for those who want to spoil it. */
export async function inMemory(answer: ApiAnswer): Promise<Answer> {
  const { body } = answer;
  if (Buffer.isBuffer(body)) return { ...answer, body };
  return { ...answer, body: "bytes" in body ? body.bytes : await readFile(body.path) };
}
