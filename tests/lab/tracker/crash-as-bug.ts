import { gzipSync } from "node:zlib";
import { belongsInAttachment } from "../../../src/tracker/text-attachments.ts";
import type { BugSeed } from "../launchpad/make-bug.ts";

/** A crash report as Apport's client files it on Launchpad: short fields in the description, long ones attached. */
export function crashAsBug(
  fields: Readonly<Record<string, string>>,
  core?: Buffer,
): Required<Pick<BugSeed, "title" | "description" | "tags" | "attachments" | "private">> {
  const entries = Object.entries(fields).filter(([name]) => name !== "Title");
  const inline = entries.filter(([name, value]) => !belongsInAttachment(name, value));
  const attached = entries.filter(([name, value]) => belongsInAttachment(name, value));
  const mark = core === undefined ? "need-duplicate-check" : `need-${fields["Architecture"]}-retrace`;
  return {
    title: fields["Title"] ?? `${fields["ExecutablePath"]} crashed`,
    description: `It crashed while I did nothing.\n\n${inline.map(descriptionField).join("")}`,
    tags: ["apport-crash", mark],
    private: true,
    attachments: [
      ...(core === undefined ? [] : [{ fileName: "CoreDump.gz", bytes: gzipSync(core) }]),
      ...attached.map(([name, value]) => ({ fileName: `${name}.txt`, bytes: value })),
    ],
  };
}

function descriptionField([name, value]: readonly [string, string]): string {
  return value.includes("\n") ? `${name}:\n${value.replace(/^/gm, " ")}\n` : `${name}: ${value}\n`;
}
