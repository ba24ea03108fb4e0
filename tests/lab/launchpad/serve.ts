import { parseArgs } from "node:util";
import { temporaryFolder } from "../temporary.ts";
import { defaultSeed } from "./default-seed.ts";
import { readSeed } from "./read-seed.ts";
import { startLaunchpad } from "./start-launchpad.ts";

const usage = "usage: npm run launchpad-lab -- --port N [--seed FILE]";

await serve();

/** Runs the loopback Launchpad until it is told to end. The first line on stdout is `ready URL`. */
async function serve(): Promise<void> {
  const options = readOptions();
  if (options === null) {
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
    return;
  }
  const folder = await temporaryFolder("launchpad-seed");
  const seed = options.seed === undefined ? defaultSeed : await readSeed(options.seed, folder.path);
  const lab = await startLaunchpad({ port: options.port, seed });
  const close = async (): Promise<void> => {
    await lab.close();
    await folder.remove();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void close());
  closeWithParent(close);
  process.stdout.write(`ready ${lab.webUrl}\n`);
}

function readOptions(): { readonly port: number; readonly seed: string | undefined } | null {
  try {
    const { values } = parseArgs({ options: { port: { type: "string" }, seed: { type: "string" } } });
    const port = Number(values.port ?? "0");
    return Number.isInteger(port) && port >= 0 && port < 65_536 ? { port, seed: values.seed } : null;
  } catch {
    return null;
  }
}

// npm and the shell below it do not always pass a signal on: without this, a server that nobody knows of would stay.
function closeWithParent(close: () => Promise<void>): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void close();
  }, 1000).unref();
}
