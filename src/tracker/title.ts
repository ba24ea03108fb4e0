/** Launchpad's limit for a title, kept here too so that titles can move between trackers. */
const maxTitleLength = 200;

/** A text on one line: each run of blanks, control characters and invisible marks is one blank. */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, " ")
    .trim();
}

/** A title as it is kept: one line, of at most 200 characters, never empty. */
export function cleanTitle(text: string): string {
  const letters = [...oneLine(text)];
  if (letters.length === 0) return "crash report without a title";
  return letters.length <= maxTitleLength ? letters.join("") : `${letters.slice(0, maxTitleLength - 1).join("")}…`;
}
