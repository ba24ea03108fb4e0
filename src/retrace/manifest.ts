import { createHash } from "node:crypto";
import type { DebuggerOutput } from "../debugger/types.ts";
import type { Provenance, ResolvedModule } from "../symbols/types.ts";
import type { Manifest, ManifestFile } from "./manifest-schema.ts";
import type { Traced } from "./types.ts";

/** What is known before gdb runs. */
export type Preparation = Pick<
  Manifest,
  "crashDigger" | "architecture" | "release" | "environment" | "modules" | "symbolsMs"
>;

/** The manifest of one result. */
export function manifestOf(
  preparation: Preparation,
  output: DebuggerOutput,
  debuggerMs: number,
  result: Pick<Traced, "fields" | "threads">,
): Manifest {
  return {
    format: 1,
    ...preparation,
    sources: [],
    gdb: output.gdbVersion,
    gdbCommands: [...output.commands],
    debuggerMs,
    gdbPeakBytes: output.peakMemoryBytes,
    result: resultDigests(result),
  };
}

/** What each part of a result is compared by. */
export function resultDigests({ fields, threads }: Pick<Traced, "fields" | "threads">): Manifest["result"] {
  return {
    fields: Object.fromEntries([...fields].map(([name, value]) => [name, sha256Of(value)])),
    threads: sha256Of(JSON.stringify(threads)),
  };
}

/** The files that a retrace used, module by module. */
export function manifestModules(modules: readonly ResolvedModule[]): Manifest["modules"] {
  return modules.map((resolved) => {
    const { path, buildId, status } = resolved.fidelity;
    return { path, buildId, status, files: filesOf(resolved) };
  });
}

function filesOf({ module, executablePath, debugPath, dwz, fidelity }: ResolvedModule): ManifestFile[] {
  const own = module.buildId ?? "";
  return [
    ...(executablePath === null ? [] : fileOf("executable", own, fidelity.executable)),
    ...(debugPath === null ? [] : fileOf("debug", own, fidelity.debug)),
    ...(dwz === null ? [] : fileOf("dwz", dwz.buildId, dwz.provenance)),
  ];
}

function fileOf(kind: ManifestFile["kind"], buildId: string, origin: Provenance | null): ManifestFile[] {
  if (origin === null || origin.sha256 === null) return [];
  return [{ kind, buildId, source: origin.source, package: origin.package, sha256: origin.sha256 }];
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
