/** The address of a request; the front page when it is none at all (`//`). */
export function addressOf(url: string | undefined, base: string): URL {
  return URL.parse(url ?? "/", base) ?? new URL(base);
}
