import { isBuildId } from "../module-path.ts";

/** What we use of one stanza of a Packages list. */
export type PackageStanza = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
  readonly sourceVersion: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Build-ids whose debug files the package holds; empty for most packages, and for debug packages of old archives. */
  readonly buildIds: readonly string[];
};

/** Takes pieces of a Packages list as they come; `end` tells that the last one was given. */
export type StanzaReader = { readonly take: (piece: Buffer) => void; readonly end: () => void };

// The debug package of a Linux kernel lists some 4,000 build-ids in one line (160 kB).
const maxLineLength = 16 * 1024 * 1024;
const usedFields = /^(Package|Version|Architecture|Source|Size|SHA256|Build-Ids): (.*)$/;

/**
 * Reads a Packages list (deb822 stanzas) in constant memory. Stanzas without what we need (name, version,
 * architecture, size, SHA256), or with values outside Debian policy's alphabets, are left out.
 */
export function stanzaReader(onStanza: (stanza: PackageStanza) => void): StanzaReader {
  const begun = new BegunLine();
  let fields = new Map<string, string>();
  const endStanza = (): void => {
    const stanza = toStanza(fields);
    if (stanza !== null) onStanza(stanza);
    if (fields.size > 0) fields = new Map();
  };
  const takeLine = (line: string): void => {
    const match = usedFields.exec(line);
    if (line === "") endStanza();
    if (match !== null) fields.set(match[1] ?? "", match[2] ?? "");
  };
  return {
    take: (piece) => {
      const [end = "", ...further] = piece.toString("latin1").split("\n");
      begun.add(end);
      for (const text of further) {
        takeLine(begun.take());
        begun.add(text);
      }
    },
    end: () => {
      takeLine(begun.take());
      endStanza();
    },
  };
}

/**
 * The line that the next piece goes on with. A list of one line without an end comes in a million pieces: put
 * together anew for each, that would be terabytes of copying.
 */
class BegunLine {
  #parts: string[] = [];
  #length = 0;

  /** What is beyond the longest line that we read is left out. */
  add(text: string): void {
    const part = text.slice(0, maxLineLength - this.#length);
    if (part === "") return;
    this.#parts.push(part);
    this.#length += part.length;
  }

  take(): string {
    const line = this.#parts.join("");
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}

function toStanza(fields: ReadonlyMap<string, string>): PackageStanza | null {
  const name = fields.get("Package") ?? "";
  const version = fields.get("Version") ?? "";
  const architecture = fields.get("Architecture") ?? "";
  const sizeBytes = Number(fields.get("Size"));
  const sha256 = fields.get("SHA256") ?? "";
  if (!isPackageName(name) || !isVersion(version) || !/^[a-z0-9-]{1,32}$/.test(architecture)) return null;
  if (!/^[0-9a-f]{64}$/.test(sha256) || !Number.isSafeInteger(sizeBytes) || sizeBytes <= 0) return null;
  const { source, sourceVersion } = sourceOf(fields.get("Source"), name, version);
  const buildIds = (fields.get("Build-Ids") ?? "").split(" ").filter(isBuildId);
  return { name, version, architecture, source, sourceVersion, sizeBytes, sha256, buildIds };
}

// `Source` is left out when it is the package's own name, and has the version in parentheses when that differs,
// as for binNMUs: `Source: bash (5.2.15-2)` of bash 5.2.15-2+b2.
function sourceOf(field: string | undefined, name: string, version: string) {
  const match = /^(\S+)(?: \((\S+)\))?$/.exec(field ?? name);
  return { source: match?.[1] ?? name, sourceVersion: match?.[2] ?? version };
}

/** Package names of Debian policy 5.6.1. */
export function isPackageName(text: string): boolean {
  return /^[a-z0-9][a-z0-9+.-]{1,200}$/.test(text);
}

/** Versions of Debian policy 5.6.12, by their alphabet. */
function isVersion(text: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z.+~:-]{0,200}$/.test(text);
}
