import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { pack } from "tar-stream";
import { expect, test } from "vitest";
import { findRelease } from "../../src/symbols/archive/releases.ts";
import { tarGuard } from "../../src/symbols/archive/tar-guard.ts";
import { createHostSource } from "../../src/symbols/host/host.ts";
import { safePath } from "../../src/symbols/host/safe-path.ts";
import { openSymbolStore } from "../../src/symbols/store/symbol-store.ts";
import { buildSysroot, placements } from "../../src/symbols/sysroot.ts";
import type { ResolvedModule } from "../../src/symbols/types.ts";
import { moduleAt, neverAborted } from "../integration/symbols/symbols-world.ts";
import { temporaryFolder } from "../lab/temporary.ts";

test("a release or architecture that is a path is not configured, whatever lies there", async () => {
  await using folder = await temporaryFolder("releases");
  const releases = { kind: "folder", path: join(folder.path, "releases") } as const;
  for (const outside of ["outside", "releases/Debian 12", "releases/.hidden"]) {
    await mkdir(join(folder.path, outside), { recursive: true });
    await writeFile(join(folder.path, outside, "sources.list"), "deb http://archive.example/ lab main\n");
  }
  expect(await findRelease(releases, "Debian 12", "amd64")).toMatchObject({ kind: "configured" });
  const names = ["../outside", "Debian 12/../../outside", "..", ".", "", ".hidden", "/etc/apt", "Debian 12/", "a\0b"];
  for (const name of [...names, "Debian 12\n", 'x"; APT::Update::Pre-Invoke {"id";};', "x".repeat(5000)]) {
    expect(await findRelease(releases, name, "amd64"), name).toMatchObject({ kind: "not-configured" });
  }
  for (const architecture of ["../..", "amd64/..", "", "AMD64", 'a";', "a\nb"]) {
    expect(await findRelease(releases, "Debian 12", architecture)).toMatchObject({ kind: "not-configured" });
  }
});

test("no path of a core makes the host source open what is not a plain file below its root", async () => {
  await using folder = await temporaryFolder("host");
  const root = join(folder.path, "root");
  await mkdir(join(root, "usr/lib"), { recursive: true });
  await writeFile(join(folder.path, "secret"), "secret");
  await symlink("../../../secret", join(root, "usr/lib/out"));
  await symlink("loop", join(root, "usr/lib/loop"));
  for (const path of ["/usr/lib/out", "/usr/lib/loop", "/../secret", "/usr/lib", "usr/lib/x", "/usr//lib", "/a\0b"]) {
    expect(await safePath(root, path), path).toBeNull();
  }
  for (const path of ["/proc/self/exe", "/dev/zero", "/dev/stdin", "/sys/kernel/notes"]) {
    expect(await safePath("/", path), path).toBeNull();
  }
});

test("a file that is not ELF is never taken from the host", async () => {
  await using folder = await temporaryFolder("host");
  const store = await openSymbolStore(join(folder.path, "store"));
  const host = createHostSource({ store });
  const wanted = [{ module: moduleAt("/etc/passwd", "00112233445566778899"), needs: ["executable", "debug"] as const }];
  expect(await host.find(wanted, { release: null, architecture: "amd64", packages: [] }, neverAborted)).toMatchObject([
    { executable: null, debug: null, absence: { status: "not-packaged" } },
  ]);
  expect(await readdir(store.folder)).toEqual(["incoming"]);
});

const hostilePath = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom("..", ".", "", "a", "lib", "usr", "x\0", "\n", "é", "b".repeat(300)), { maxLength: 40 })
    .map((parts) => `/${parts.join("/")}`),
  fc.constant(`/${"a/".repeat(3000)}b`),
);

test("no module path, link name or dwz name leads out of the sysroot", () => {
  fc.assert(
    fc.property(hostilePath, hostilePath, hostilePath, (path, linkName, dwzName) => {
      const resolved = resolvedAt(path, "/nowhere", dwzName);
      const linkNames = [{ name: linkName, loadAddress: 0x1000n }];
      for (const { place } of placements([resolved], { linkNames })) {
        expect(place.startsWith("/")).toBe(true);
        expect(join("/sysroot", place).startsWith("/sysroot/")).toBe(true);
        expect(place.split("/")).not.toContain("..");
      }
    }),
  );
});

test("paths that collide leave the first file, and the sysroot gets made all the same", async () => {
  await using folder = await temporaryFolder("sysroot");
  const file = join(folder.path, "file");
  await writeFile(file, "content");
  const modules = ["/a", "/a/b", "/c/d", "/c", "/a", `/${"n".repeat(255)}/${"m".repeat(255)}`].map((path) =>
    resolvedAt(path, file, "x"),
  );
  const sysroot = join(folder.path, "sysroot");
  await buildSysroot(sysroot, modules, { linkNames: [] });
  expect((await readdir(sysroot)).toSorted()).toEqual(["a", "c", "n".repeat(255), "usr"]);
  expect(await readdir(join(sysroot, "c"))).toEqual(["d"]);
});

function resolvedAt(path: string, file: string, dwzName: string): ResolvedModule {
  const buildId = "00112233445566778899";
  const fidelity = {
    path,
    buildId,
    status: "matched",
    reason: "",
    versionWanted: null,
    versionsAvailable: [],
  } as const;
  return {
    module: moduleAt(path, buildId),
    executablePath: file,
    debugPath: file,
    dwz: {
      path: file,
      buildId: "99887766554433221100",
      name: dwzName,
      provenance: { source: "host", package: null, sha256: null },
    },
    soname: null,
    symbolIndex: { kind: "none" },
    fidelity: { ...fidelity, executable: null, debug: null },
  };
}

async function guarded(archive: Buffer): Promise<string> {
  try {
    for await (const _piece of Readable.from([archive]).pipe(tarGuard()));
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

test("a tar header that announces a gigantic name is refused before the name is read", async () => {
  const header = Buffer.alloc(512);
  header.write("././@LongLink", 0);
  header.write("77777777777\0", 124);
  header.write("L", 156);
  expect(await guarded(header)).toBe("a tar header is larger than 1 MiB");
});

test("ordinary tar streams pass the guard, cut into pieces anywhere", async () => {
  const archive = pack();
  archive.entry({ name: `./${"long/".repeat(60)}name`, pax: { path: "x".repeat(300) } }, "content");
  archive.entry({ name: "./big" }, Buffer.alloc(3 * 1024 * 1024));
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(piece as Buffer);
  const whole = Buffer.concat(pieces);
  for (const size of [1000, 512, 4097]) {
    const cut = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
      whole.subarray(index * size, (index + 1) * size),
    );
    const passed: Buffer[] = [];
    for await (const piece of Readable.from(cut).pipe(tarGuard())) passed.push(piece as Buffer);
    expect(Buffer.concat(passed).equals(whole)).toBe(true);
  }
});
