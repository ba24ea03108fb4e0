import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { type Clock, isWithin } from "../system/clock.ts";
import { replaceFile } from "../system/replace-file.ts";

/** Where it is noted that people were told of a failure which leaves no lock, and for how long that is enough. */
export type ToldNote = { readonly path: string; readonly enoughForMs: number; readonly clock: Clock };

const told = z.object({ reason: z.string(), at: z.iso.datetime() });

/** Whether people have been told of this lately. */
export function wasTold(reason: string, { path, enoughForMs, clock }: ToldNote): boolean {
  const last = readNote(path);
  return last?.reason === reason && isWithin(enoughForMs, new Date(last.at), clock.now());
}

/** Notes that they were told now. Where nothing can be noted they are told again, which is better than never. */
export function noteTold(reason: string, { path, clock }: ToldNote): void {
  quietly(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    replaceFile(path, `${JSON.stringify({ reason, at: clock.now().toISOString() })}\n`, 0o600);
  });
}

/** It is mended: of the next one they are told at once. */
export function forgetTold({ path }: ToldNote): void {
  quietly(() => rmSync(path, { force: true }));
}

function readNote(path: string): z.output<typeof told> | null {
  try {
    return told.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // There is none, or it was damaged: then they are told.
    return null;
  }
}

function quietly(step: () => void): void {
  try {
    step();
  } catch {
    // What failed first is told already, and the disk may be the reason.
  }
}
