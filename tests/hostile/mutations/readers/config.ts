import { parseConfig } from "../../../../src/config/load.ts";
import { jobsOf, pathsOf } from "../../../../src/wiring/paths.ts";
import { ensure, type MutatedReader } from "../reader.ts";

const whole = `state_dir = "/var/lib/crash-digger"      # databases, lock
cache_dir = "/var/cache/crash-digger"
releases  = "/etc/crash-digger/releases"

[tracker]
type = "local"
dir = '/srv/tracker'

[duplicates]
database = "/srv/retracer/apport_duplicates.db"

[batch]
jobs = 2
lock = "/run/lock/retracer.lock"
max_core_bytes = 68719476736

[symbols]
sources = ["host", "archive"]
apt_timeout_s = 1800

[gdb]
timeout_s = 300
memory_bytes = 8589934592
output_bytes = 67108864
processes = 64
`;
const inline = `tracker = { type = "local", dir = """/srv/
tracker""" }
gdb.timeout_s = 0x10
"batch".jobs = 1_0
`;

// Node's timers run at once beyond this many milliseconds, with no more than a warning.
const longestTimerMs = 2 ** 31 - 1;

/** Configuration files. */
export function configReader(): MutatedReader {
  return {
    samples: [whole, inline].map((text) => Buffer.from(text)),
    typedErrors: ["ConfigError"],
    read: (bytes) => {
      const config = parseConfig(bytes.toString("utf8"), "config.toml");
      for (const path of [...Object.values(pathsOf(config)), config.releases]) {
        ensure(path === "system" || path.startsWith("/"), "paths are absolute");
        ensure(!path.includes("\0"), "no path has a NUL, which no file name can hold");
      }
      for (const seconds of [config.gdb.timeout_s, config.symbols.apt_timeout_s]) {
        ensure(seconds * 1000 <= longestTimerMs, "time-outs are such that a timer can wait for them");
      }
      ensure(jobsOf(config) >= 1 && jobsOf(config) <= 1024, "the number of jobs is sensible");
    },
  };
}
