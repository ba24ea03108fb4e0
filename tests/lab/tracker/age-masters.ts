import { readFile, writeFile } from "node:fs/promises";

/** Time passes for what batches have kept of masters. */
export async function ageMasters(path: string, ms: number): Promise<void> {
  const earlier = (name: string, at: unknown): unknown => (/^(known|read)At$/.test(name) ? Number(at) - ms : at);
  await writeFile(path, JSON.stringify(JSON.parse(await readFile(path, "utf8"), earlier)));
}
