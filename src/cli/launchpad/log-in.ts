import { dirname, join } from "node:path";
import { defaultConfigPath } from "../../config/load.ts";
import { systemClock } from "../../system/clock.ts";
import { TransientFailure } from "../../system/failure.ts";
import { silentLog } from "../../system/log.ts";
import { pause } from "../../system/pause.ts";
import { addressesFrom, isLoopback } from "../../tracker/launchpad/client/addresses.ts";
import { type ClientOptions, launchpadClient, wireFor } from "../../tracker/launchpad/client/client.ts";
import { writeCredentials } from "../../tracker/launchpad/client/credentials-file.ts";
import { askForToken, pageFor, waitForYes } from "../../tracker/launchpad/client/login.ts";
import { version } from "../../version.ts";
import { CliError } from "../exit.ts";
import { printable } from "../printable.ts";

export type LoginFlags = {
  readonly config?: string;
  readonly credentials?: string;
  readonly web: string;
  readonly api?: string;
};

const patience = { everyMs: 3000, patienceMs: 15 * 60_000 };

/** Gets a token with a person's help, writes it down, and says whose it is. No secret is printed. */
export async function logIn(flags: LoginFlags): Promise<void> {
  try {
    await logInWith(flags);
  } catch (error) {
    if (error instanceof TransientFailure) throw new CliError(`Launchpad cannot be reached: ${error.message}`);
    throw error;
  }
}

async function logInWith({ config, credentials: file, web, api }: LoginFlags): Promise<void> {
  const path = file ?? join(dirname(config ?? defaultConfigPath()), "launchpad-credentials");
  const webRoot = addressesFrom(web).root;
  const apiRoot = api ?? apiRootFor(webRoot);
  addressesFrom(apiRoot);
  const pages = wireFor(optionsFor(webRoot.href));
  const token = await askForToken(pages);
  process.stdout.write(`Open this page in a browser, and allow access:\n\n  ${pageFor(token, pages)}\n\nWaiting …\n`);
  const credentials = await waitForYes(token, pages, patience);
  await writeCredentials(path, credentials);
  const name = await launchpadClient({ ...optionsFor(apiRoot), credentials }).whoAmI();
  process.stdout.write(`Logged in as ${printable(name)}. The credentials are in ${printable(path)}\n`);
}

// Launchpad's own layout: launchpad.net and api.launchpad.net. One on this machine has both under one address.
function apiRootFor(web: URL): string {
  return isLoopback(web) ? `${web.origin}/` : `${web.protocol}//api.${web.host}/`;
}

function optionsFor(root: string): ClientOptions {
  return {
    root,
    credentials: null,
    userAgent: `crash-digger/${version}`,
    clock: systemClock,
    chance: Math.random,
    pause,
    log: silentLog,
    signal: new AbortController().signal,
  };
}
