/** Whose bugs are worked on: a distribution's, or a project's. */
export type Target = {
  readonly kind: "distribution" | "project";
  /** Launchpad's name of it, a segment of its addresses: `ubuntu`. */
  readonly name: string;
};

/**
 * Where a task stands, seen from the target:
 * - `itself`: on the bare distribution, or on the project
 * - `package`: on a source package of the distribution
 * - `series`: on a series of the target, or a package of one
 * - `other`: elsewhere
 */
export type Place =
  | { readonly kind: "itself" | "series" | "other" }
  | { readonly kind: "package"; readonly sourcePackage: string };

/**
 * Whether a search leaves out the tasks of series: those of a distribution's say nothing of the crash where it counts, a
 * project's are part of it.
 */
export function omitsSeries({ kind }: Target): boolean {
  return kind === "distribution";
}

/** @param link the task's target_link: `https://…/1.0/ubuntu/+source/coreutils` */
export function placeOf(link: string, target: Target): Place {
  const [name, second, third, ...more] = segmentsOf(link);
  if (name !== target.name || more.length > 2) return { kind: "other" };
  if (second === undefined) return { kind: "itself" };
  if (target.kind === "project") return { kind: "series" };
  if (second === "+source" && third !== undefined) return { kind: "package", sourcePackage: third };
  return second.startsWith("+") ? { kind: "other" } : { kind: "series" };
}

// Behind the version of the API: `/1.0/ubuntu`, `/devel/ubuntu/+source/coreutils`.
function segmentsOf(link: string): readonly string[] {
  const segments = URL.canParse(link) ? new URL(link).pathname.split("/").filter((segment) => segment !== "") : [];
  return segments.slice(1).map((segment) => decoded(segment));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // `%zz`: no name of anything.
    return segment;
  }
}
