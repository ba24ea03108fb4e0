import { createHash } from "node:crypto";
import type { Search } from "../archive/search.ts";
import type { AbsenceKey, Absences } from "../cache/absences.ts";
import type { NamedVersion } from "./types.ts";

/** Which packages are known not to have a module's file, and why. */
export type CandidateMemory = {
  recall(search: Search, candidate: NamedVersion): Promise<string | null>;
  remember(search: Search, candidate: NamedVersion, reason: string): Promise<void>;
};

/**
 * What is remembered is about one package: that it was never published, or that it does not hold the build-id. No
 * report can answer for another by that, whatever it says of its packages.
 *
 * @param root which service, release and architecture
 */
export function candidateMemory(absences: Absences, root: string): CandidateMemory {
  const keyOf = ({ module, buildId, part }: Search, { name, version }: NamedVersion): AbsenceKey => {
    const question = createHash("sha256")
      .update(JSON.stringify([module.path, name, version]))
      .digest("hex");
    return { root, buildId, part, question: question.slice(0, 32) };
  };
  return {
    recall: async (search, candidate) => {
      const [found] = await absences.recall([keyOf(search, candidate)]);
      return found?.absence.reason ?? null;
    },
    remember: async (search, candidate, reason) => {
      const absence = { status: "not-packaged", reason, versionWanted: null, versionsAvailable: [] } as const;
      await absences.remember([{ ...keyOf(search, candidate), lists: [], absence }]);
    },
  };
}
