import type { BugSeed } from "../../lab/launchpad/make-bug.ts";
import { crashAsBug } from "../../lab/tracker/crash-as-bug.ts";
import type { RealCore } from "./case.ts";

const report = { ProblemType: "Crash", DistroRelease: "Ubuntu 25.10" };

/** What the reporter's machine attaches, and a duplicate loses. */
export const ofReporter = {
  ProcMaps: "0-1 r-xp x\n",
  ProcStatus: "Name:\tx\n",
  Registers: "rip 0x1\n",
  Disassembly: "nop\n",
};

/** What a bug has beyond its report; tags are added to those of every crash. */
type More = Omit<BugSeed, "tags"> & { readonly tags?: readonly string[] };

/** A crash with a core, filed as Apport's client does. */
export function withCore(real: RealCore, fields: Readonly<Record<string, string>> = {}, more: More = {}): BugSeed {
  const { executable, package: name, architecture, core } = real;
  const known = { Architecture: architecture, ExecutablePath: executable, Package: `${name} 1.0-1` };
  const signal = { Signal: "11", SignalName: "SIGSEGV", SourcePackage: name };
  const title = `${name} crashed with SIGSEGV in ??()`;
  return withMore(crashAsBug({ ...report, ...known, ...signal, Title: title, ...fields }, core), more);
}

/** A Python crash: nothing to retrace, only to compare. */
export function python(exception: string, fields: Readonly<Record<string, string>> = {}, more: More = {}): BugSeed {
  const traceback = `Traceback (most recent call last):\n  File "/usr/bin/tool", line 3, in run\n${exception}: no`;
  const known = { ExecutablePath: "/usr/bin/tool", Package: "tool 1.0-1", SourcePackage: "tool" };
  return withMore(crashAsBug({ ...report, ...known, Traceback: traceback, ...fields }), more);
}

function withMore(bug: BugSeed, more: More): BugSeed {
  return { ...bug, ...more, tags: [...(bug.tags ?? []), ...(more.tags ?? [])] };
}

export function attachedBy(texts: Readonly<Record<string, string>>, bug: BugSeed): BugSeed {
  const attached = Object.entries(texts).map(([name, bytes]) => ({ fileName: `${name}.txt`, bytes }));
  return { ...bug, attachments: [...(bug.attachments ?? []), ...attached] };
}

export function ofNoRelease(bug: BugSeed): BugSeed {
  return { ...bug, description: bug.description?.replace(/^DistroRelease: .*\n/m, "") };
}

/** An address signature: by it a later crash is known without a look into its core. */
export function addresses({ executable }: RealCore): string {
  return `${executable}:11:/a+1:/b+2:/c+3`;
}
