import type { CommentTexts } from "./comment-texts.ts";

/** What a team has decided about the plans of its retracer; from `[triage]` and `[texts]` of the configuration. */
export type PlanPolicy = {
  /** Is subscribed to each crash of a release whose name begins so; null: nobody is. */
  readonly triage: { readonly team: string; readonly releasePrefix: string } | null;
  /** What happens to a master with so many duplicates; null: nothing. */
  readonly escalation: { readonly tag: string; readonly team: string | null; readonly from: number } | null;
  readonly texts: CommentTexts;
};
