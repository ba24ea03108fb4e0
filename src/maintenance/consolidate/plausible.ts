import type { Change } from "./types.ts";

/** Bounds of what one consolidation takes away, unless a person has said how much is right. */
const bounds = {
  /** Crashes that the source does not know: on a tracker crashes are closed, and next to never vanish. */
  absent: { share: 0.01, atLeast: 5 },
  /** Removed, or open again, so that a fixed version is lost. */
  lost: { share: 0.1, atLeast: 20 },
} as const;

// Below this many the database is somebody's first try, and is gone in one go when its few crashes are.
const fewest = 3;

/**
 * Why changes cannot be believed; null when they can. An answer that is empty or short (a wrong distribution, another
 * database, a search that broke off without saying so) looks like thousands of crashes that were closed, and what
 * is removed here nobody brings back.
 *
 * @param maxLosses how many crashes may be removed or opened again; null for the usual bounds.
 */
export function whyImplausible(changes: readonly Change[], stored: number, maxLosses: number | null): string | null {
  const absent = changes.filter(({ isAbsent }) => isAbsent).length;
  const removed = changes.filter(({ becomes }) => becomes.kind === "removed").length;
  const lost = changes.filter(({ becomes }) => becomes.kind !== "fixed").length;
  const words = `${removed} of ${stored} stored crashes would be removed and ${lost - removed} opened again`;
  if (maxLosses !== null) return lost <= maxLosses ? null : `${words}, more than --max-losses ${maxLosses}`;
  if (absent > most(bounds.absent, stored)) return `${words}; ${absent} of them the source does not know at all`;
  if (removed === stored && stored >= fewest) return `${words}: none would be left`;
  return lost > most(bounds.lost, stored) ? `${words}, more than a tenth` : null;
}

function most({ share, atLeast }: { readonly share: number; readonly atLeast: number }, stored: number): number {
  return Math.max(atLeast, Math.floor(share * stored));
}
