import type { Substitutes } from "./retrace-input.ts";
import type { WriteOptions } from "./retrace-output.ts";

/** What the command line of `retrace` says. */
export type RetraceFlags = Substitutes &
  WriteOptions & {
    readonly config?: string;
    readonly stdout?: true;
    readonly output?: string;
    readonly sandbox?: string;
    readonly cache?: string;
    readonly json?: true;
    readonly gdb?: true;
    readonly verbose?: true;
    readonly auth?: string;
    readonly confirm?: true;
    readonly duplicateDb?: string;
    readonly manifest?: string;
    readonly stacktraceSource?: boolean;
  };
