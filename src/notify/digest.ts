/** A crash that waits for a person, and why. No field of its report is here: it may be private. */
export type WaitingCrash = { readonly crash: number; readonly reason: string };

const mostShown = 50;
const longestReason = 200;

/** The mail about crashes that nobody but a person can help now: one for all of them, not one for each. */
export function digest(crashes: readonly WaitingCrash[], host: string): string {
  const [one, many] = ["crash waits", "crashes wait"];
  const rest = crashes.length - mostShown;
  return [
    `crash-digger: ${crashes.length} ${crashes.length === 1 ? one : many} for a person`,
    "",
    `Host: ${host}`,
    "",
    ...crashes.slice(0, mostShown).map(({ crash, reason }) => `${crash}: ${shortened(reason)}`),
    ...(rest > 0 ? [`… and ${rest} more`] : []),
    "",
    "They were tried, and will not be tried again by themselves; their cores are kept. Batches go on.",
    'What to do: "crash-digger status" lists all of them. "crash-digger retry ID" has one tried again,',
    '"crash-digger bury ID REASON" gives it up.',
    "",
  ].join("\n");
}

function shortened(reason: string): string {
  const line = reason.replace(/\s+/g, " ");
  return line.length <= longestReason ? line : `${line.slice(0, longestReason)}…`;
}
