import { sourcesIdentity } from "../symbols/archive/archive-memory.ts";
import type { SymbolCache } from "../symbols/cache/symbol-cache.ts";
import type { SourceArchive } from "./open-archive.ts";

/** Something that an archive was asked about sources. */
export type SourceAbsence = {
  readonly archive: SourceArchive;
  /** Of the module, or empty. */
  readonly buildId: string;
  readonly question: string;
};

/** Why the archive had no answer a short while ago, from the same package sources; null when it has to be asked. */
export async function recallAbsent(asked: SourceAbsence, { absences }: SymbolCache): Promise<string | null> {
  const [found] = await absences.recall([keyOf(asked)]);
  if (found === undefined) return null;
  return found.lists.includes(await sourcesIdentity(asked.archive.sources)) ? found.absence.reason : null;
}

/** Remembers that the archive has no answer, for as long as `symbols.negative_ttl_s` says; gives the reason back. */
export async function absentUntilAsked(
  asked: SourceAbsence,
  reason: string,
  { absences }: SymbolCache,
): Promise<string> {
  const lists = [await sourcesIdentity(asked.archive.sources)];
  const absence = { status: "gone", reason, versionWanted: null, versionsAvailable: [] } as const;
  await absences.remember([{ ...keyOf(asked), lists, absence }]);
  return reason;
}

function keyOf({ archive, buildId, question }: SourceAbsence) {
  return { root: archive.name, buildId, part: "source", question } as const;
}
