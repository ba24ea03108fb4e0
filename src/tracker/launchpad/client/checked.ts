import type { z } from "zod";
import { ServiceFailure } from "../../../system/failure.ts";
import { type Answer, described } from "./exchange.ts";
import { Hiccup } from "./hiccup.ts";
import type { Wire } from "./wire.ts";

const method = "GET";
const mostFields = 3;

/**
 * An answer's JSON through a schema.
 *
 * @throws Hiccup when it is no JSON: a front end's error page with status 200, an answer cut off. ServiceFailure when
 *   its shape is not the expected one; it names the fields and the address.
 */
export function checked<T>(answer: Answer, schema: z.ZodType<T>, wire: Wire): T {
  const result = schema.safeParse(jsonOf(answer, wire));
  if (result.success) return result.data;
  const { issues } = result.error;
  const fields = issues.slice(0, mostFields).map(({ path, message }) => `${fieldName(path)}: ${message}`);
  const more = issues.length > mostFields ? `, and ${issues.length - mostFields} more` : "";
  throw new ServiceFailure(
    `Launchpad's answer to ${described({ method, url: answer.url }, wire)} is not what it used to be: ${wire.words(fields.join("; "))}${more}`,
    { remedy: "Look whether the configured address is Launchpad's web service, and whether its version has changed." },
  );
}

function jsonOf(answer: Answer, wire: Wire): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    const start = answer.text.slice(0, 100);
    const message = `Launchpad's answer to ${described({ method, url: answer.url }, wire)} is no JSON: ${wire.words(start)}`;
    throw new Hiccup(message, { ifItLasts: new ServiceFailure(message) });
  }
}

function fieldName(path: readonly PropertyKey[]): string {
  const name = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return name === "" ? "the whole" : name.replace(/^\./, "");
}
