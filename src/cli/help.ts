/** Exit codes of a command that has none of its own; the end of its help. */
export const usualExitCodes = `
Exit codes: 0 done; 1 not possible (the reason is printed); 2 wrong usage.`;
