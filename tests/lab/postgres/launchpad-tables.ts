import type { Client } from "pg";
import { defaultSeed } from "../launchpad/default-seed.ts";
import { masterId, type StandingBugs } from "../standing/standing-bugs.ts";

// Of each table the columns that we know of, and one that is none of our business: whoever reads it has too many rights.
const tables = `
CREATE TABLE distribution (id serial PRIMARY KEY, name text NOT NULL UNIQUE, secret text);
CREATE TABLE distroseries (id serial PRIMARY KEY, distribution integer NOT NULL REFERENCES distribution,
  name text NOT NULL, releasestatus integer NOT NULL, secret text);
CREATE TABLE product (id serial PRIMARY KEY, name text NOT NULL UNIQUE, secret text);
CREATE TABLE productseries (id serial PRIMARY KEY, product integer NOT NULL REFERENCES product, name text NOT NULL, secret text);
CREATE TABLE sourcepackagename (id serial PRIMARY KEY, name text NOT NULL UNIQUE, secret text);
CREATE TABLE bug (id integer PRIMARY KEY, duplicateof integer REFERENCES bug, title text NOT NULL,
  date_last_updated timestamp NOT NULL, information_type integer NOT NULL, secret text);
CREATE TABLE bugtask (id serial PRIMARY KEY, bug integer NOT NULL REFERENCES bug, product integer REFERENCES product,
  productseries integer REFERENCES productseries, distribution integer REFERENCES distribution,
  distroseries integer REFERENCES distroseries, sourcepackagename integer REFERENCES sourcepackagename,
  status integer NOT NULL, importance integer NOT NULL DEFAULT 5, secret text);
CREATE TABLE bugtag (id serial PRIMARY KEY, bug integer NOT NULL REFERENCES bug, tag text NOT NULL);
CREATE TABLE archive (id serial PRIMARY KEY, distribution integer REFERENCES distribution, name text NOT NULL,
  purpose integer NOT NULL, secret text);
CREATE TABLE sourcepackagerelease (id serial PRIMARY KEY, version text NOT NULL, secret text);
CREATE TABLE sourcepackagepublishinghistory (id serial PRIMARY KEY,
  sourcepackagerelease integer NOT NULL REFERENCES sourcepackagerelease,
  distroseries integer NOT NULL REFERENCES distroseries, archive integer NOT NULL REFERENCES archive,
  pocket integer NOT NULL, status integer NOT NULL,
  sourcepackagename integer NOT NULL REFERENCES sourcepackagename, secret text);
`;

const indexes = `
CREATE INDEX ON bugtask (bug);
CREATE INDEX ON sourcepackagepublishinghistory (sourcepackagename);
ANALYZE;
`;

const taskStatuses: Readonly<Record<string, number>> = {
  New: 10,
  Incomplete: 13,
  Opinion: 16,
  Invalid: 17,
  "Won't Fix": 18,
  Expired: 19,
  Confirmed: 20,
  Triaged: 21,
  "In Progress": 22,
  Deferred: 23,
  "Fix Committed": 25,
  "Fix Released": 30,
  "Does Not Exist": 35,
};
const seriesStatuses: Readonly<Record<string, number>> = {
  "Active Development": 2,
  "Pre-release Freeze": 3,
  "Current Stable Release": 4,
  Supported: 5,
  Obsolete: 6,
};
const publicationStatuses = ["Pending", "Published", "Superseded", "Deleted", "Obsolete"];
const pockets: Readonly<Record<string, number>> = {
  Release: 0,
  Security: 10,
  Updates: 20,
  Proposed: 30,
  Backports: 40,
};

/** Makes Launchpad's tables and puts standing bugs into them, the same as `launchpadSeed` does on a loopback Launchpad. */
export async function fillTables(client: Client, { bugs, publications }: StandingBugs): Promise<void> {
  await client.query(tables);
  await fillPillars(client);
  const there = bugs.filter(({ isGone }) => !isGone);
  const tasks = there.flatMap(({ id, tasks }) =>
    tasks.map(({ target, status }) => ({ bug: id, status, ...parts(target) })),
  );
  await addNames(client, [...tasks.map(({ source }) => source), ...publications.map(({ source }) => source)]);
  await insert(
    client,
    `INSERT INTO bug (id, duplicateof, title, date_last_updated, information_type)
     SELECT id, master, 'Crash ' || id, '2025-06-01', CASE WHEN private THEN 5 ELSE 1 END
     FROM json_to_recordset($1) AS row (id integer, master integer, private boolean)`,
    [
      { id: masterId, master: null, private: false },
      ...there.map(({ id, duplicateOf, isPrivate }) => ({ id, master: duplicateOf, private: isPrivate })),
    ],
  );
  await insert(
    client,
    taskInsert,
    tasks.map((task) => ({ ...task, status: taskStatuses[task.status] })),
  );
  await insert(
    client,
    publicationInsert,
    publications.map(({ source, version, series, pocket = "Release", status = "Published" }, place) => ({
      place,
      source,
      version,
      series,
      pocket: pockets[pocket],
      status: publicationStatuses.indexOf(status) + 1,
    })),
  );
  await fillOtherArchives(client);
  await client.query(indexes);
}

const taskInsert = `
  INSERT INTO bugtask (bug, status, product, productseries, distribution, distroseries, sourcepackagename)
  SELECT row.bug, row.status, CASE WHEN row.series IS NULL THEN product.id END, productseries.id,
    CASE WHEN row.series IS NULL THEN distribution.id END, distroseries.id, sourcepackagename.id
  FROM json_to_recordset($1) AS row (bug integer, status integer, pillar text, series text, source text)
  LEFT JOIN product ON product.name = row.pillar
  LEFT JOIN productseries ON productseries.product = product.id AND productseries.name = row.series
  LEFT JOIN distribution ON distribution.name = row.pillar
  LEFT JOIN distroseries ON distroseries.distribution = distribution.id AND distroseries.name = row.series
  LEFT JOIN sourcepackagename ON sourcepackagename.name = row.source`;

const publicationInsert = `
  WITH row AS (SELECT * FROM json_to_recordset($1)
    AS row (place integer, source text, version text, series text, pocket integer, status integer)),
  release AS (INSERT INTO sourcepackagerelease (version) SELECT DISTINCT version FROM row RETURNING id, version)
  INSERT INTO sourcepackagepublishinghistory (sourcepackagerelease, distroseries, archive, pocket, status, sourcepackagename)
  SELECT release.id, distroseries.id, (SELECT id FROM archive WHERE name = 'primary'), row.pocket, row.status, sourcepackagename.id
  FROM row JOIN release ON release.version = row.version
  JOIN distroseries ON distroseries.name = row.series
  JOIN sourcepackagename ON sourcepackagename.name = row.source
  ORDER BY row.place`;

// The oldest series first, as they came into being.
async function fillPillars(client: Client): Promise<void> {
  for (const { name, series } of defaultSeed.distributions) {
    await client.query("INSERT INTO distribution (name) VALUES ($1)", [name]);
    await client.query("INSERT INTO archive (distribution, name, purpose) SELECT id, 'primary', 1 FROM distribution");
    for (const { name, status } of series.toReversed()) {
      const values = [name, seriesStatuses[status]];
      await client.query(
        "INSERT INTO distroseries (distribution, name, releasestatus) SELECT id, $1, $2 FROM distribution",
        values,
      );
    }
  }
  for (const { name, series } of defaultSeed.projects) {
    await client.query("INSERT INTO product (name) VALUES ($1)", [name]);
    for (const each of series) {
      await client.query("INSERT INTO productseries (product, name) SELECT id, $2 FROM product WHERE name = $1", [
        name,
        each,
      ]);
    }
  }
}

// What somebody has in a PPA of his own is no fix for others, nor is what another distribution has.
async function fillOtherArchives(client: Client): Promise<void> {
  await client.query(`
    INSERT INTO archive (distribution, name, purpose) SELECT id, 'ppa', 2 FROM distribution WHERE name = 'ubuntu';
    INSERT INTO sourcepackagerelease (version) VALUES ('99');
    INSERT INTO sourcepackagepublishinghistory (sourcepackagerelease, distroseries, archive, pocket, status, sourcepackagename)
    SELECT (SELECT max(id) FROM sourcepackagerelease), distroseries.id, (SELECT id FROM archive WHERE name = 'ppa'), 0, 2, sourcepackagename.id
    FROM sourcepackagename, distroseries WHERE distroseries.name = 'questing'`);
}

async function addNames(client: Client, names: readonly (string | null)[]): Promise<void> {
  const distinct = [...new Set(names)].filter((name) => name !== null);
  await client.query("INSERT INTO sourcepackagename (name) SELECT unnest($1::text[])", [distinct]);
}

async function insert(client: Client, text: string, rows: readonly object[]): Promise<void> {
  await client.query(text, [JSON.stringify(rows)]);
}

/** `ubuntu/noble/+source/x` */
function parts(target: string): {
  readonly pillar: string;
  readonly series: string | null;
  readonly source: string | null;
} {
  const [path = "", source = null] = target.split(/\/?\+source\//);
  const [pillar = "", series = null] = path.split("/");
  return { pillar, series, source };
}
