import { openByteReader } from "../../src/core/byte-reader.ts";
import { readCore } from "../../src/core/read-core.ts";
import type { Core } from "../../src/core/types.ts";

/** The core in a file; throws when it cannot be read as one. */
export function coreAt(path: string): Core {
  const reader = openByteReader(path);
  try {
    const result = readCore(reader);
    if (!result.ok) throw new Error(`${path}: ${result.fault.kind}: ${result.fault.message}`);
    return result.core;
  } finally {
    reader.close();
  }
}
