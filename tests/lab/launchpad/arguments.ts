import { Refusal } from "./answer.ts";
import type { Call } from "./call.ts";

/**
 * An argument's value. They come as JSON; what is no JSON is taken as the text that it is, so that an
 * unquoted tag `123` arrives as a number and is refused.
 */
export function argument(call: Call, name: string): unknown {
  const text = call.arguments.get(name)?.toString("utf8");
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A text; null when it is not given. Throws Refusal 400 for anything else. */
export function textArgument(call: Call, name: string): string | null {
  const value = argument(call, name) ?? null;
  if (value === null || typeof value === "string") return value;
  throw new Refusal(400, `${name}: got '${typeName(value)}', expected str: ${JSON.stringify(value)}`);
}

export function requiredText(call: Call, name: string): string {
  const value = textArgument(call, name);
  if (value === null) throw new Refusal(400, `${name}: Required input is missing.`);
  return value;
}

export function booleanArgument(call: Call, name: string): boolean | null {
  const value = argument(call, name) ?? null;
  if (value === null || typeof value === "boolean") return value;
  throw new Refusal(400, `${name}: got '${typeName(value)}', expected bool: ${JSON.stringify(value)}`);
}

/** A list of texts; one text alone is a list of one. */
export function listArgument(call: Call, name: string): readonly string[] | null {
  const value = argument(call, name) ?? null;
  if (value === null) return null;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((item) => typeof item === "string")) return list;
  throw new Refusal(400, `${name}: got '${typeName(value)}', expected a list of str: ${JSON.stringify(value)}`);
}

export function dateArgument(call: Call, name: string): Date | null {
  const text = textArgument(call, name);
  if (text === null) return null;
  const date = new Date(/^\d{4}-\d\d-\d\d$|(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  if (!Number.isNaN(date.getTime())) return date;
  throw new Refusal(400, `${name}: Value doesn't look like a date.`);
}

function typeName(value: unknown): string {
  return Array.isArray(value) ? "list" : typeof value;
}
