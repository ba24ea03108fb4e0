import { openByteReader } from "../core/byte-reader.ts";
import { readCore } from "../core/read-core.ts";
import type { Core } from "../core/types.ts";
import type { Refused } from "./types.ts";

/** Reads a raw core's headers; refuses what is no core, or not a whole one. @param name what people call the file */
export function readCoreFile(path: string, name: string): { readonly kind: "core"; readonly core: Core } | Refused {
  const reader = openByteReader(path);
  try {
    const result = readCore(reader);
    if (!result.ok) return refused(`${name} is not a core that can be read: ${result.fault.message}.`);
    const { truncatedBy } = result.core;
    if (truncatedBy === 0) return { kind: "core", core: result.core };
    const whole = reader.sizeBytes + truncatedBy;
    return refused(`${name} is cut off: ${truncatedBy} bytes of ${whole} are missing. ${whyCutOff}`);
  } finally {
    reader.close();
  }
}

const whyCutOff =
  "No trace can be made of it; see that the next one is whole (disk space, ulimit -c, ExternalSizeMax= in coredump.conf).";

function refused(reason: string): Refused {
  return { kind: "refused", reason };
}
