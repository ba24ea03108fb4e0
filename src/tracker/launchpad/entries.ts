import { z } from "zod";

// Of each entry only what is used is asked for: Launchpad adds attributes without a new version.
const entry = { self_link: z.string(), http_etag: z.string() };

export const bugSchema = z.object({
  ...entry,
  id: z.int().positive(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  private: z.boolean(),
  duplicate_of_link: z.string().nullable(),
  number_of_duplicates: z.int().nonnegative(),
  date_created: z.string(),
});
export type BugEntry = z.output<typeof bugSchema>;

export const taskSchema = z.object({
  ...entry,
  bug_link: z.string(),
  target_link: z.string(),
  status: z.string(),
  importance: z.string(),
});
export type TaskEntry = z.output<typeof taskSchema>;

export const attachmentSchema = z.object({ self_link: z.string(), title: z.string(), data_link: z.string() });
export type AttachmentEntry = z.output<typeof attachmentSchema>;

export const messageSchema = z.object({ self_link: z.string(), content: z.string(), owner_link: z.string() });

export const subscriptionSchema = z.object({ self_link: z.string(), person_link: z.string() });

export const seriesSchema = z.object({ self_link: z.string(), name: z.string(), status: z.string() });
export type SeriesEntry = z.output<typeof seriesSchema>;

export const publicationSchema = z.object({
  self_link: z.string(),
  source_package_version: z.string(),
  status: z.string(),
  pocket: z.string(),
  date_published: z.string().nullable(),
});

/** The number at the end of a bug's address; null when there is none that an id can be. */
export function bugNumber(link: string): number | null {
  const digits = /\/bugs\/([1-9]\d{0,14})$/.exec(link)?.[1];
  return digits === undefined ? null : Number(digits);
}
