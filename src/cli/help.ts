/** Exit codes of a command that has none of its own; the end of its help. */
export const usualExitCodes = `
Exit codes: 0 done; 1 not possible (the reason is printed); 2 wrong usage.`;

/** The end of a command's help: examples (indented lines), and the exit codes that most commands have. */
export function examplesAndExitCodes(...examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  ${example}\n`).join("")}${usualExitCodes}`;
}

/** How wide a help text is where no terminal tells. */
export const plainHelpWidth = 100;
