import { z } from "zod";
import { releaseSchema, usesChroots } from "./environment.ts";
import { symbolSource, withLadder } from "./ladder.ts";
import { notifySchema } from "./notify.ts";
import { scheduleSchema } from "./schedule.ts";
import { textsSchema } from "./texts.ts";
import { launchpadApi, trackerSchema } from "./tracker.ts";

/** The configuration file's schema: one entry a key, with its default. Units are in the names. */
export function configSchema(defaults: { stateFolder: string; cacheFolder: string }) {
  // No file name can hold a NUL, and TOML can: "/srv/\u0000".
  const path = z.string().regex(/^\/[^\0]*$/, "must be an absolute path");
  const positive = z.int().positive();
  // Beyond 2^31 ms a timer of Node's goes off at once: a time-out of 25 days would kill every gdb as it starts.
  const timeoutSeconds = positive.max(1_000_000);
  const teamOrNobody = z.string().regex(/^(?:[a-z0-9][a-z0-9+.-]{0,99})?$/, "not the name of a team");
  const settings = z.strictObject({
    state_dir: path.default(defaults.stateFolder),
    cache_dir: path.default(defaults.cacheFolder),
    /** Folder with one folder of package sources per release, or `system` for this machine's own sources. */
    releases: z.union([z.literal("system"), path]).default("system"),
    tracker: trackerSchema(path),
    duplicates: z.prefault(z.strictObject({ database: path.optional() }), {}),
    batch: z.prefault(
      z.strictObject({
        lock: path.optional(),
        jobs: positive.max(64).optional(),
        limit: positive.optional(),
        max_core_bytes: positive.default(64 * 1024 ** 3),
        /** When the batch's own process has more resident, it begins no further crash; the next batch goes on. */
        max_memory_bytes: positive.default(1024 ** 3),
        /** A crash that is worth another try: the first delay, and what each further one is multiplied by. */
        retry_delay_s: z.int().nonnegative().default(600),
        retry_factor: z.number().min(1).max(100).default(4),
        /** Tries after which it becomes a dead letter. */
        max_attempts: positive.max(100).default(5),
        /** How long a crash with a poor trace waits for debug symbols. */
        parked_days: positive.max(3650).default(30),
        /** How long the tracker may be away before that is a failure. */
        outage_s: positive.default(2 * 3600),
      }),
      {},
    ),
    metrics: z.prefault(
      z.strictObject({
        /** Written after each batch, for the textfile collector of Prometheus's node exporter; unset: not at all. */
        textfile: path.regex(/[^/]\.prom$/, "must end in .prom, or the collector does not see it").optional(),
      }),
      {},
    ),
    backup: z.prefault(
      z.strictObject({
        /** Where backups are kept; `backups` in the state folder unless told. */
        dir: path.optional(),
        /** Gets a copy of each. */
        second_dir: path.optional(),
        /** The last one of each of so many days, weeks and months is kept. */
        daily: positive.max(3650).default(7),
        weekly: z.int().nonnegative().max(520).default(4),
        monthly: z.int().nonnegative().max(120).default(12),
      }),
      {},
    ),
    triage: z.prefault(
      z.strictObject({
        /** Is subscribed to every crash of a release whose name begins with `release_prefix`; '': nobody. */
        team: teamOrNobody.default("ubuntu-crashes-universe"),
        release_prefix: z.string().default("Ubuntu"),
        /** A master with this many duplicates gets the tag and the team; without a tag: nothing. */
        escalation_from: positive.default(10),
        escalation_tag: z
          .string()
          .regex(/^[a-z0-9][a-z0-9+.-]{1,99}$/, "not a tag")
          .optional(),
        escalation_team: teamOrNobody.default(""),
      }),
      {},
    ),
    /** The comments that are made; every one has a default. */
    texts: textsSchema(),
    symbols: z.prefault(
      z.strictObject({
        /** The ladder: which sources are asked, in this order. The default depends on the tracker. */
        sources: z.array(symbolSource).min(1).optional(),
        /** The web service that is asked for published packages, unless it is the tracker's own. */
        launchpad_api: launchpadApi.optional(),
        apt_timeout_s: timeoutSeconds.default(1800),
        /** Of the files by build-id and the packages in the cache, together; what was not used for longest goes first. */
        max_bytes: positive.default(20 * 1024 ** 3),
        /** Whether traces get lines of source, out of the archive's source packages. */
        source_lines: z.boolean().default(true),
        /** How long it is believed that an archive lacks a file, while its lists stay the same; 0: not at all. */
        negative_ttl_s: z.int().nonnegative().default(3600),
      }),
      {},
    ),
    release: releaseSchema(),
    gdb: z.prefault(
      z.strictObject({
        timeout_s: timeoutSeconds.default(300),
        memory_bytes: positive.default(8 * 1024 ** 3),
        output_bytes: positive.default(64 * 1024 ** 2),
        processes: positive.default(64),
      }),
      {},
    ),
    notify: notifySchema(path),
    schedule: scheduleSchema(path),
  });
  return settings
    .transform((config) => ({ ...config, symbols: withLadder(config.symbols, config.tracker) }))
    .refine((config) => !usesChroots(config) || config.symbols.sources.includes("archive"), {
      path: ["symbols", "sources"],
      message: 'a release with environment = "chroot" needs the source "archive"',
    });
}

/** The configuration with every default filled in. */
export type Config = z.output<ReturnType<typeof configSchema>>;
