import { z } from "zod";

// In cron's */N only the divisors of 60 are regular.
const minutes = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60] as const;

/** `[schedule]`: when what runs, for `crash-digger schedule`. Changes take effect with its next `install`. */
export function scheduleSchema(path: z.ZodString) {
  // They become words of a cron line and of a unit.
  const plainPath = path.regex(/^\/[\w./+:@,-]*$/, "must be an absolute path of letters, digits and ./_+:@,-");
  return z.prefault(
    z.strictObject({
      user: z
        .string()
        .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "not the name of a user")
        .default("root"),
      /** A batch every so many minutes. */
      every_min: z.literal(minutes, { error: `must be one of ${minutes.join(", ")}` }).default(10),
      /** Backup; half an hour later the consolidation, another half the cache. Local time. */
      daily_at: z
        .string()
        .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "must be a time, as 03:17")
        .default("03:17"),
      log: plainPath.default("/var/log/crash-digger.log"),
      /** Where the duplicate database is published every hour; without it, nowhere. */
      publish_dir: plainPath.optional(),
    }),
    {},
  );
}
