import { z } from "zod";

/** `[release."…"]`, by DistroRelease: how its crashes are retraced. */
export function releaseSchema() {
  const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 .+~_-]{0,63}$/, "not the name of a release");
  const settings = z.strictObject({ environment: z.enum(["unpacked", "chroot"]).default("unpacked") });
  return z.record(name, settings).default({});
}

type Releases = { readonly release: z.output<ReturnType<typeof releaseSchema>> };

/** Whether some release's crashes are retraced in its chroot. */
export function usesChroots({ release }: Releases): boolean {
  return Object.values(release).some(({ environment }) => environment === "chroot");
}

/** Whether those of this release are. The name may come from a report. */
export function wantsChroot({ release }: Releases, name: string): boolean {
  return Object.hasOwn(release, name) && release[name]?.environment === "chroot";
}
