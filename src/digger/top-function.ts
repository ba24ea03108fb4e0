/** The function of the innermost frame that counts (StacktraceTop's first line), null when it has no name. */
export function topFunctionOf(fields: ReadonlyMap<string, string>): string | null {
  const top = fields.get("StacktraceTop")?.split("\n", 1)[0] ?? "";
  const name = /^(.*?)(?: \(|$)/.exec(top)?.[1]?.trim() ?? "";
  return name === "" || name.startsWith("??") ? null : name;
}
