import { moduleSource } from "./module-source.ts";
import { type SourceArchive, type SourcesOptions, sourceArchives } from "./open-archive.ts";
import { neededFiles, packageParts } from "./package-parts.ts";
import { keyOf, packageTexts, type SourceDesk, shelvedTexts, type Texts } from "./package-texts.ts";
import { type SourceShelf, sourceShelf } from "./source-shelf.ts";
import type { SourceAnswer, SourcePackage, SourceQuestion, Sources, UsedSource } from "./types.ts";

/** The source packages of the releases' archives. */
export function createSources(options: SourcesOptions): Sources {
  const archiveFor = sourceArchives(options);
  const inTurn = oneAfterTheOther();
  return {
    async find(questions, hints, signal) {
      const archive = await archiveFor(hints);
      if (typeof archive === "string") return { answers: questions.map(() => none(archive)), used: [] };
      const found: Found = { answers: new Map(), used: [] };
      for (const { source, questions: own } of await bySource(questions, archive, options, signal)) {
        if (typeof source === "string") for (const each of own) found.answers.set(each, none(source));
        else await ask({ source, archive, shelf: shelfOf(source, archive), options, signal }, own, found);
      }
      return { answers: questions.map((each) => found.answers.get(each) ?? unasked), used: found.used };
    },
  };

  function shelfOf(source: SourcePackage, archive: SourceArchive): SourceShelf {
    return sourceShelf(options.cache, archive.name, source);
  }

  async function ask(desk: SourceDesk, questions: readonly SourceQuestion[], found: Found): Promise<void> {
    await options.cache.touch([desk.shelf.folder]);
    const texts = await textsFor(desk, questions, inTurn);
    for (const question of questions) found.answers.set(question, answerFrom(texts, question, desk.source));
    if ([...texts.values()].some(({ kind }) => kind === "text")) found.used.push(await usedSource(desk));
  }
}

type Found = { readonly answers: Map<SourceQuestion, SourceAnswer>; readonly used: UsedSource[] };

const unasked = none("its stack goes through too many source packages");

type InTurn = (work: () => Promise<Texts>) => Promise<Texts>;

// Of two crashes in one library that are worked on at a time, the second finds what the first has fetched.
function oneAfterTheOther(): InTurn {
  let turn: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = turn.then(work);
    // How it ended is told to its caller; the next in line only waits for it.
    turn = done.catch(() => {});
    return done;
  };
}

async function textsFor(desk: SourceDesk, questions: readonly SourceQuestion[], inTurn: InTurn): Promise<Texts> {
  const files = [...new Map(questions.map(({ names }) => [keyOf(names), names])).values()];
  const known = await shelvedTexts(desk, files);
  if (known.size === files.length) return known;
  return await inTurn(async () => {
    desk.signal.throwIfAborted();
    const now = await shelvedTexts(desk, files);
    const missing = files.filter((file) => !now.has(keyOf(file)));
    return missing.length === 0 ? now : new Map([...now, ...(await packageTexts(desk, missing))]);
  });
}

// The source or why it is not known, with the questions that are about it.
type Group = { readonly source: SourcePackage | string; readonly questions: readonly SourceQuestion[] };

// A process has a few hundred modules, a stack of some interest goes through a dozen.
const maxPackages = 20;

async function bySource(
  questions: readonly SourceQuestion[],
  archive: SourceArchive,
  options: SourcesOptions,
  signal: AbortSignal,
): Promise<readonly Group[]> {
  const groups = new Map<string, Group>();
  for (const [, own] of Map.groupBy(questions, ({ module }) => module.module.buildId)) {
    const [first] = own;
    if (first === undefined) continue;
    const source = await moduleSource(first.module, archive, options, signal);
    const key = JSON.stringify(source);
    groups.set(key, { source, questions: [...(groups.get(key)?.questions ?? []), ...own] });
  }
  return [...groups.values()].slice(0, maxPackages);
}

function answerFrom(texts: Texts, { names }: SourceQuestion, source: SourcePackage): SourceAnswer {
  const found = texts.get(keyOf(names));
  if (found === undefined) return unasked;
  return found.kind === "none" ? found : { ...found, package: idOf(source) };
}

async function usedSource({ source, shelf }: SourceDesk): Promise<UsedSource> {
  const listed = await shelf.listed();
  const parts = listed === null ? null : packageParts(listed);
  const files = parts === null ? [] : neededFiles(parts).map(({ name, sha256 }) => ({ name, sha256 }));
  return { package: idOf(source), files };
}

function idOf({ name, version }: SourcePackage): string {
  return `${name}=${version}`;
}

function none(reason: string): SourceAnswer {
  return { kind: "none", reason };
}
