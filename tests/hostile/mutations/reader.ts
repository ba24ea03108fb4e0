import type { Random } from "../../lab/random.ts";

/** One reader of foreign bytes, as the mutations see it. */
export type MutatedReader = {
  /** Sound inputs; mutations are made of them, and each is read as it is first. */
  readonly samples: readonly Buffer[];
  /**
   * Reads one input and looks at what comes out.
   *
   * @throws whatever the reader throws; a ServiceFailure, or an error of a kind named in `typedErrors`, is an
   *   answer like a value. Anything else fails the run.
   */
  readonly read: (bytes: Buffer, random: Random) => void | Promise<void>;
  /** Names of the error classes that are answers of this reader, beside ServiceFailure. */
  readonly typedErrors?: readonly string[];
};

/** Fails the run with a sentence; for what must hold of every answer. */
export function ensure(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(`not so: ${sentence}`);
}

/** What a terminal would act upon, line breaks and tabs aside. */
export const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
