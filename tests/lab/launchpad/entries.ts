import { dateText } from "./bug-entries.ts";
import type { Call } from "./call.ts";
import { type Entry, linkTo } from "./entry.ts";
import type { Activity, Bug, Distribution, DistroSeries, Person, Project, Publication } from "./state.ts";
import type { Target } from "./targets.ts";

const aWhileAgo = new Date("2015-01-01T00:00:00Z");

export function personEntry(call: Call, person: Person): Entry {
  const path = `~${person.name}`;
  const type = person.members === null ? "person" : "team";
  const collections = ["members", "participants", "super_teams", "sub_teams", "ppas"];
  return {
    type,
    path,
    webPath: path,
    fixed: {
      name: person.name,
      is_team: person.members !== null,
      is_valid: true,
      private: false,
      date_created: dateText(aWhileAgo),
      karma: 0,
      preferred_email_address_link: "tag:launchpad.net:2008:redacted",
      ...Object.fromEntries(collections.map((name) => [`${name}_collection_link`, linkTo(call, `${path}/${name}`)])),
    },
    writable: { display_name: person.displayName, description: null },
  };
}

export function distributionEntry(call: Call, distribution: Distribution): Entry {
  const current = currentSeries(distribution);
  return {
    type: "distribution",
    path: distribution.name,
    webPath: distribution.name,
    fixed: {
      name: distribution.name,
      current_series_link: current === undefined ? null : linkTo(call, `${distribution.name}/${current.name}`),
      main_archive_link: linkTo(call, archivePath(distribution)),
      series_collection_link: linkTo(call, `${distribution.name}/series`),
      archives_collection_link: linkTo(call, `${distribution.name}/archives`),
      date_created: dateText(aWhileAgo),
    },
    writable: {
      active: true,
      bug_supervisor_link: linkTo(call, `~${distribution.bugSupervisor}`),
      display_name: distribution.displayName,
      title: distribution.displayName,
      summary: `${distribution.displayName} on loopback`,
      official_bug_tags: [],
    },
  };
}

// Launchpad calls the one current that is being made; only without any such the last stable one.
function currentSeries({ series }: Distribution): DistroSeries | undefined {
  const statuses = ["Pre-release Freeze", "Active Development", "Current Stable Release"];
  const found = statuses.map((status) => series.find((one) => one.status === status));
  return found.find((one) => one !== undefined) ?? series[0];
}

export function seriesEntry(call: Call, distribution: Distribution, series: DistroSeries): Entry {
  const path = `${distribution.name}/${series.name}`;
  return {
    type: "distro_series",
    path,
    webPath: path,
    fixed: {
      active: series.status !== "Obsolete",
      supported: ["Supported", "Current Stable Release"].includes(series.status),
      distribution_link: linkTo(call, distribution.name),
      main_archive_link: linkTo(call, archivePath(distribution)),
      architectures_collection_link: linkTo(call, `${path}/architectures`),
      fullseriesname: `${distribution.displayName} ${series.name}`,
      date_created: dateText(aWhileAgo),
    },
    writable: {
      name: series.name,
      displayname: series.name,
      title: `${distribution.displayName} ${series.version}`,
      version: series.version,
      status: series.status,
    },
  };
}

export function archSeriesEntry(call: Call, distribution: Distribution, series: DistroSeries, tag: string): Entry {
  const path = `${distribution.name}/${series.name}/${tag}`;
  const fixed = {
    architecture_tag: tag,
    display_name: `${distribution.displayName} ${series.name} ${tag}`,
    distroseries_link: linkTo(call, `${distribution.name}/${series.name}`),
    main_archive_link: linkTo(call, archivePath(distribution)),
    official: true,
  };
  return { type: "distro_arch_series", path, webPath: path, fixed, writable: {} };
}

export function packageEntry(call: Call, target: Target): Entry {
  const fixed = {
    name: target.sourcePackage,
    display_name: target.displayName,
    title: `${target.sourcePackage} package in ${target.pillar.displayName}`,
    distribution_link: linkTo(call, target.pillar.name),
    upstream_product_link: null,
  };
  return { type: target.type, path: target.path, webPath: target.path, fixed, writable: { official_bug_tags: [] } };
}

export function projectEntry(call: Call, project: Project): Entry {
  const path = project.name;
  return {
    type: "project",
    path,
    webPath: path,
    fixed: {
      is_permitted: true,
      date_created: dateText(aWhileAgo),
      series_collection_link: linkTo(call, `${path}/series`),
      development_focus_link: linkTo(call, `${path}/${project.series[0]}`),
    },
    writable: {
      active: true,
      name: project.name,
      display_name: project.displayName,
      title: project.displayName,
      bug_supervisor_link: linkTo(call, `~${project.bugSupervisor}`),
      official_bug_tags: [],
    },
  };
}

export function projectSeriesEntry(call: Call, project: Project, name: string): Entry {
  const path = `${project.name}/${name}`;
  const fixed = { active: true, project_link: linkTo(call, project.name), display_name: name };
  return { type: "project_series", path, webPath: path, fixed, writable: { name, status: "Active Development" } };
}

export function archiveEntry(call: Call, distribution: Distribution): Entry {
  const path = archivePath(distribution);
  const fixed = {
    name: "primary",
    reference: distribution.name,
    distribution_link: linkTo(call, distribution.name),
    private: false,
  };
  const writable = { displayname: `Primary Archive for ${distribution.displayName}`, description: null };
  return { type: "archive", path, webPath: path, fixed, writable };
}

/** A published source, or a published binary. */
export function publicationEntry(call: Call, publication: Publication): Entry {
  const { binary, distribution, series } = publication;
  const archive = `${distribution}/+archive/primary`;
  const common = {
    archive_link: linkTo(call, archive),
    pocket: publication.pocket,
    status: publication.status,
    component_name: "main",
    source_package_name: publication.source,
    source_package_version: publication.sourceVersion,
    date_created: dateText(aWhileAgo),
    date_published: publication.status === "Pending" ? null : dateText(aWhileAgo),
  };
  if (binary === null) {
    const display_name = `${publication.source} ${publication.sourceVersion} in ${series}`;
    const fixed = { ...common, display_name, distro_series_link: linkTo(call, `${distribution}/${series}`) };
    const path = `${archive}/+sourcepub/${publication.id}`;
    return { type: "source_package_publishing_history", path, webPath: null, fixed, writable: {} };
  }
  const fixed = {
    ...common,
    display_name: `${binary.name} ${binary.version} in ${series} ${binary.architecture}`,
    binary_package_name: binary.name,
    binary_package_version: binary.version,
    architecture_specific: true,
    distro_arch_series_link: linkTo(call, `${distribution}/${series}/${binary.architecture}`),
  };
  const path = `${archive}/+binarypub/${publication.id}`;
  return { type: "binary_package_publishing_history", path, webPath: null, fixed, writable: {} };
}

export function subscriptionEntry(call: Call, bug: Bug, subscriber: Bug["subscribers"][number]): Entry {
  const fixed = {
    bug_link: linkTo(call, `bugs/${bug.id}`),
    person_link: linkTo(call, `~${subscriber.person}`),
    subscribed_by_link: linkTo(call, `~${subscriber.by}`),
    date_created: dateText(subscriber.date),
  };
  const path = `bugs/${bug.id}/+subscription/${subscriber.person}`;
  return { type: "bug_subscription", path, webPath: null, fixed, writable: {} };
}

export function activityEntry(call: Call, bug: Bug, activity: Activity, position: number): Entry {
  const fixed = {
    bug_link: linkTo(call, `bugs/${bug.id}`),
    person_link: linkTo(call, `~${activity.person}`),
    datechanged: dateText(activity.date),
    whatchanged: activity.what,
    oldvalue: activity.old,
    newvalue: activity.new,
    message: null,
  };
  const path = `bugs/${bug.id}/activity/${position}`;
  return { type: "bug_activity", path, webPath: null, fixed, writable: {} };
}

function archivePath(distribution: Distribution): string {
  return `${distribution.name}/+archive/primary`;
}
