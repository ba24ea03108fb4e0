import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { isWithin } from "../../system/clock.ts";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import type { Answers } from "./types.ts";

/** Answers in a file. Closing it leaves it for the next run; it is removed when what was heard is stored. */
export type KeptAnswers = Answers &
  Disposable & {
    /** When the first of them was asked for. */
    readonly begunAt: Date;
    /** Whether there are some that an earlier run has heard. */
    readonly isResumed: boolean;
    /** Forgets all of them. */
    remove(): void;
  };

/** What answers are for: they serve a run to the same end only. */
export type AnswersPurpose = { readonly source: string; readonly since: Date | null };

const headLine = z.object({
  source: z.string(),
  since: z.iso.datetime().nullable(),
  begunAt: z.iso.datetime().transform((text) => new Date(text)),
});
const answerLine = z.tuple([z.string(), z.unknown()]);

// What changed since the first of them is heard once more before anything is done with them. Thousands of questions, put in
// portions day by day, come to their end within it; but nobody wants to be told today how things stood last season.
const maxAgeMs = 14 * 24 * 3_600_000;

/**
 * Opens the answers at a path: those of an interrupted run, or none yet. A line each, JSON: first what they are for,
 * then `[key, answer]`. A last line that was cut off, when a run was killed, is not counted.
 *
 * @throws ServiceFailure when the file cannot be written.
 */
export function openKeptAnswers(path: string, purpose: AnswersPurpose, now: Date): KeptAnswers {
  const kept = readKept(path, purpose, now);
  const { begunAt, answers } = kept ?? { begunAt: now, answers: new Map<string, unknown>() };
  // Written anew either way: behind a line that was cut off nothing could be added.
  writing(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, [head(purpose, begunAt), ...[...answers].map(line)].join(""), { mode: 0o600 });
  });
  return {
    begunAt,
    isResumed: answers.size > 0,
    recall: (key) => answers.get(key),
    note: (key, answer) => {
      answers.set(key, answer);
      writing(path, () => appendFileSync(path, line([key, answer])));
    },
    remove: () => {
      answers.clear();
      rmSync(path, { force: true });
    },
    [Symbol.dispose]: () => answers.clear(),
  };
}

function head({ source, since }: AnswersPurpose, begunAt: Date): string {
  return `${JSON.stringify({ source, since: since?.toISOString() ?? null, begunAt: begunAt.toISOString() })}\n`;
}

function line(entry: readonly [string, unknown]): string {
  return `${JSON.stringify(entry)}\n`;
}

type Kept = { readonly begunAt: Date; readonly answers: Map<string, unknown> };

function readKept(path: string, { source, since }: AnswersPurpose, now: Date): Kept | null {
  const [first, ...lines] = linesOf(path);
  const found = headLine.safeParse(first);
  if (!found.success || found.data.source !== source) return null;
  if (found.data.since !== (since?.toISOString() ?? null)) return null;
  if (!isWithin(maxAgeMs, found.data.begunAt, now)) return null;
  const entries = lines.map((each) => answerLine.safeParse(each)).filter(({ success }) => success);
  return { begunAt: found.data.begunAt, answers: new Map(entries.map(({ data }) => data as [string, unknown])) };
}

function linesOf(path: string): readonly unknown[] {
  return readText(path)
    .split("\n")
    .map((text) => {
      try {
        return JSON.parse(text);
      } catch {
        return null;
      }
    });
}

// A cache: without it the same is asked again.
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new ServiceFailure(`${path} cannot be written: ${messageOf(cause)}`, {
      cause,
      remedy: "Make room on its disk, and let this user write in the cache's folder.",
    });
  }
}
