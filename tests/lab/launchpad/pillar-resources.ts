import { type ApiAnswer, jsonAnswer } from "./answer.ts";
import { publicationResource, publishedBinaries, publishedSources } from "./archive-resources.ts";
import { requiredText } from "./arguments.ts";
import { taskResource } from "./bug-resources.ts";
import type { Call } from "./call.ts";
import { type Listing, operationCollection, scopedCollection } from "./collection.ts";
import {
  archiveEntry,
  archSeriesEntry,
  distributionEntry,
  packageEntry,
  projectEntry,
  projectSeriesEntry,
  seriesEntry,
} from "./entries.ts";
import { type Entry, entryAnswer, represent } from "./entry.ts";
import type { Resource } from "./resource.ts";
import { searchTasks } from "./search-tasks.ts";
import type { Distribution, Project } from "./state.ts";
import { isPackageName, type Target, targetAt } from "./targets.ts";

/** Everything below the name of a distribution or a project. */
export function pillarResource(call: Call, parts: readonly string[]): Resource | null {
  const bugAt = parts.indexOf("+bug");
  if (bugAt > 0) {
    return taskResource(call, parts.slice(0, bugAt).join("/"), parts[bugAt + 1] ?? "", parts.slice(bugAt + 2));
  }
  const target = targetAt(call.world, parts.join("/"));
  if (target !== null) return targetResource(target);
  const distribution = call.world.distributions.get(parts[0] ?? "");
  if (distribution !== undefined) return belowDistribution(call, distribution, parts.slice(1));
  const project = call.world.projects.get(parts[0] ?? "");
  if (project === undefined || parts[1] !== "series" || parts.length > 2) return null;
  const listing: Listing = project.series.map((name) => () => projectSeriesEntry(call, project, name));
  return { name: "project series list", get: () => scopedCollection(call, "project_series", listing) };
}

function targetResource(target: Target): Resource {
  const entry = (call: Call): Entry => entryOf(call, target);
  const search = { searchTasks: (call: Call) => searchTasks(call, target) };
  const series = {
    getSeries: (call: Call) =>
      seriesNamed(call, target, requiredText(call, isDistribution(target) ? "name_or_version" : "name")),
  };
  const ofDistribution = {
    getSourcePackage: (call: Call) => sourcePackage(call, target.path, requiredText(call, "name")),
    getDevelopmentSeries: (call: Call) => developmentSeries(call, target.pillar as Distribution),
  };
  const ofSeries = {
    getDistroArchSeries: (call: Call) => archSeries(call, target),
    getSourcePackage: ofDistribution.getSourcePackage,
  };
  const reads = {
    ...search,
    ...(target.type === "distribution" ? { ...ofDistribution, ...series } : {}),
    ...(target.type === "project" ? series : {}),
    ...(target.type === "distro_series" ? ofSeries : {}),
  };
  return { name: target.type.replaceAll("_", " "), get: (call) => entryAnswer(call, entry(call)), reads };
}

function entryOf(call: Call, target: Target): Entry {
  if (target.sourcePackage !== null) return packageEntry(call, target);
  if (!isDistributionPillar(target.pillar)) {
    return target.series === null
      ? projectEntry(call, target.pillar)
      : projectSeriesEntry(call, target.pillar, target.series);
  }
  const series = target.pillar.series.find((one) => one.name === target.series);
  return series === undefined ? distributionEntry(call, target.pillar) : seriesEntry(call, target.pillar, series);
}

function belowDistribution(call: Call, distribution: Distribution, parts: readonly string[]): Resource | null {
  const [first, second] = parts;
  if (first === "series" && parts.length === 1) {
    const listing = distribution.series.map((series) => () => seriesEntry(call, distribution, series));
    return { name: "series list", get: () => scopedCollection(call, "distro_series", listing) };
  }
  if (first === "archives" && parts.length === 1) {
    return { name: "archives", get: () => scopedCollection(call, "archive", [() => archiveEntry(call, distribution)]) };
  }
  if (first === "+archive" && second === "primary") return archiveResource(call, distribution, parts.slice(2));
  const series = distribution.series.find((one) => one.name === first);
  if (series === undefined || parts.length !== 2) return null;
  if (second === "architectures") {
    const listing = series.architectures.map((tag) => () => archSeriesEntry(call, distribution, series, tag));
    return { name: "architectures", get: () => scopedCollection(call, "distro_arch_series", listing) };
  }
  if (second === undefined || !series.architectures.includes(second)) return null;
  return {
    name: "architecture",
    get: () => entryAnswer(call, archSeriesEntry(call, distribution, series, second)),
  };
}

function archiveResource(call: Call, distribution: Distribution, parts: readonly string[]): Resource | null {
  if (parts.length > 0) return publicationResource(call, distribution, parts);
  return {
    name: "archive",
    get: () => entryAnswer(call, archiveEntry(call, distribution)),
    reads: {
      getPublishedSources: () => publishedSources(call, distribution),
      getPublishedBinaries: () => publishedBinaries(call, distribution),
    },
  };
}

// Any package that is asked for exists.
function sourcePackage(call: Call, path: string, name: string): ApiAnswer {
  const target = isPackageName(name) ? targetAt(call.world, `${path}/+source/${name}`) : null;
  return jsonAnswer(target === null ? null : represent(call, packageEntry(call, target)));
}

function seriesNamed(call: Call, target: Target, text: string): ApiAnswer {
  const { pillar } = target;
  const name = isDistributionPillar(pillar)
    ? pillar.series.find((one) => one.name === text || one.version === text)?.name
    : pillar.series.find((one) => one === text);
  const found = name === undefined ? null : targetAt(call.world, `${pillar.name}/${name}`);
  return jsonAnswer(found === null ? null : represent(call, entryOf(call, found)));
}

function developmentSeries(call: Call, distribution: Distribution): ApiAnswer {
  const found = distribution.series.filter((one) => one.status === "Active Development");
  return operationCollection(
    call,
    found.map((series) => () => seriesEntry(call, distribution, series)),
  );
}

function archSeries(call: Call, target: Target): ApiAnswer {
  const tag = requiredText(call, "archtag");
  if (!isDistributionPillar(target.pillar)) return jsonAnswer(null);
  const series = target.pillar.series.find((one) => one.name === target.series);
  if (series === undefined || !series.architectures.includes(tag)) return jsonAnswer(null);
  return jsonAnswer(represent(call, archSeriesEntry(call, target.pillar, series, tag)));
}

function isDistribution(target: Target): boolean {
  return target.type === "distribution";
}

function isDistributionPillar(pillar: Distribution | Project): pillar is Distribution {
  return pillar.series.every((series) => typeof series !== "string");
}
