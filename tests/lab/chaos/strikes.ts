import { randomUUID } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type { ProcessResult } from "../../../src/system/process.ts";
import type { Fault } from "../faults.ts";
import type { Random } from "../random.ts";
import type { ChaosWorld } from "./chaos-world.ts";
import { damageDatabase } from "./damage.ts";

/** One thing that goes wrong while batches run, and how those batches ended. */
export type Strike = (world: ChaosWorld, random: Random) => Promise<readonly ProcessResult[]>;

/** The strikes by name; each is as likely as any other. */
export const strikes: Readonly<Record<string, Strike>> = {
  "killed before a step": (world, random) => dieAt(world, random, { DIE_AT_STEP: number(random, 11) }),
  "killed in a write": (world, random) => dieAt(world, random, { DIE_AT_WRITE: number(random, 13) }),
  "told to stop": (world, random) => {
    const signal = random.pick(["SIGTERM", "SIGINT", "SIGHUP"] as const);
    return dieAt(world, random, { DIE_AT_STEP: number(random, 11), DIE_SIGNAL: String(constants.signals[signal]) });
  },
  "machine down": async (world, random) => {
    const killed = await dieAt(world, random, { DIE_AT_WRITE: number(random, 13) });
    world.reboot(randomUUID());
    return [...killed, await world.run(batchOf(world, random))];
  },
  "archive at fault": archiveAtFault,
  "state disk full": (world, random) => diskFull(world, random, "state"),
  "cache disk full": (world, random) => diskFull(world, random, "cache"),
  "log disk full": async (world, random) => [
    await world.run(batchOf(world, random), { behind: ["sh", "-c", 'exec "$@" >/dev/full', "sh"] }),
  ],
  "clock jumps": async (world, random) => {
    const days = random.below(800) - 400;
    return [await world.run(batchOf(world, random), { behind: ["faketime", "-f", `${days < 0 ? "" : "+"}${days}d`] })];
  },
  "database damaged": async (world, random) => {
    await damageDatabase(world, random);
    return [await world.run(batchOf(world, random))];
  },
  "lock damaged": async (world, random) => {
    // Not the number of a process that lives: that is the lock of a batch that is running, and stays until it ends.
    const text = random.pick(["", "\n", "4194999\n", "x\n", random.bytes(200).toString("latin1")]);
    writeFileSync(world.command.lockPath, text);
    return [await world.run(batchOf(world, random))];
  },
  "small files damaged": async (world, random) => {
    const { stateFolder, cacheFolder } = world.command;
    const files = ["state.db.checked", "duplicates.db.checked", "tracker/tracker.db.checked", "batch.lock.guard"];
    const paths = [...files.map((name) => join(stateFolder, name)), join(cacheFolder, "cache.db")];
    // Made where it is not, the mark of a database would say that one was lost.
    const there = paths.filter((path) => existsSync(path));
    if (there.length > 0) writeFileSync(random.pick(there), random.bytes(random.below(300)));
    return [await world.run(batchOf(world, random))];
  },
  "several at once": async (world, random) => await Promise.all([3, 4, 5].map(() => world.run(batchOf(world, random)))),
};

/** What a batch is asked to do: a few crashes, sometimes only the small ones. */
function batchOf(world: ChaosWorld, random: Random): readonly string[] {
  const limit = ["--limit", String(1 + random.below(2 * world.crashesInBatch))];
  return ["run", ...limit, ...(random.below(8) === 0 ? ["-D"] : [])];
}

/** From 1 to 2^bits, small ones as likely as large ones. */
function number(random: Random, bits: number): string {
  return String(1 + random.below(2 ** (1 + random.below(bits))));
}

async function dieAt(
  world: ChaosWorld,
  random: Random,
  environment: Readonly<Record<string, string>>,
): Promise<readonly ProcessResult[]> {
  const { stateFolder, cacheFolder } = world.command;
  const files = `${stateFolder}/:${join(cacheFolder, "symbols")}/`;
  return [
    await world.run(batchOf(world, random), { environment: { ...environment, DIE_FILES: files }, killable: true }),
  ];
}

async function archiveAtFault(world: ChaosWorld, random: Random): Promise<readonly ProcessResult[]> {
  const fault = random.pick<Fault>([
    { kind: "status", status: 503 },
    { kind: "status", status: 404 },
    { kind: "truncated" },
    { kind: "wrong-bytes" },
    { kind: "reset" },
    { kind: "redirect-loop" },
    { kind: "other-body", body: Buffer.from("<html>Log in to the network</html>") },
  ]);
  const path = random.pick([/InRelease/, /Packages/, /Contents/, /\.deb/, /./]);
  const end = world.lab.server.misbehave(path, fault, { times: 1 + random.below(6) });
  // Without what it has stored a batch has to ask.
  await world.forgetSymbols();
  try {
    return [await world.run(batchOf(world, random))];
  } finally {
    end();
  }
}

async function diskFull(world: ChaosWorld, random: Random, disk: "state" | "cache"): Promise<readonly ProcessResult[]> {
  await world.fill(disk, random.below(2 ** (10 + random.below(10))));
  try {
    return [await world.run(batchOf(world, random))];
  } finally {
    world.makeRoom();
  }
}
