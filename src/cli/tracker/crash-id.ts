import { InvalidArgumentError } from "commander";
import type { CrashId } from "../../tracker/types.ts";
import { CliError } from "../exit.ts";

/** A crash's number as people write it: `12` or `#12`. */
export function parseCrashId(text: string): CrashId {
  const digits = /^#?([1-9]\d{0,14})$/.exec(text)?.[1];
  if (digits === undefined) throw new InvalidArgumentError("It has to be the number of a crash, e.g. 12.");
  return Number(digits);
}

/** The complaint about a number that no crash has. */
export function noSuchCrash(id: CrashId): CliError {
  return new CliError(`crash ${id}: the tracker has no such crash ("crash-digger list" shows those there are)`);
}
