const maxShown = 200;

/** Hostile text inside a sentence: in quotes, on one line, bounded, without terminal escapes. */
export function quoteSignature(text: string): string {
  const shown = text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
  return JSON.stringify(shown.toWellFormed()).replace(/[\u007f-\u009f\u2028\u2029]/g, "?");
}
