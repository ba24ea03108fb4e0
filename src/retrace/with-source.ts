import type { SourceAnswer, SourceQuestion, Sources } from "../sources/types.ts";
import type { ResolvedModule, SymbolHints } from "../symbols/types.ts";
import type { Frame, FrameSource, ThreadTrace } from "../trace/types.ts";
import { sourceExcerpt } from "./source-excerpt.ts";
import { stacktraceSource } from "./stacktrace-source.ts";
import type { Traced } from "./types.ts";

// What a person reads of a stack; an endless recursion is the same few lines a thousand times.
const maxFrames = 64;

/**
 * Puts lines of source to the frames of the thread that crashed. The manifest's digests are those of the trace itself,
 * without them: lines follow from frames and from the source packages that it names.
 *
 * @throws ServiceFailure when lists or source packages cannot be fetched
 */
export async function withSource(
  traced: Traced,
  modules: readonly ResolvedModule[],
  hints: SymbolHints,
  sources: Sources,
  signal: AbortSignal,
): Promise<Traced> {
  const crashed = traced.threads.find((thread) => thread.crashed) ?? traced.threads[0];
  const asked = (crashed?.frames ?? []).slice(0, maxFrames).flatMap((frame) => questionOf(frame, modules));
  if (crashed === undefined || asked.length === 0) return traced;
  const questions = asked.map(({ question }) => question);
  const { answers, used } = await sources.find(questions, hints, signal);
  const found = new Map(asked.map(({ frame }, index): [Frame, FrameSource] => [frame, around(frame, answers[index])]));
  const frames = crashed.frames.map((frame) => withIts(frame, found.get(frame)));
  const text = stacktraceSource(frames.slice(0, maxFrames));
  return {
    ...traced,
    fields: text === null ? traced.fields : new Map([...traced.fields, ["StacktraceSource", text]]),
    threads: traced.threads.map((thread): ThreadTrace => (thread === crashed ? { ...thread, frames } : thread)),
    manifest: { ...traced.manifest, sources: used.map((each) => ({ ...each, files: [...each.files] })) },
  };
}

type Asked = { readonly frame: Frame; readonly question: SourceQuestion };

function questionOf(frame: Frame, modules: readonly ResolvedModule[]): readonly Asked[] {
  const { fullName, file, line, buildId, module: path } = frame;
  if (typeof fullName !== "string" || file === null || line === null || buildId === null) return [];
  const module = modules.find((each) => each.module.buildId === buildId && each.module.path === path);
  return module === undefined ? [] : [{ frame, question: { module, names: namesOf(file, fullName) } }];
}

// With the build folder mapped to `.`, `gcc -c /build/foo-1.0/src/util.c` (as CMake calls it) leaves a name `./src/util.c` that
// counts from the top of the tree, whatever the compilation's folder was (`./obj-x86_64-linux-gnu`).
function namesOf(file: string, fullName: string): readonly string[] {
  return file.startsWith("./") && file !== fullName ? [file, fullName] : [fullName];
}

function around(frame: Frame, answer: SourceAnswer | undefined): FrameSource {
  if (answer === undefined) throw new Error("a question about source was left without an answer");
  if (answer.kind === "none") return answer;
  const excerpt = sourceExcerpt(answer.text, frame.line ?? 0);
  // Debug information of another build, or made to look like it: then the file is as good as none.
  if (excerpt === null)
    return { kind: "none", reason: `${answer.path} of ${answer.package} has no line ${frame.line}` };
  return { kind: "lines", package: answer.package, path: answer.path, ...excerpt };
}

function withIts(frame: Frame, source: FrameSource | undefined): Frame {
  return source === undefined ? frame : { ...frame, source };
}
