import { z } from "zod";

/** Who may be asked for files. */
export const symbolSource = z.enum(["host", "archive", "launchpad"]);

type Ladder = {
  readonly sources?: z.output<typeof symbolSource>[] | undefined;
  readonly launchpad_api?: string | undefined;
};

type Tracker = { readonly type: string; readonly api?: string; readonly distribution?: string | undefined };

/**
 * The settings of symbols with what the tracker says about them: where the bugs are a distribution's on Launchpad, there
 * is every package that its crashes can name.
 */
export function withLadder<T extends Ladder>(symbols: T, { api, distribution }: Tracker) {
  const usual: NonNullable<Ladder["sources"]> = ["host", "archive"];
  if (distribution !== undefined) usual.push("launchpad");
  return {
    ...symbols,
    sources: symbols.sources ?? usual,
    launchpad_api: symbols.launchpad_api ?? api ?? "https://api.launchpad.net/",
  };
}
