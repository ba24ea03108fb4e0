import type { ArgumentValue, OperationArguments } from "./types.ts";

/** The most entries that Launchpad gives on a page (`ws.size`). */
export const mostOnPage = 300;

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
    parameters.append(name, encoded(value));
  }
  return parameters;
}

function encoded(value: ArgumentValue): string {
  return typeof value === "object" && value !== null && "option" in value ? value.option : JSON.stringify(value);
}
