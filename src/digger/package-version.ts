import { parsePackageField } from "../report/package-field.ts";

/** Version of the crashing package as the report states it, null when it does not. */
export function packageVersionOf(fields: ReadonlyMap<string, string>): string | null {
  const text = fields.get("Package");
  return text === undefined ? null : (parsePackageField(text)?.version ?? null);
}
