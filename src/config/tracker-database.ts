import { z } from "zod";

// Plain names only: it becomes part of SQL.
const schemaName = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, "not a plain lower-case name");

/**
 * `[tracker.database]`: Launchpad's own PostgreSQL, read by `dupdb consolidate`. A password is in a file of its own, so
 * that none can get out with the configuration.
 */
export function trackerDatabaseSchema(path: z.ZodString) {
  return z
    .strictObject({
      /** A name, an address, or the folder of the server's socket. */
      host: z.string().regex(/^[^\0\s]{1,255}$/, "not a host, nor a folder"),
      port: z.int().min(1).max(65_535).default(5432),
      database: z.string().min(1).max(63),
      user: z.string().min(1).max(63),
      password_file: path.optional(),
      /** Where Launchpad's tables are. */
      schema: schemaName.default("public"),
      /** The number of the archive whose versions count, where the distribution's primary one cannot be found. */
      archive: z.int().positive().optional(),
      /** Encrypted, with a certificate that is checked. Without, only to this machine. */
      tls: z.boolean().optional(),
      /** Certificates of those who may have signed the server's; the system's unless told. */
      tls_ca_file: path.optional(),
      /** For the connection, and for each statement. */
      timeout_s: z.int().min(1).max(3600).default(60),
    })
    .transform((database) => ({ ...database, tls: database.tls ?? !isNear(database.host) }))
    .refine(({ tls, host }) => tls || isNear(host), {
      path: ["tls"],
      message: "without TLS the password and private bugs' numbers would cross the network: only for this machine",
    });
}

function isNear(host: string): boolean {
  return host.startsWith("/") || host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
