import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { AbsenceKey, FoundAbsence } from "../cache/absences.ts";
import { names } from "../cache/entries.ts";
import type { SymbolCache } from "../cache/symbol-cache.ts";
import type { Absence, SourceAnswer, SymbolHints, SymbolPart, WantedModule } from "../types.ts";
import { rootName } from "./apt-root.ts";
import { likelyHints } from "./candidates.ts";
import type { ReleaseSources } from "./releases.ts";

/** What a release's archive is asked. */
export type ArchiveQuestion = { readonly wanted: readonly WantedModule[]; readonly hints: SymbolHints };

/** A part of a module that the archive does not have, as the named index files tell. */
export type MissingPart = {
  readonly wanted: WantedModule;
  readonly part: SymbolPart;
  readonly absence: Absence;
  readonly indexes: readonly string[];
};

/** What one release's archive is known not to have. */
export type ArchiveMemory = {
  /**
   * Answers for those modules of which every wanted part is known to be missing, by build-id: found missing not
   * long ago, from the same sources, by the indexes that are there now.
   */
  recall(question: ArchiveQuestion): Promise<ReadonlyMap<string, SourceAnswer>>;
  remember(missing: readonly MissingPart[], hints: SymbolHints): Promise<void>;
};

/** The memory for these package sources. */
export function archiveMemory(cache: SymbolCache, sources: ReleaseSources): ArchiveMemory {
  const root = rootName(sources);
  return {
    recall: async ({ wanted, hints }) => {
      const keys = wanted.flatMap((each) => each.needs.map((part) => keyOf(root, each, part, hints)));
      const found = await cache.absences.recall(keys);
      if (found.length === 0) return new Map();
      const current = new Set([await sourcesIdentity(sources), ...(await names(join(cache.aptFolder, root, "index")))]);
      return answers(
        wanted,
        found.filter(({ lists }) => lists.every((list) => current.has(list))),
      );
    },
    remember: async (missing, hints) => {
      const identity = await sourcesIdentity(sources);
      await cache.absences.remember(
        missing.map(({ wanted, part, absence, indexes }) => {
          return { ...keyOf(root, wanted, part, hints), absence, lists: [identity, ...indexes] };
        }),
      );
    },
  };
}

// The path is part of the question, and so is what the report's own packages suggest: a hostile report that asks
// for libc's build-id under a nonsensical path must not answer for honest ones.
function keyOf(root: string, { module }: WantedModule, part: SymbolPart, hints: SymbolHints): AbsenceKey {
  const suggested = likelyHints(module, hints).map(({ name, version }) => `${name}=${version}`);
  const question = digest([module.path, module.isExecutable, ...suggested]);
  return { root, buildId: module.buildId ?? "", part, question };
}

function answers(wanted: readonly WantedModule[], found: readonly FoundAbsence[]): ReadonlyMap<string, SourceAnswer> {
  const known = new Map<string, SourceAnswer>();
  const absences = new Map(found.map((each) => [`${each.buildId} ${each.part}`, each.absence]));
  for (const { module, needs } of wanted) {
    const buildId = module.buildId ?? "";
    const own = needs.map((part) => absences.get(`${buildId} ${part}`));
    if (!own.every((absence) => absence !== undefined)) continue;
    // The program's comes first: without it, its symbols are of no use.
    const absence = absences.get(`${buildId} executable`) ?? own[0] ?? null;
    known.set(buildId, { buildId, executable: null, debug: null, absence });
  }
  return known;
}

/**
 * Changes whenever the files that name the package sources do. A person who has just added the archive of debug
 * symbols does not want to hear for an hour that there are none.
 */
export async function sourcesIdentity({ sourceList, sourceParts }: ReleaseSources): Promise<string> {
  const parts = sourceParts === null ? [] : await readdir(sourceParts).catch(() => []);
  const paths = [sourceList, ...parts.toSorted().map((name) => join(sourceParts ?? "", name))];
  const states = paths.map(async (path) => {
    const found = path === null ? null : await stat(path, { bigint: true }).catch(() => null);
    return found === null ? null : [path, found.size, found.mtimeNs, found.ino].join(" ");
  });
  return `sources-${digest(await Promise.all(states))}`;
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
