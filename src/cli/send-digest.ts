import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { openState } from "../digger/state.ts";
import { digest } from "../notify/digest.ts";
import type { Channels } from "../notify/tell.ts";
import { isWithin } from "../system/clock.ts";
import { pathsOf } from "../wiring/paths.ts";
import { tellPeople } from "./tell-people.ts";

/**
 * Mails, where mail is configured, which crashes have become dead letters since the last such mail: one mail for all of
 * them, and not more than one within `notify.reminder_s`. Without mail nothing is told: "status" has them, and stderr is for
 * what stops the service.
 */
export async function sendDigest(config: Config, channels: Channels): Promise<void> {
  if (channels.mail === null) return;
  const now = channels.clock.now();
  const stamp = join(config.state_dir, "digest.sent");
  const last = lastDigest(stamp);
  if (last !== null && isWithin(config.notify.reminder_s * 1000, last, now)) return;
  const waiting = await deadLettersSince(pathsOf(config).state, last);
  if (waiting.length === 0) return;
  await tellPeople(digest(waiting, hostname()), channels);
  writeFileSync(stamp, `${now.toISOString()}\n`);
}

async function deadLettersSince(statePath: string, last: Date | null) {
  const state = await openState(statePath);
  try {
    return (await state.allAside()).flatMap(({ crash, since, aside }) => {
      const isNew = last === null || Date.parse(since) > last.getTime();
      return aside.kind === "dead" && isNew ? [{ crash, reason: aside.reason }] : [];
    });
  } finally {
    await state.close();
  }
}

function lastDigest(stamp: string): Date | null {
  try {
    const time = new Date(readFileSync(stamp, "utf8").trim());
    return Number.isNaN(time.getTime()) ? null : time;
  } catch {
    // There was none yet, or the file was lost: then the next one tells of every dead letter that there is.
    return null;
  }
}
