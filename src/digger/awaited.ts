import type { Traced } from "../retrace/types.ts";
import type { ModuleFidelity, ModuleStatus } from "../symbols/types.ts";
import type { DiggerServices } from "./services.ts";

/** Files whose debug symbols are worth waiting for, and where they would be listed. */
export type Awaited = {
  readonly release: string | null;
  readonly architecture: string;
  readonly modules: readonly { readonly path: string; readonly buildId: string }[];
};

// What is no file, or has no build-id, is listed nowhere, ever.
const mayAppear: readonly ModuleStatus[] = ["no-debug-symbols", "wrong-version", "not-packaged", "gone"];

// A core names as many files as it likes.
const maxAwaited = 1000;

/**
 * The files that a poor trace lacks symbols of and that no package lists yet; null when there are none, or the
 * trace is useful (its core goes, so that there is nothing to try again).
 *
 * A build-id that is listed already and did not help will not help tomorrow: waiting for it would mean a
 * retrace in every batch.
 */
export async function awaitedBy(
  traced: Traced,
  services: Pick<DiggerServices, "buildIdsKnown">,
  signal: AbortSignal,
): Promise<Awaited | null> {
  if (traced.useful) return null;
  const { release, architecture } = traced.manifest;
  const missing = traced.modules.filter((module) => mayAppear.includes(module.status)).flatMap(withBuildId);
  const modules = missing.slice(0, maxAwaited);
  if (modules.length === 0) return null;
  const buildIds = modules.map((module) => module.buildId);
  const known = await services.buildIdsKnown(release, architecture, buildIds, signal);
  if (known === null) return null;
  const awaited = modules.filter((module) => !known.has(module.buildId));
  return awaited.length === 0 ? null : { release, architecture, modules: awaited };
}

function withBuildId({ path, buildId }: ModuleFidelity): Awaited["modules"] {
  return buildId === null ? [] : [{ path, buildId }];
}
