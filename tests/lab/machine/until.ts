const pauseMs = 100;

/** Looks again and again until there is something to see; throws at the deadline. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null> | T | null,
  deadlineMs = 90_000,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
