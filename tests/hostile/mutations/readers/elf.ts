import { readFileSync } from "node:fs";
import { procMapsOf } from "../../../../src/core/proc-maps.ts";
import { readCore } from "../../../../src/core/read-core.ts";
import { readElfFile } from "../../../../src/core/read-elf-file.ts";
import { typicalCore } from "../../../lab/core-builder.ts";
import { countingReader } from "../../../lab/counting-reader.ts";
import { formats } from "../../../lab/elf-builder.ts";
import { ensure, type MutatedReader } from "../reader.ts";

const buildId = /^([0-9a-f]{2}){1,64}$/;

/** Cores of every class and byte order. */
export function coreReader(): MutatedReader {
  return {
    samples: [
      ...formats.map((format) => typicalCore(format, 62)),
      typicalCore(formats[0] ?? fail(), 62, { extendedCount: true }),
    ],
    read: (bytes) => {
      const result = readCore(countingReader(bytes));
      if (!result.ok) return ensure(result.fault.message !== "", "a fault says what is wrong");
      ensure(result.core.truncatedBy >= 0, "a core is not longer than it says by a negative number");
      for (const module of result.core.modules) ensure(buildId.test(module.buildId ?? "00"), "build-ids are hex");
      procMapsOf(result.core);
    },
  };
}

/** Programs, libraries and debug files. */
export function elfFileReader(): MutatedReader {
  const image = formats.map((format) => typicalCore(format, 62));
  return {
    samples: [readFileSync("/bin/true"), ...image],
    read: (bytes) => {
      const result = readElfFile(countingReader(bytes));
      if (!result.ok) return ensure(result.fault.message !== "", "a fault says what is wrong");
      ensure(buildId.test(result.file.buildId ?? "00"), "build-ids are hex");
    },
  };
}

function fail(): never {
  throw new Error("the lab knows no ELF formats");
}
