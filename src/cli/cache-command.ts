import { Command } from "commander";
import type { CacheFlags } from "./cache-actions.ts";
import { CliError, exitCode } from "./exit.ts";
import { examplesAndExitCodes } from "./help.ts";

const help = `
The cache has the files by build-id, the packages they came from, and package lists. All of it can be fetched
again. After each retrace that added something, what was not used for longest is removed until the rest fits
into symbols.max_bytes; a retrace under way keeps what it uses.

Examples:
  crash-digger cache status                    how full it is, and with what
  crash-digger cache prune --max-bytes 0       remove everything that nobody uses at the moment
  crash-digger cache verify                    read every file, remove damaged ones

Exit codes: 0 done; 1 "verify" found damaged files, or not possible (the reason is printed); 2 wrong usage.`;

const verifyHelp = `
Examples:
  crash-digger cache verify

Exit codes: 0 every file is as it was; 1 some were damaged (they are named), or not possible; 2 wrong usage.`;

/** `crash-digger cache status|prune|verify`. */
export function cacheCommand(): Command {
  return new Command("cache")
    .description("look at the cache of symbols and packages, and clean it")
    .addHelpText("after", help)
    .addCommand(statusCommand())
    .addCommand(pruneCommand())
    .addCommand(verifyCommand());
}

function statusCommand(): Command {
  return new Command("status")
    .description("show sizes by kind, the limit, what is remembered as missing")
    .addHelpText("after", examplesAndExitCodes("crash-digger cache status", "crash-digger cache status --json"))
    .option("--json", "print one JSON object")
    .action(async (_options, command: Command) => {
      const { showCacheStatus } = await import("./cache-actions.ts");
      await showCacheStatus(command.optsWithGlobals<CacheFlags>());
    });
}

function pruneCommand(): Command {
  return new Command("prune")
    .description("remove what was not used for longest, until the rest fits")
    .addHelpText("after", examplesAndExitCodes("crash-digger cache prune", "crash-digger cache prune --max-bytes 0"))
    .option("--max-bytes <n>", "another limit than symbols.max_bytes", byteCount)
    .option("--json", "print one JSON object")
    .action(async (_options, command: Command) => {
      const { pruneCache } = await import("./cache-actions.ts");
      process.exitCode = await pruneCache(command.optsWithGlobals<CacheFlags & { readonly maxBytes?: number }>());
    });
}

function verifyCommand(): Command {
  return new Command("verify")
    .description("compare every file with what is recorded of it, and remove damaged ones")
    .addHelpText("after", verifyHelp)
    .option("--json", "print one JSON object")
    .action(async (_options, command: Command) => {
      const { verifyCache } = await import("./cache-actions.ts");
      process.exitCode = await verifyCache(command.optsWithGlobals<CacheFlags>());
    });
}

function byteCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new CliError(`--max-bytes ${JSON.stringify(text)}: not a number of bytes`, exitCode.usage);
}
