import { expect, test } from "vitest";
import { ConfigError, parseConfig } from "../../../src/config/load.ts";
import { lineOfKey } from "../../../src/config/locate.ts";

function faultOf(text: string): string {
  try {
    parseConfig(text, "c.toml");
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "no fault";
}

test("an empty file gives every default", () => {
  const config = parseConfig("", "c.toml");
  expect(config.releases).toBe("system");
  expect(config.symbols.sources).toEqual(["host", "archive"]);
  expect(config.gdb.timeout_s).toBe(300);
});

test("where the bugs are a distribution's on Launchpad, its published packages are asked for too, unless told", () => {
  const tracker = 'type = "launchpad"\napi = "https://launchpad.example/"\n';
  const usual = parseConfig(`[tracker]\n${tracker}distribution = "ubuntu"\n`, "c.toml").symbols;
  expect(usual.sources).toEqual(["host", "archive", "launchpad"]);
  expect(usual.launchpad_api).toBe("https://launchpad.example/");
  expect(parseConfig(`[tracker]\n${tracker}project = "coreutils"\n`, "c.toml").symbols.sources).toHaveLength(2);
  const told = `[tracker]\n${tracker}distribution = "ubuntu"\n[symbols]\nsources = ["archive"]\n`;
  expect(parseConfig(told, "c.toml").symbols.sources).toEqual(["archive"]);
});

test("an unknown key is an error that names its line", () => {
  expect(faultOf('state_dir = "/x"\n\n[tracker]\ntyp = "local"\n')).toBe("c.toml:4: tracker.typ: unknown key");
});

test("an unknown table is an error that names its line", () => {
  expect(faultOf("# a comment\n[trackr]\n")).toBe("c.toml:2: trackr: unknown key");
});

test("a wrong value is an error that names its line", () => {
  expect(faultOf('[gdb]\n# seconds\ntimeout_s = "soon"\n')).toMatch(/^c\.toml:3: gdb\.timeout_s: .*expected number/);
});

test("a time that no timer can wait for is a fault: Node's would go off at once", () => {
  expect(faultOf("[gdb]\ntimeout_s = 3000000\n")).toMatch(/^c\.toml:2: gdb\.timeout_s: /);
  expect(faultOf("[symbols]\napt_timeout_s = 3000000\n")).toMatch(/^c\.toml:2: symbols\.apt_timeout_s: /);
});

test("a path with a NUL is a fault", () => {
  expect(faultOf('state_dir = "/srv/\\u0000"\n')).toBe("c.toml:1: state_dir: must be an absolute path");
});

test("every fault is told, one line each", () => {
  expect(faultOf('state_dir = "relative"\n[gdb]\ntimeout_s = 0\nnope = 1\n').split("\n")).toHaveLength(3);
});

test("text that is no TOML names its line", () => {
  expect(faultOf("[gdb]\ntimeout_s = = 3\n")).toMatch(/^c\.toml:2: not valid TOML/);
});

test("a repeated key names its line", () => {
  expect(faultOf('state_dir = "/x"\nstate_dir = "/y"\n')).toMatch(/^c\.toml:2: not valid TOML/);
});

test.each([
  ["a = 1\n[b]\nc = 2\n", ["b", "c"], 3],
  ["[b]\n'c' = 2\n", ["b", "c"], 2],
  ['[b."d.e"]\nf = 1\n', ["b", "d.e", "f"], 2],
  ["b.c = 2\n", ["b", "c"], 1],
  ["[b]\n", ["b", "missing"], 1],
  ['x = """\n[b]\n"""\n[b]\nc = "="\n', ["b", "c"], 5],
] as const)("the line of a key is found in %j", (text, path, line) => {
  expect(lineOfKey(text, path)).toBe(line);
});

test("a text of one's own is taken, the others stay ours", () => {
  const { texts } = parseConfig('[texts.duplicate]\nbody = "See {master} {{here}}."\n', "c.toml");
  expect(texts.duplicate).toEqual({ subject: "This crash is a duplicate", body: "See {master} {{here}}." });
  expect(texts.invalid.subject).toBe("Crash report cannot be processed");
});

test.each([
  ['body = "See {mastre}."', "unknown placeholder {mastre} (known here: {id}, {master})"],
  ['body = "{reason}"', "unknown placeholder {reason} (known here: {id}, {master})"],
  ['body = "{}"', "unknown placeholder {}"],
  ['body = "a { b"', "a single { (write {{"],
  ['subject = " "', "must not be empty"],
])("a text with %s is a fault that names its line", (line, words) => {
  const fault = faultOf(`[texts.duplicate]\n${line}\n`);
  expect(fault).toMatch(/^c\.toml:2: texts\.duplicate\.(body|subject): /);
  expect(fault).toContain(words);
});

test("our own texts have no fault", () => {
  const { texts } = parseConfig("", "c.toml");
  for (const { subject, body } of Object.values(texts)) expect(`${subject}${body}`).not.toMatch(/crash-digger:/);
});
