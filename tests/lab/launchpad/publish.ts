import { nextNumber, type World } from "./state.ts";
import { fileAt, storeBytes } from "./stored-file.ts";

/** A source in a series, or, with `binary`, one of its binaries. */
export type PublicationSeed = {
  readonly distribution?: string | undefined;
  readonly series: string;
  readonly source: string;
  readonly version: string;
  readonly pocket?: string | undefined;
  readonly status?: string | undefined;
  readonly binary?:
    | {
        readonly name: string;
        /** That of the source unless told. */
        readonly version?: string | undefined;
        readonly architecture: string;
        readonly files?: readonly ({ readonly name: string } & (
          | { readonly bytes: Buffer | string }
          | { readonly path: string }
        ))[];
      }
    | undefined;
};

/** Adds a publication to the primary archive of a distribution. */
export function publish(world: World, seed: PublicationSeed): void {
  const { distribution = "ubuntu", pocket = "Release", status = "Published" } = seed;
  const known = world.distributions.get(distribution)?.series.some(({ name }) => name === seed.series);
  if (known !== true) throw new Error(`${distribution} has no series ${seed.series}`);
  const id = nextNumber(world);
  world.publications.push({
    id,
    distribution,
    series: seed.series,
    pocket,
    status,
    source: seed.source,
    sourceVersion: seed.version,
    binary: seed.binary === undefined ? null : binaryOf(world, id, seed.version, seed.binary),
  });
}

type BinarySeed = NonNullable<PublicationSeed["binary"]>;
type Binary = NonNullable<World["publications"][number]["binary"]>;

function binaryOf(world: World, id: number, sourceVersion: string, seed: BinarySeed): Binary {
  const { name, version = sourceVersion, architecture } = seed;
  const files = (seed.files ?? []).map((file, at) => ({
    name: file.name,
    file:
      "path" in file ? fileAt(file.path) : storeBytes(Buffer.from(file.bytes), world.folder, `published-${id}-${at}`),
  }));
  return { name, version, architecture, files };
}
