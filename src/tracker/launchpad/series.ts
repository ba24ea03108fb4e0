import type { Launchpad } from "./bugs.ts";
import type { ReadingClient } from "./client/types.ts";
import { type SeriesEntry, seriesSchema } from "./entries.ts";

/** The series of the target, as Launchpad lists them; they are read once for a batch. */
export function seriesOf({
  client,
  memory,
  target,
}: Pick<Launchpad, "memory" | "target"> & { readonly client: ReadingClient }): Promise<readonly SeriesEntry[]> {
  return memory.series(async () => {
    const listed = await client.list(client.url("devel", `${encodeURIComponent(target.name)}/series`), seriesSchema);
    return listed ?? [];
  });
}

const maintained: readonly string[] = [
  "Active Development",
  "Current Stable Release",
  "Supported",
  "Pre-release Freeze",
];

/** Names of the series that are under development or supported: tags that say where a crash happens. */
export async function maintainedSeries(launchpad: Launchpad): Promise<readonly string[]> {
  const series = await seriesOf(launchpad);
  return series.filter(({ status }) => maintained.includes(status)).map(({ name }) => name);
}
