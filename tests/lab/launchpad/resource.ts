import type { ApiAnswer } from "./answer.ts";
import type { Call } from "./call.ts";

/** What can be done with an address. `name` is how requests are counted. */
export type Resource = {
  readonly name: string;
  readonly get: (call: Call) => ApiAnswer | Promise<ApiAnswer>;
  readonly patch?: (call: Call) => ApiAnswer;
  /** Named operations of GET. */
  readonly reads?: Readonly<Record<string, (call: Call) => ApiAnswer>>;
  /** Named operations of POST. */
  readonly writes?: Readonly<Record<string, (call: Call) => ApiAnswer>>;
};
