import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { minimalEnvironment } from "../../../src/system/process.ts";
import { temporaryFolder } from "../temporary.ts";
import { tool } from "../tool.ts";
import type { LaunchpadLab } from "./start-launchpad.ts";

/** What a retracer found out about one bug. */
export type FoundOut = {
  readonly id: number;
  /** `merged`: a known bug that turns out to be the same as an older one. */
  readonly verdict: "merged" | "new" | "unsigned" | "duplicate" | "regression" | "invalid" | "no-release" | "not-ours";
  /** The master of a duplicate, or what a regression is one of. */
  readonly of: number | null;
  readonly reason: string | null;
  /** Fields of the trace by name; null: it was not retraced. */
  readonly trace: Readonly<Record<string, string>> | null;
  readonly useful: boolean;
  /** In which it crashed, for the title. */
  readonly function: string | null;
};

export type TodaysWork = {
  readonly target: { readonly kind: "distribution" | "project"; readonly name: string };
  /** The tag of the bugs that wait for a retrace. */
  readonly mark: string;
  /** Is subscribed to bugs of Ubuntu. */
  readonly team: string;
  readonly escalation: { readonly tag: string; readonly team: string } | null;
  readonly bugs: readonly FoundOut[];
};

/** Does to bugs, one after the other, what today's retracer does: by Debian's launchpadlib. */
export async function settleAsToday(lab: LaunchpadLab, work: TodaysWork): Promise<void> {
  const folder = await temporaryFolder("todays-retracer");
  try {
    const [path, credentials] = [join(folder.path, "work.json"), join(folder.path, "credentials")];
    await writeFile(credentials, lab.credentials(), { mode: 0o600 });
    await writeFile(path, JSON.stringify({ url: lab.webUrl, credentials, ...work }));
    const script = join(import.meta.dirname, "todays_retracer.py");
    // The environment is without HTTP_PROXY: launchpadlib would ask it for the loopback server.
    const env = { ...minimalEnvironment, HOME: folder.path };
    await tool(["/usr/bin/python3", script, path, join(folder.path, "cache")], { env });
  } finally {
    await folder.remove();
  }
}
