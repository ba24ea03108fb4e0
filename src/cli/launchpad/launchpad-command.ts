import { Command } from "commander";
import { usualExitCodes } from "../help.ts";
import type { LoginFlags } from "./log-in.ts";

const loginExample = "crash-digger launchpad login --credentials /etc/crash-digger/launchpad-credentials";

const help = `
Examples:
  crash-digger launchpad login
${usualExitCodes}`;

const loginHelp = `
Asks Launchpad for a token, prints the address of a page, and waits (15 minutes at most) until somebody has opened it
in a browser, logged in as the account that the retracer shall act as, and allowed it. Run it as the user of the
service: the file is readable by its owner only, and is not taken when others can read it. A file that is there
already is replaced. A credentials file that launchpadlib made does as well; then no login is needed.

Examples:
  crash-digger launchpad login
  ${loginExample}
  crash-digger launchpad login --web https://launchpad.example/ --api https://api.launchpad.example/
${usualExitCodes}`;

/** `crash-digger launchpad login`. */
export function launchpadCommand(): Command {
  return new Command("launchpad")
    .description("work with Launchpad as the tracker")
    .addHelpText("after", help)
    .addCommand(
      new Command("login")
        .description("get a token from Launchpad and write it to a credentials file")
        .option("--credentials <file>", "where to write it (default: launchpad-credentials beside the configuration)")
        .option("--web <url>", "Launchpad's web pages", "https://launchpad.net/")
        .option("--api <url>", "its web service (default: the host of --web with api. before it)")
        .addHelpText("after", loginHelp)
        .action(async (_options, command: Command) => {
          const { logIn } = await import("./log-in.ts");
          await logIn(command.optsWithGlobals<LoginFlags>());
        }),
    );
}
