import { type Command, Option } from "commander";
import type { Config } from "../config/schema.ts";

/** An option of Apport's tools that is accepted and changes nothing, and why. */
export type IdleOption = {
  /** As commander declares it: `--sandbox-dir <dir>`. */
  readonly flags: string;
  /** Its attribute among the parsed options: `sandboxDir`. */
  readonly attribute: string;
  /** What takes its place here; for the help and the log. */
  readonly instead: string;
};

/** Heading of the help for options that are there for those who come from Apport. */
export const idleHeading = "Options of Apport's without effect here:";

/** Declares options that are accepted so that an old command line works, and do nothing. */
export function acceptIdle(command: Command, options: readonly IdleOption[]): Command {
  for (const { flags, instead } of options) command.addOption(new Option(flags, instead).helpGroup(idleHeading));
  return command;
}

/**
 * The given options that changed nothing, as fields of one log line. The log is the place for it: on stderr cron
 * would mail the same words every ten minutes.
 */
export function idleAmong(flags: object, options: readonly IdleOption[]): Readonly<Record<string, string>> | null {
  const given = options.filter(({ attribute }) => Object.hasOwn(flags, attribute));
  const longName = ({ flags: declared }: IdleOption): string => /--[a-z-]+/.exec(declared)?.[0] ?? declared;
  return given.length === 0 ? null : Object.fromEntries(given.map((option) => [longName(option), option.instead]));
}

/** The log's message for what `idleAmong` found. */
export const idleMessage = "options without effect";

const ownCredentials = "the tracker of the configuration needs no credentials of its own";
const unpacking = "nothing is unpacked: single files are taken from packages into the cache";
const alwaysJailed = "gdb always runs in a jail, with the crash's own files";

/** Those of Apport's crash-digger that never have an effect. */
export const alwaysIdleOfRun: readonly IdleOption[] = [
  { flags: "--sandbox-dir <dir>", attribute: "sandboxDir", instead: unpacking },
  { flags: "--gdb-sandbox", attribute: "gdbSandbox", instead: alwaysJailed },
];

// They say which of Launchpad's bugs are worked on, and as whom.
const idleWithoutLaunchpad: readonly IdleOption[] = [
  { flags: "-a, --auth <file>", attribute: "auth", instead: ownCredentials },
  { flags: "--crash-db <name>", attribute: "crashDb", instead: "the configuration says which tracker ([tracker])" },
];

/** Those of Apport's crash-digger that have no effect with this tracker. */
export function idleOfRun(trackerType: Config["tracker"]["type"]): readonly IdleOption[] {
  return trackerType === "local" ? [...idleWithoutLaunchpad, ...alwaysIdleOfRun] : alwaysIdleOfRun;
}

/** Those of apport-retrace. */
export const idleOfRetrace: readonly IdleOption[] = [
  { flags: "--sandbox-dir <dir>", attribute: "sandboxDir", instead: unpacking },
  { flags: "--gdb-sandbox", attribute: "gdbSandbox", instead: alwaysJailed },
  {
    flags: "-p, --extra-package <package>",
    attribute: "extraPackage",
    instead: "every module is looked for by its build-id",
  },
  {
    flags: "--dynamic-origins",
    attribute: "dynamicOrigins",
    instead: "no third-party source is trusted on a report's word; add it to the release's folder",
  },
  { flags: "--timestamps", attribute: "timestamps", instead: "the log always has the time" },
];
