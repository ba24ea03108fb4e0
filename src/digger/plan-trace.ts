import type { Traced } from "../retrace/types.ts";
import type { CrashHeader, Edit } from "../tracker/types.ts";
import { retitled } from "./retitle.ts";

/** Apport's tag for a crash whose trace is missing or poor. */
export const failedTag = "apport-failed-retrace";

/** Apport's tag that people put on a crash whose trace should be a better one. */
const requestTag = "apport-request-retrace";

/** A crash with one of these is given the trace of a duplicate, if that is a useful one. */
export const tagsThatWantTrace: readonly string[] = [failedTag, requestTag];

/**
 * The edits that bring a trace to its crash. A poor one is brought too, and the core stays for another try.
 *
 * @param title the title that the trace gives, null for none
 */
export function traceEdits(header: CrashHeader, traced: Traced, title: string | null): readonly Edit[] {
  const attach = textsOf(traced).map((text): Edit => ({ kind: "attach", ...text }));
  if (!traced.useful) return [...attach, { kind: "add-tags", tags: [failedTag] }];
  const better = retitled(header.title, title);
  return [
    ...attach,
    { kind: "remove-tags", tags: tagsThatWantTrace },
    { kind: "remove-core" },
    { kind: "set-importance", importance: "Medium", ifUndecided: true },
    ...(better === null ? [] : [{ kind: "set-title", title: better } as const]),
  ];
}

/** A trace as attachments: Apport's fields, and what we know beyond them as JSON. */
export function textsOf(traced: Traced): readonly { readonly name: string; readonly text: string }[] {
  const json = (name: string, value: unknown) => ({ name, text: JSON.stringify(value, null, 1) });
  return [
    ...[...traced.fields].map(([name, text]) => ({ name: `${name}.txt`, text })),
    json("Trace.json", traced.threads),
    json("Fidelity.json", traced.modules),
    json("Manifest.json", traced.manifest),
  ];
}
