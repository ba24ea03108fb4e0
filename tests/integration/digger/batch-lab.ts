import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BatchPolicy } from "../../../src/digger/policy.ts";
import { type BatchOptions, type BatchSummary, runBatch } from "../../../src/digger/run-batch.ts";
import type { DiggerServices } from "../../../src/digger/services.ts";
import { openState, type State } from "../../../src/digger/state.ts";
import { makeWorkFolder } from "../../../src/digger/work-folders.ts";
import { type Duplicates, openDuplicates } from "../../../src/duplicates/duplicates.ts";
import type { CrashToRetrace, RetraceResult, Traced } from "../../../src/retrace/types.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { silentLog } from "../../../src/system/log.ts";
import { stacktraceTop } from "../../../src/trace/stacktrace-top.ts";
import { type LocalTracker, openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";
import { blankManifest } from "../../lab/manifest.ts";
import { ourPlanPolicy } from "../../lab/plan-policy.ts";
import { temporaryFolder } from "../../lab/temporary.ts";
import { type CrashSeed, writeCrash } from "../../lab/tracker/crash-file.ts";

export type BatchLab = AsyncDisposable & {
  readonly tracker: LocalTracker;
  readonly duplicates: Duplicates;
  readonly state: State;
  readonly statePath: string;
  readonly duplicatesPath: string;
  /** Cores that were retraced, by their content. */
  readonly retraced: string[];
  readonly services: DiggerServices;
  /** Files a crash whose core is this text; gives its id. */
  submit(core: string | null, fields?: CrashSeed["fields"]): Promise<number>;
  run(options?: Partial<BatchOptions>, services?: Partial<DiggerServices>): Promise<BatchSummary>;
};

/** Short bounds; time passes only when a test says so. */
const labPolicy: BatchPolicy = {
  retryDelayMs: 60_000,
  retryFactor: 2,
  maxAttempts: 3,
  parkedMs: 24 * 3600_000,
  outageMs: 3600_000,
  trackerPausesMs: [10, 20],
  trackerPatienceMs: 1000,
};

/**
 * A batch with a real tracker and real databases. The retrace itself is given: each core's text is taken as the
 * stack, one function a line, innermost first.
 */
export async function createBatchLab(): Promise<BatchLab> {
  const temporary = await temporaryFolder("batch");
  const folder = temporary.path;
  await mkdir(join(folder, "reports"));
  const tracker = await openLocalTracker(join(folder, "tracker"));
  const duplicates = await openDuplicates(join(folder, "duplicates.db"));
  const state = await openState(join(folder, "state.db"));
  const retraced: string[] = [];
  const services: DiggerServices = {
    tracker,
    duplicates,
    state,
    warmDebugger: async () => null,
    retrace: (crash) => retraceText(crash, retraced),
    whyNotOurs: async () => null,
    makeWorkFolder: () => makeWorkFolder(join(folder, "work")),
    resolveLink: (path) => path,
    maxCoreBytes: 1024 * 1024,
    memory: { residentBytes: () => 0, peakBytes: () => 2 ** 27, maxBytes: 2 ** 30 },
    policy: labPolicy,
    planPolicy: ourPlanPolicy,
    pause: async () => {},
    buildIdsKnown: async () => new Set(),
    clock: systemClock,
    log: silentLog,
  };
  let count = 0;
  return {
    tracker,
    duplicates,
    state,
    statePath: join(folder, "state.db"),
    duplicatesPath: join(folder, "duplicates.db"),
    retraced,
    services,
    async submit(core, fields = {}) {
      const binaries = core === null ? {} : { CoreDump: Buffer.from(core) };
      const path = writeCrash(join(folder, "reports"), `${++count}.crash`, { fields, binaries });
      const result = await tracker.submit(path, { hostArchitecture: "amd64" });
      if (result.kind === "refused") throw new Error(result.fault.message);
      return result.id;
    },
    async run(options = {}, replaced = {}) {
      const all = { architecture: "amd64", dupcheckOnly: false, limit: null, jobs: 2, only: null, ...options };
      const host = { name: "lab", pid: process.pid };
      return await runBatch(all, { ...services, ...replaced }, host, new AbortController());
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([tracker.close(), duplicates.close(), state.close()]);
      await temporary.remove();
    },
  };
}

async function retraceText(crash: CrashToRetrace, retraced: string[]): Promise<RetraceResult> {
  const text = await readFile(crash.corePath, "utf8");
  retraced.push(text);
  return text.startsWith("damaged") ? { kind: "damaged", reason: "the core dump is cut off" } : tracedFromText(text);
}

function tracedFromText(text: string): Traced {
  const stacktrace = text
    .split("\n")
    .map((name, index) => `#${index}  0x0000000000001000 in ${name} () at f.c:1\nNo locals.`)
    .join("\n");
  const manifest = blankManifest;
  const fields = new Map([
    ["Stacktrace", stacktrace],
    ["StacktraceTop", stacktraceTop(stacktrace)],
  ]);
  return { kind: "traced", fields, threads: [], modules: [], useful: true, manifest };
}
