import type { FoundBackup } from "../maintenance/backup/check-backup.ts";
import { sizeText } from "../system/size-text.ts";
import { printable } from "./printable.ts";
import { renderTable } from "./table.ts";

/** A backup and what is wrong with it; nothing: it could be put back. */
export type Verified = { readonly backup: FoundBackup; readonly problems: readonly string[] };

/** A backup as `--json` tells it. */
export function listed({ name, takenAt, path, manifest }: FoundBackup) {
  const databases = typeof manifest === "string" ? [] : manifest.databases;
  return {
    name,
    takenAt: takenAt.toISOString(),
    path,
    databases: databases.map(({ name, sizeBytes, packedBytes }) => ({ name, sizeBytes, packedBytes })),
    unreadable: typeof manifest === "string" ? manifest : null,
  };
}

/** The backups as a table. */
export function listText(backups: readonly FoundBackup[]): string {
  if (backups.length === 0) return "There is no backup yet: crash-digger backup\n";
  return renderTable(
    [{ heading: "TAKEN" }, { heading: "SIZE", align: "right" }, { heading: "DATABASES" }, { heading: "WHERE" }],
    backups.map((backup) => {
      const { takenAt, path, databases, unreadable } = listed(backup);
      const bytes = databases.reduce((sum, { packedBytes }) => sum + packedBytes, 0);
      const names = databases.map(({ name }) => name).join(" ");
      return [takenAt.slice(0, 19).concat("Z"), sizeText(bytes), printable(unreadable ?? names), printable(path)];
    }),
  );
}

/** One line for a backup that was read, and one for each fault. */
export function verifiedText({ backup, problems }: Verified): string {
  if (problems.length === 0) return `good  ${printable(backup.path)}\n`;
  return problems.map((problem) => `BAD   ${printable(backup.path)}: ${printable(problem)}\n`).join("");
}
