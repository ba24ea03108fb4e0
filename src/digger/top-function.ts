/**
 * The function in which a program crashed: that of StacktraceTop's first line, or of a Python traceback's last
 * entry. Null when it has no name.
 */
export function topFunctionOf(fields: ReadonlyMap<string, string>): string | null {
  const top = fields.get("StacktraceTop")?.split("\n", 1)[0] ?? "";
  const name = /^(.*?)(?: \(|$)/.exec(top)?.[1]?.trim() ?? "";
  if (name !== "" && !name.startsWith("??")) return name;
  return pythonFunction(fields.get("Traceback") ?? "");
}

// `  File "/usr/bin/tool", line 12, in main`
function pythonFunction(traceback: string): string | null {
  const place = traceback.split("\n").findLast((line) => /^\s+File ".*", line \d+, in /.test(line));
  return place === undefined ? null : place.slice(place.lastIndexOf(", in ") + ", in ".length).trim();
}
