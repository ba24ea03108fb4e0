import type { Distribution, Project, World } from "./state.ts";

/** What a task can be about. */
export type Target = {
  readonly path: string;
  /** `distribution`, `distro_series`, `distribution_source_package`, `source_package`, `project`, `project_series`. */
  readonly type: string;
  readonly pillar: Distribution | Project;
  readonly series: string | null;
  readonly sourcePackage: string | null;
  /** `coreutils (Ubuntu Noble)` */
  readonly displayName: string;
  readonly name: string;
};

/** Reads a path such as `ubuntu/noble/+source/coreutils`; null when there is no such thing. Any package name will do. */
export function targetAt(world: World, path: string): Target | null {
  const parts = path.replace(/\/$/, "").split("/");
  const sourceAt = parts.indexOf("+source");
  const sourcePackage = sourceAt < 0 ? null : (parts[sourceAt + 1] ?? "");
  const [pillarName = "", series = null, ...rest] = sourceAt < 0 ? parts : parts.slice(0, sourceAt);
  const isWhole = rest.length === 0 && (sourceAt < 0 || parts.length === sourceAt + 2);
  if (!isWhole || (sourcePackage !== null && !isPackageName(sourcePackage))) return null;
  const distribution = world.distributions.get(pillarName);
  if (distribution !== undefined) return inDistribution(distribution, series, sourcePackage);
  const project = world.projects.get(pillarName);
  return project === undefined || sourcePackage !== null ? null : inProject(project, series);
}

export function isPackageName(text: string): boolean {
  return /^[a-z0-9][a-z0-9+.-]+$/.test(text);
}

/** Whether a target belongs to another one: a package to its distribution, a task of a series to both. */
export function isWithin(target: Target, scope: Target): boolean {
  if (target.pillar !== scope.pillar) return false;
  if (scope.sourcePackage !== null && target.sourcePackage !== scope.sourcePackage) return false;
  return scope.series === null || target.series === scope.series;
}

function inDistribution(pillar: Distribution, series: string | null, sourcePackage: string | null): Target | null {
  if (series !== null && !pillar.series.some((one) => one.name === series)) return null;
  const where = [pillar.displayName, ...(series === null ? [] : [capitalised(series)])].join(" ");
  const path = [pillar.name, series].filter((part) => part !== null).join("/");
  if (sourcePackage !== null) {
    const name = `${sourcePackage} (${where})`;
    const type = series === null ? "distribution_source_package" : "source_package";
    return { path: `${path}/+source/${sourcePackage}`, type, pillar, series, sourcePackage, displayName: name, name };
  }
  const type = series === null ? "distribution" : "distro_series";
  return { path, type, pillar, series, sourcePackage, displayName: where, name: path };
}

function inProject(pillar: Project, series: string | null): Target | null {
  if (series === null) {
    const { name, displayName } = pillar;
    return { path: name, type: "project", pillar, series, sourcePackage: null, displayName, name };
  }
  if (!pillar.series.includes(series)) return null;
  const path = `${pillar.name}/${series}`;
  const displayName = `${pillar.displayName} ${series}`;
  return { path, type: "project_series", pillar, series, sourcePackage: null, displayName, name: path };
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
