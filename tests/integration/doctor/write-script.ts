import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a shell script, with the folder above it. */
export async function writeScript(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}
