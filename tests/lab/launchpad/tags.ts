/** What is wrong with a tag, null when nothing is. */
export function tagFault(tag: unknown): string | null {
  if (typeof tag !== "string") return `got '${typeof tag}', expected str: ${JSON.stringify(tag)}`;
  return /^[a-z0-9][a-z0-9+.-]+$/.test(tag) ? null : `'${tag}' isn't a valid tag name.`;
}
