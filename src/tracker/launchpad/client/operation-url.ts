import type { ArgumentValue, OperationArguments } from "./types.ts";

/** The address of a named read operation: `operationUrl(ubuntu, "searchTasks", { tags: ["need-amd64-retrace"] })`. */
export function operationUrl(url: string, operation: string, args: OperationArguments): string {
  const address = new URL(url);
  for (const [name, value] of operationParameters(operation, args)) address.searchParams.append(name, value);
  return address.href;
}

/** A named operation as form parameters. */
export function operationParameters(operation: string, args: OperationArguments): URLSearchParams {
  const parameters = new URLSearchParams([["ws.op", operation]]);
  for (const [name, value] of Object.entries(args)) {
    for (const text of encoded(value)) parameters.append(name, text);
  }
  return parameters;
}

function encoded(value: ArgumentValue): readonly string[] {
  if (value === null || typeof value !== "object") return [JSON.stringify(value)];
  if ("option" in value) return [value.option];
  // Several options are the parameter several times over; any other list is one JSON text.
  return "options" in value ? value.options : [JSON.stringify(value)];
}
