import { InvalidArgumentError } from "commander";
import type { CrashId } from "../../duplicates/types.ts";
import { CliError } from "../exit.ts";

/** A crash id from the command line: a positive integer. */
export function parseCrashId(text: string): CrashId {
  const id = Number(text);
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(id)) throw new InvalidArgumentError("It has to be a crash id.");
  return id;
}

/** A package version as fixed version; `unknown` stands for "fixed, nobody knows in which". */
export function parseFixedVersion(text: string): string {
  if (text === "unknown") return "";
  if (!/^[A-Za-z0-9.+~:-]+$/.test(text))
    throw new InvalidArgumentError("It has to be a package version, or `unknown`.");
  return text;
}

/** For an edit that answers whether the crash is stored. */
export function requireStored(stored: boolean, id: CrashId): void {
  if (!stored) throw unknownCrash(id);
}

export function unknownCrash(id: CrashId): CliError {
  return new CliError(`crash ${id} is not in the duplicate database (crash-digger dupdb dump lists those that are)`);
}
