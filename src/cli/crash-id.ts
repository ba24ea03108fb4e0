/** Whether an argument is the number of a crash on the tracker; a file named `42` is given as `./42`. */
export function isCrashId(text: string): boolean {
  return /^[1-9]\d{0,14}$/.test(text);
}
