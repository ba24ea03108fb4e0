import type { DatabaseSync } from "node:sqlite";
import type { Database } from "../../database/open-database.ts";
import type { IndexRecipe } from "./built-index.ts";
import { type PackageStanza, stanzaReader } from "./package-stanzas.ts";

/** A package that the archive lists. */
export type ListedPackage = Omit<PackageStanza, "buildIds"> & {
  /** Whether its stanza says which build-ids it holds. */
  readonly listsBuildIds: boolean;
};

type PackageRow = {
  readonly id: number;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
  readonly source_version: string;
  readonly size: number;
  readonly sha256: string;
  readonly lists_build_ids: number;
};

export type PackageSchema = {
  readonly packages: PackageRow;
  readonly build_ids: { readonly build_id: string; readonly package_id: number };
};

/** The tables of a release's packages, and which of them hold the debug files of which build-id. */
export const packageIndexRecipe: IndexRecipe = {
  name: "packages",
  format: 1,
  schema: `
    CREATE TABLE packages (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, architecture TEXT NOT NULL,
      source TEXT NOT NULL, source_version TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
      lists_build_ids INTEGER NOT NULL);
    CREATE TABLE build_ids (
      build_id TEXT NOT NULL, package_id INTEGER NOT NULL, PRIMARY KEY (build_id, package_id)) WITHOUT ROWID`,
  begin: fillPackages,
  finish: `
    CREATE INDEX packages_name ON packages (name);
    CREATE INDEX packages_source ON packages (source, source_version)`,
};

function fillPackages(sqlite: DatabaseSync) {
  const addPackage = sqlite.prepare("INSERT INTO packages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const addBuildId = sqlite.prepare("INSERT OR IGNORE INTO build_ids VALUES (?, ?)");
  let id = 0;
  const add = (stanza: PackageStanza): void => {
    const { name, version, architecture, source, sourceVersion, sizeBytes, sha256, buildIds } = stanza;
    id += 1;
    const lists = buildIds.length > 0 ? 1 : 0;
    addPackage.run(id, name, version, architecture, source, sourceVersion, sizeBytes, sha256, lists);
    for (const buildId of buildIds) addBuildId.run(buildId, id);
  };
  let reader = stanzaReader(add);
  return {
    take: (piece: Buffer): void => reader.take(piece),
    endList: (): void => {
      reader.end();
      reader = stanzaReader(add);
    },
  };
}

/** Questions to a release's packages. Each answers with a bounded number of rows. */
export type PackageIndex = {
  /** Debug packages whose stanza lists the build-id. */
  holding(buildId: string): Promise<readonly ListedPackage[]>;
  /** Those of the build-ids that some package lists. */
  listed(buildIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** All versions of a package that are there, in the archive's order. */
  versionsOf(name: string): Promise<readonly ListedPackage[]>;
  /** All binary packages of one version of a source package. */
  ofSource(source: string, sourceVersion: string): Promise<readonly ListedPackage[]>;
};

const maxRows = 500;

/** The questions, asked of an open index. */
export function packageIndex(database: Database<PackageSchema>): PackageIndex {
  const packages = () => database.kysely.selectFrom("packages").selectAll("packages").limit(maxRows);
  return {
    holding: async (buildId) =>
      (
        await packages()
          .innerJoin("build_ids", "build_ids.package_id", "packages.id")
          .where("build_ids.build_id", "=", buildId)
          .orderBy("packages.id")
          .execute()
      ).map(toPackage),
    listed: (buildIds) => listed(database, buildIds),
    versionsOf: async (name) => (await packages().where("name", "=", name).orderBy("id").execute()).map(toPackage),
    ofSource: async (source, sourceVersion) =>
      (
        await packages()
          .where("source", "=", source)
          .where("source_version", "=", sourceVersion)
          .orderBy("id")
          .execute()
      ).map(toPackage),
  };
}

// SQLite takes 32,766 parameters in one statement; the time of one statement is what others wait for.
const maxAsked = 1000;

async function listed(database: Database<PackageSchema>, buildIds: readonly string[]): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (let from = 0; from < buildIds.length; from += maxAsked) {
    const asked = buildIds.slice(from, from + maxAsked);
    const rows = await database.kysely
      .selectFrom("build_ids")
      .select("build_id")
      .where("build_id", "in", asked)
      .execute();
    for (const row of rows) known.add(row.build_id);
  }
  return known;
}

function toPackage(row: PackageRow): ListedPackage {
  const { name, version, architecture, source, size, sha256 } = row;
  const listsBuildIds = row.lists_build_ids === 1;
  return {
    name,
    version,
    architecture,
    source,
    sourceVersion: row.source_version,
    sizeBytes: size,
    sha256,
    listsBuildIds,
  };
}
