import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { defaultConfigPath, loadConfig } from "../../config/load.ts";
import { notifySchema } from "../../config/notify.ts";
import { scheduleSchema } from "../../config/schedule.ts";
import type { Config } from "../../config/schema.ts";
import type { Schedule, ScheduleKind } from "../../maintenance/schedule/schedule.ts";
import { pathsOf } from "../../wiring/paths.ts";
import { CliError, exitCode } from "../exit.ts";

export type ScheduleFlags = {
  readonly config?: string;
  readonly cron?: true;
  readonly systemd?: true;
  readonly root: string;
  readonly yes?: true;
  readonly user?: string;
  readonly everyMin?: number;
  readonly dailyAt?: string;
  readonly log?: string;
  readonly mailTo?: string;
};

const launcher = join(import.meta.dirname, "..", "..", "..", "bin", "crash-digger");

/** The schedule that the configuration and the command line ask for, and the configuration. */
export function readSchedule(flags: ScheduleFlags): { readonly schedule: Schedule; readonly config: Config } {
  const config = loadConfig(flags.config);
  const { user, every_min, daily_at, log, publish_dir } = settingsWith(config, flags);
  const configFile = resolve(flags.config ?? defaultConfigPath());
  const command = [launcher, ...(existsSync(configFile) ? ["--config", configFile] : [])];
  const mailTo = flags.mailTo === undefined ? config.notify.mail_to : mailToOf(flags.mailTo);
  const folders = [config.state_dir, config.cache_dir, config.releases, ...Object.values(pathsOf(config))];
  const usesHome = [...command, ...folders, publish_dir ?? ""].some((path) => /^\/(?:home|root)\//.test(path));
  const schedule = {
    command,
    user,
    everyMin: every_min,
    dailyAt: daily_at,
    log,
    publishDir: publish_dir ?? null,
    mailTo: mailTo.length === 0 ? ["root"] : mailTo,
    usesHome,
  };
  return { schedule, config };
}

/** Which of the two the command line means; null: both. */
export function kindOf({ cron, systemd }: ScheduleFlags): ScheduleKind | null {
  if (cron) return "cron";
  return systemd ? "systemd" : null;
}

// What comes by an option goes through the same schema as what stands in the file.
function settingsWith({ schedule }: Config, { user, everyMin, dailyAt, log }: ScheduleFlags): Config["schedule"] {
  const given = { user, every_min: everyMin, daily_at: dailyAt, log: log === undefined ? undefined : resolve(log) };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return parsed(scheduleSchema(z.string()), { ...schedule, ...said });
}

function mailToOf(text: string): readonly string[] {
  return parsed(notifySchema(z.string()), { mail_to: text.split(",") }).mail_to;
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new CliError(faults.join("\n"), exitCode.usage);
}
