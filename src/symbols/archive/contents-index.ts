import type { DatabaseSync } from "node:sqlite";
import type { Database } from "../../database/open-database.ts";
import { pathSpellings } from "../module-path.ts";
import type { IndexRecipe } from "./built-index.ts";
import { isPackageName } from "./package-stanzas.ts";

export type ContentsSchema = { readonly paths: { readonly path: string; readonly packages: string } };

// Programs and libraries live here; the rest of an archive (nine lines of ten) is never loaded into a process.
const loadedFrom = /^(?:usr\/)?(?:bin|sbin|lib|lib32|lib64|libx32|libo32|libexec|games|opt)\/|^usr\/local\//;
// Below lib, most files are not ELF either: scripts, headers, kernel modules, debug files.
const neverLoaded =
  /^(?:usr\/)?lib\/(?:modules|debug|firmware|python3\/dist-packages\/.*\.py$)|\.(?:py|pyc|pyi|h|hh|hpp|hs|hi|a|ko|js|ts|json|map|rb|pm|pl|el|elc|xml|html|css|png|svg|txt|jar|class|java|ml|mli|cmi|cmx|cmt|cmti|cma|go|rs|rlib|lua|tcl|mo|gz|conf|service|qml|cmake|pc|la|o|dll|exe|r|R|rds|rdb|rdx|php|erl|beam|f90|mod|tmpl|ui|ini|md)$/;

/** A table from a file's path (as the package ships it, without the leading slash) to the packages that ship it. */
export const contentsIndexRecipe: IndexRecipe = {
  name: "contents",
  format: 1,
  schema: "CREATE TABLE paths (path TEXT NOT NULL, packages TEXT NOT NULL)",
  begin: fillPaths,
  finish: "CREATE INDEX paths_path ON paths (path)",
};

function fillPaths(sqlite: DatabaseSync) {
  const add = sqlite.prepare("INSERT INTO paths VALUES (?, ?)");
  const takeLine = (line: string): void => {
    const entry = contentsEntry(line);
    if (entry !== null) add.run(utf8(entry.path), entry.packages);
  };
  let rest = "";
  return {
    take: (piece: Buffer): void => {
      const lines = (rest + piece.toString("latin1")).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > maxLineLength) rest = "";
      for (const line of lines) takeLine(line);
    },
    endList: (): void => {
      takeLine(rest);
      rest = "";
    },
  };
}

// Lists are read as latin1, byte for byte, because a piece may end inside a character.
function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

const maxLineLength = 64 * 1024;

/**
 * A line of a Contents list, `usr/bin/foo   section/package,other/package` (the path may hold blanks), with the
 * sections taken off; null for lines that we have no use for.
 */
export function contentsEntry(line: string): { readonly path: string; readonly packages: string } | null {
  if (!loadedFrom.test(line)) return null;
  const blank = Math.max(line.lastIndexOf(" "), line.lastIndexOf("\t"));
  const path = line.slice(0, Math.max(0, blank)).trimEnd();
  if (path === "" || neverLoaded.test(path)) return null;
  const names = line
    .slice(blank + 1)
    .split(",")
    .map((name) => name.slice(name.lastIndexOf("/") + 1));
  return { path, packages: names.join(",") };
}

/** Names of the packages that ship a file, in either spelling of its path. */
export async function packagesShipping(database: Database<ContentsSchema>, path: string): Promise<readonly string[]> {
  const spellings = pathSpellings(path).map((spelling) => spelling.slice(1));
  if (spellings.length === 0) return [];
  const rows = await database.kysely
    .selectFrom("paths")
    .select("packages")
    .where("path", "in", spellings)
    .limit(50)
    .execute();
  return [...new Set(rows.flatMap((row) => row.packages.split(",")))].filter(isPackageName);
}
