import type { Traced } from "../retrace/types.ts";
import { failedTag, tagsThatWantTrace } from "../tracker/marks.ts";
import type { CrashHeader, Edit } from "../tracker/types.ts";
import { retitled } from "./retitle.ts";

/**
 * The edits that bring a trace to its crash. A poor one is brought too, and the core stays for another try.
 *
 * @param title the title that the trace gives, null for none
 */
export function traceEdits(header: CrashHeader, traced: Traced, title: string | null): readonly Edit[] {
  const attach = textsOf(traced).map((text): Edit => ({ kind: "attach", ...text }));
  if (!traced.useful) return [...attach, { kind: "add-tags", tags: [failedTag] }];
  return [...attach, ...editsAfterTrace(header, title)];
}

/** What comes with a useful trace, once it is attached. */
export function editsAfterTrace(header: CrashHeader, title: string | null): readonly Edit[] {
  const better = retitled(header.title, title);
  return [
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
