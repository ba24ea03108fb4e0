import { join } from "node:path";
import { createPublished } from "../../../src/symbols/published/published.ts";
import { createSymbols } from "../../../src/symbols/symbols.ts";
import type { ResolvedModule } from "../../../src/symbols/types.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { silentLog } from "../../../src/system/log.ts";
import { launchpadClient } from "../../../src/tracker/launchpad/client/client.ts";
import { launchpadBinaries } from "../../../src/tracker/launchpad/published-binaries.ts";
import { type LaunchpadLab, startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import type { BuiltPackage } from "../../lab/package.ts";
import { writeReleaseFolder } from "../../lab/sources.ts";
import { moduleAt, neverAborted, type SymbolsWorld, symbolsOver, symbolsWorld } from "./symbols-world.ts";

/** An archive that has moved on, and a Launchpad that remembers. */
export type PublishedWorld = AsyncDisposable & {
  readonly archive: SymbolsWorld;
  readonly launchpad: LaunchpadLab;
  /** Publishes packages in Ubuntu 24.04's series. */
  publish(...packages: readonly BuiltPackage[]): void;
  /** Finds one module with a process's own memory. @param cache the same name is the same cache */
  find(question: PublishedQuestion): Promise<ResolvedModule>;
};

export type PublishedQuestion = {
  readonly path: string;
  readonly buildId: string;
  /** `name=version`, the crashing package first. */
  readonly packages: readonly string[];
  readonly cache: string;
  readonly release?: string;
  readonly architecture?: string;
};

export const release = "Ubuntu 24.04";

/** @param packages what the archive has today */
export async function publishedWorld(packages: readonly BuiltPackage[]): Promise<PublishedWorld> {
  const archive = await symbolsWorld(packages);
  const sources = [{ archive: archive.lab, uri: archive.server.url }];
  await writeReleaseFolder(archive.configFolder, { release, codename: "lab", sources });
  const launchpad = await startLaunchpad();
  return {
    archive,
    launchpad,
    publish: (...published) => {
      for (const { name, version, architecture, source, path } of published) {
        const files = [{ name: path.slice(path.lastIndexOf("/") + 1), path }];
        launchpad.publish({ series: "noble", source, version, binary: { name, architecture, files } });
      }
    },
    find: (question) => find(archive, launchpad, question),
    [Symbol.asyncDispose]: async () => {
      await launchpad.close();
      await archive[Symbol.asyncDispose]();
    },
  };
}

async function find(
  world: SymbolsWorld,
  launchpad: LaunchpadLab,
  question: PublishedQuestion,
): Promise<ResolvedModule> {
  const { cache, archive } = await symbolsOver(world.configFolder, join(world.folder, question.cache));
  const client = launchpadClient({
    root: launchpad.webUrl,
    credentials: null,
    userAgent: "crash-digger-tests",
    clock: systemClock,
    chance: () => 0,
    pause: async () => {},
    log: silentLog,
    signal: neverAborted,
  });
  const published = createPublished({
    binaries: launchpadBinaries(client, "ubuntu"),
    cache,
    view: ({ release, architecture }, signal) => archive.view(release, architecture, signal),
    log: silentLog,
  });
  try {
    const symbols = createSymbols({ cache, sources: [archive, published], log: silentLog });
    const own = world.hints(...question.packages);
    const hints = {
      ...own,
      release: question.release ?? release,
      architecture: question.architecture ?? own.architecture,
    };
    const [found] = await symbols.find([moduleAt(question.path, question.buildId)], hints, neverAborted);
    if (found === undefined) throw new Error("no answer for the module");
    return found;
  } finally {
    await cache[Symbol.asyncDispose]();
  }
}
