import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { defaultSeed, type Seed } from "./default-seed.ts";
import type { AttachmentSeed, BugSeed } from "./make-bug.ts";
import type { PublicationSeed } from "./publish.ts";
import { reportAsBug } from "./report-as-bug.ts";

const name = z.string().regex(/^[a-z0-9][a-z0-9+.-]*$/);
const date = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const person = z.strictObject({
  name,
  displayName: z.string(),
  members: z.array(name).nullable().default(null),
});

const distribution = z.strictObject({
  name,
  displayName: z.string(),
  bugSupervisor: name,
  series: z.array(
    z.strictObject({ name, version: z.string(), status: z.string(), architectures: z.array(name).default(["amd64"]) }),
  ),
});

const project = z.strictObject({ name, displayName: z.string(), bugSupervisor: name, series: z.array(name) });

const task = z.union([
  z.string(),
  z.strictObject({ target: z.string(), status: z.string().optional(), importance: z.string().optional() }),
]);

// A text, or the path of a file, seen from the seed's folder.
const attachment = z.strictObject({
  fileName: z.string(),
  title: z.string().optional(),
  text: z.string().optional(),
  file: z.string().optional(),
});

const bug = z.strictObject({
  // A `.crash` file; what else is said of the bug wins over what is in there.
  report: z.string().optional(),
  id: z.int().positive().optional(),
  owner: name.optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  tags: z.array(z.string()).optional(),
  private: z.boolean().optional(),
  informationType: z.string().optional(),
  duplicateOf: z.int().positive().optional(),
  tasks: z.array(task).optional(),
  attachments: z.array(attachment).optional(),
  comments: z.array(z.strictObject({ subject: z.string().optional(), content: z.string() })).optional(),
  subscribers: z.array(name).optional(),
  created: date.optional(),
  updated: date.optional(),
});

const publication = z.strictObject({
  distribution: name.optional(),
  series: name,
  source: name,
  version: z.string(),
  pocket: z.string().optional(),
  status: z.string().optional(),
  binary: z
    .strictObject({
      name,
      version: z.string().optional(),
      architecture: name,
      // Paths, seen from the seed's folder.
      files: z.array(z.string()).default([]),
    })
    .optional(),
});

const seedFile = z.strictObject({
  anybody: name.nullable().optional(),
  people: z.array(person).optional(),
  distributions: z.array(distribution).optional(),
  projects: z.array(project).optional(),
  bugs: z.array(bug).optional(),
  publications: z.array(publication).optional(),
});

/**
 * Reads a seed from a JSON file; what it leaves out is as in the default one.
 *
 * @param folder for what is made from reports, as long as the server runs.
 */
export async function readSeed(path: string, folder: string): Promise<Seed> {
  const read = seedFile.parse(JSON.parse(await readFile(path, "utf8")));
  const bugs: BugSeed[] = [];
  for (const one of read.bugs ?? []) bugs.push(await bugSeed(one, dirname(path), folder));
  return {
    anybody: read.anybody === undefined ? defaultSeed.anybody : read.anybody,
    people: read.people ?? defaultSeed.people,
    distributions: read.distributions ?? defaultSeed.distributions,
    projects: read.projects ?? defaultSeed.projects,
    bugs: read.bugs === undefined ? defaultSeed.bugs : bugs,
    publications: (read.publications ?? []).map((one) => publicationSeed(one, dirname(path))),
  };
}

function publicationSeed({ binary, ...rest }: z.infer<typeof publication>, folder: string): PublicationSeed {
  if (binary === undefined) return rest;
  const files = binary.files.map((file) => ({ name: basename(file), path: resolve(folder, file) }));
  return { ...rest, binary: { ...binary, files } };
}

async function bugSeed(read: z.infer<typeof bug>, seedFolder: string, folder: string): Promise<BugSeed> {
  const { report, attachments, ...rest } = read;
  const filed = report === undefined ? {} : await reportAsBug(resolve(seedFolder, report), folder);
  const own = attachments?.map((one) => attachmentSeed(one, seedFolder));
  return { ...filed, ...rest, ...(own === undefined ? {} : { attachments: own }) };
}

function attachmentSeed(read: z.infer<typeof attachment>, folder: string): AttachmentSeed {
  const { fileName, title, text, file } = read;
  return file === undefined ? { fileName, title, bytes: text ?? "" } : { fileName, title, path: resolve(folder, file) };
}
