import { Command } from "commander";
import { usualExitCodes } from "../help.ts";
import type { ChrootFlags, EnterFlags, RemoveFlags } from "./chroot-actions.ts";

const help = `
A chroot is a full system of a release, made by mmdebstrap from the release's package sources, with its own gdb.
Releases with environment = "chroot" in the configuration are retraced with it. A batch upgrades it before it uses it,
in a copy: what goes wrong is kept as "broken", and the last good one stays.

Examples:
  crash-digger chroot create "Debian 12"
  crash-digger chroot list
  crash-digger chroot enter "Debian 12" --broken     look at what went wrong
  crash-digger chroot restore "Debian 12"            back to the one before the last upgrade
${usualExitCodes}`;

/** `crash-digger chroot create|upgrade|list|enter|restore|remove`. */
export function chrootCommand(): Command {
  return new Command("chroot")
    .description("make, upgrade and look into the systems that releases are retraced with")
    .addHelpText("after", help)
    .addCommand(createCommand())
    .addCommand(upgradeCommand())
    .addCommand(listCommand())
    .addCommand(enterCommand())
    .addCommand(restoreCommand())
    .addCommand(removeCommand());
}

function ofRelease(name: string, description: string, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  crash-digger chroot ${example}\n`).join("");
  return new Command(name)
    .description(description)
    .argument("<release>", "as DistroRelease in reports: the name of its folder")
    .option("--arch <architecture>", "dpkg's name of it (default: this machine's, the only one it has chroots of)")
    .addHelpText("after", `\nExamples:\n${lines}${usualExitCodes}`);
}

function createCommand(): Command {
  return ofRelease("create", "make a release's chroot", 'create "Debian 12"').action(
    async (release: string, _options, command: Command) => {
      const { createChroot } = await import("./chroot-actions.ts");
      await createChroot(release, command.optsWithGlobals<ChrootFlags>());
    },
  );
}

function upgradeCommand(): Command {
  return ofRelease(
    "upgrade",
    "make a chroot as new as its archive (a batch does it too)",
    'upgrade "Debian 12"',
  ).action(async (release: string, _options, command: Command) => {
    const { upgradeChroot } = await import("./chroot-actions.ts");
    await upgradeChroot(release, command.optsWithGlobals<ChrootFlags>());
  });
}

function listCommand(): Command {
  return new Command("list")
    .description("show all chroots: those in use, those before the last upgrade, broken ones")
    .option("--json", "print one JSON array")
    .addHelpText(
      "after",
      `\nExamples:\n  crash-digger chroot list\n  crash-digger chroot list --json\n${usualExitCodes}`,
    )
    .action(async (_options, command: Command) => {
      const { showChroots } = await import("./chroot-actions.ts");
      await showChroots(command.optsWithGlobals<ChrootFlags & { readonly json?: true }>());
    });
}

const enterHelp = `
Changes are thrown away, and there is no network.

Examples:
  crash-digger chroot enter "Debian 12"
  crash-digger chroot enter "Debian 12" --broken -- dpkg --audit

Exit codes: 0 and all others are those of the shell or command; 1 also: not possible (the reason is printed).`;

function enterCommand(): Command {
  return new Command("enter")
    .description("open a shell in a chroot, or run a command there")
    .argument("<release>", "as DistroRelease in reports: the name of its folder")
    .argument("[command...]", "after --: what to run instead of a shell")
    .option("--arch <architecture>", "dpkg's name of it (default: this machine's)")
    .option("--broken", "the one that could not be upgraded or made")
    .option("--previous", "the one before the last upgrade")
    .addHelpText("after", enterHelp)
    .action(async (release: string, words: string[], _options, command: Command) => {
      const { enterChroot } = await import("./chroot-actions.ts");
      process.exitCode = await enterChroot(release, words, command.optsWithGlobals<EnterFlags>());
    });
}

function restoreCommand(): Command {
  const description = "swap a chroot with the one before its last upgrade";
  return ofRelease("restore", description, 'restore "Debian 12"').action(
    async (release: string, _options, command: Command) => {
      const { restoreChroot } = await import("./chroot-actions.ts");
      await restoreChroot(release, command.optsWithGlobals<ChrootFlags>());
    },
  );
}

function removeCommand(): Command {
  const examples = ['remove "Debian 12"', 'remove "Debian 12" --broken'];
  return ofRelease("remove", "remove a chroot, or only what is kept of a broken one", ...examples)
    .option("--broken", "only the one that could not be upgraded or made")
    .action(async (release: string, _options, command: Command) => {
      const { removeChroot } = await import("./chroot-actions.ts");
      await removeChroot(release, command.optsWithGlobals<RemoveFlags>());
    });
}
