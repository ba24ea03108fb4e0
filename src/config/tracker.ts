import { z } from "zod";
import { trackerDatabaseSchema } from "./tracker-database.ts";

// As Launchpad names people, projects and distributions: a segment of an address.
const launchpadName = z.string().regex(/^[a-z0-9][a-z0-9+.-]{0,99}$/, "not a name of Launchpad's");

/** The web service, without a version. */
export const launchpadApi = z.url({ protocol: /^https?$/ });

/** `[tracker]`: where crashes come from; the local tracker unless told. */
export function trackerSchema(path: z.ZodString) {
  const local = z.strictObject({ type: z.literal("local"), dir: path.optional() });
  const launchpad = z
    .strictObject({
      type: z.literal("launchpad"),
      /** Whose bugs are worked on: exactly one of the two. */
      distribution: launchpadName.optional(),
      project: launchpadName.optional(),
      api: launchpadApi.default("https://api.launchpad.net/"),
      /** The file that `crash-digger launchpad login` writes; `run --auth FILE` stands in for it. */
      credentials: path.optional(),
      /** Its own database, for whoever may read it. */
      database: trackerDatabaseSchema(path).optional(),
    })
    .refine(({ distribution, project }) => (distribution === undefined) !== (project === undefined), {
      path: ["type"],
      message: "Launchpad needs either tracker.distribution or tracker.project",
    });
  return z.prefault(z.preprocess(withType, z.discriminatedUnion("type", [local, launchpad])), {});
}

function withType(value: unknown): unknown {
  const lacksType = typeof value === "object" && value !== null && !Array.isArray(value) && !("type" in value);
  return lacksType ? { type: "local", ...value } : value;
}
