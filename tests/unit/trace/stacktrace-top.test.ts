import { expect, test } from "vitest";
import { stacktraceTop } from "../../../src/trace/stacktrace-top.ts";

// Frames as text: "main (argc=1) at x.c:3" becomes "#0  main (argc=1) at x.c:3" and so on.
function traceOf(...frames: readonly string[]): string {
  return frames.map((frame, index) => `#${index}  ${frame}`).join("\n");
}

function topOf(...frames: readonly string[]): readonly string[] {
  const top = stacktraceTop(traceOf(...frames));
  return top === "" ? [] : top.split("\n");
}

const handler = "<signal handler called>";

test("the top is the first five frames, without number and address", () => {
  const top = topOf(
    "0x00007f3c in raise (sig=6) at raise.c:50",
    "b (x=1) at b.c:2",
    "c ()",
    "0x1 in d ()",
    "e ()",
    "f ()",
  );
  expect(top).toEqual(["raise (sig=6) at raise.c:50", "b (x=1) at b.c:2", "c ()", "d ()", "e ()"]);
});

test("locals, `No locals.` and dots between the frames are passed over", () => {
  expect(
    stacktraceTop("#0  a (x=1) at a.c:1\n        x = 1\n        #9  y ()\nNo locals.\n.\n#1  b ()\nNo symbol table."),
  ).toBe("a (x=1) at a.c:1\nb ()");
});

test("a `*` directly after the address goes, one only, and one without an address stays", () => {
  expect(topOf("0x1 in *a ()", "0x1 in **b ()", "*c ()", "0x1 in d * ()")).toEqual([
    "a ()",
    "*b ()",
    "*c ()",
    "d * ()",
  ]);
});

test("an address that is not followed by `in` is text", () => {
  expect(topOf("0x0000000000001234", "0xgg in a ()")).toEqual(["0x0000000000001234", "0xgg in a ()"]);
});

test("a frame number has to be followed by a blank, and the line has to begin with it", () => {
  expect(stacktraceTop("#0a ()\n #1  b ()\n#x  c ()\n#\n#2\td ()")).toBe("d ()");
});

test("a frame that was cut off before its name is no frame", () => {
  expect(topOf("a ()", "0x00007f3c in ", "", "  ", "b ()")).toEqual(["a ()", "b ()"]);
});

test("an empty text has no top", () => {
  expect(stacktraceTop("")).toBe("");
  expect(stacktraceTop("No stack.")).toBe("");
});

test("a signal handler and what it called are dropped", () => {
  expect(topOf("raise ()", "on_crash ()", handler, "a ()", "b ()")).toEqual(["a ()", "b ()"]);
});

test("the handler may carry an address and be followed by blanks, and nothing else", () => {
  expect(topOf("x ()", `${handler}  \t`, "a ()")).toEqual(["a ()"]);
  expect(topOf("x ()", `0x00007f3c in ${handler}`, "a ()")).toEqual(["a ()"]);
  expect(topOf("x ()", `${handler} y`, "a ()")).toEqual(["x ()", `${handler} y`, "a ()"]);
});

test("before the first handler every reset frame drops what was collected, however far apart they are", () => {
  expect(topOf("raise ()", "__GI_abort ()", "x ()", "g_log (a=1)", "y ()", "z ()", "IA__g_logv (a=2)", "a ()")).toEqual(
    ["a ()"],
  );
});

test.each([
  "g_logv",
  "g_log",
  "IA__g_log",
  "IA__g_logv",
  "g_assert_warning",
  "IA__g_assert_warning",
  "__GI_abort",
  "_XError",
])("%s is a reset frame", (name) => {
  expect(topOf("x ()", `0x1 in ${name} (a=1) at b.c:3`, "a ()")).toEqual(["a ()"]);
  expect(topOf("x ()", `${name}(a=1)`, "a ()")).toEqual(["a ()"]);
});

test.each(["abort", "g_logger", "__GI_raise", "g_log_structured", "xg_log"])("%s is not a reset frame", (name) => {
  expect(topOf("x ()", `${name} ()`)).toEqual(["x ()", `${name} ()`]);
});

test("after a handler reset frames count only in the unbroken run below it", () => {
  expect(topOf("x ()", handler, "__GI_abort ()", "g_log ()", "a ()")).toEqual(["a ()"]);
  expect(topOf("x ()", handler, "a ()", "__GI_abort ()", "b ()")).toEqual(["a ()", "__GI_abort ()", "b ()"]);
});

test("a handler below the first one's run is an ordinary frame", () => {
  expect(topOf("x ()", handler, handler, "a ()", `${handler} `, "b ()")).toEqual(["a ()", handler, "b ()"]);
});

test("a frame that is never collected ends the run of reset frames all the same", () => {
  expect(topOf("x ()", handler, "__kernel_vsyscall ()", "__GI_abort ()", "a ()")).toEqual(["__GI_abort ()", "a ()"]);
});

test.each([
  "__kernel_vsyscall",
  "__strlen_sse2",
  "__memcpy_ssse3_back",
  "__strcmp_sse4_2",
  "___sse2",
  "__a_sse2_sse3",
  "__x::y_sse42_z",
  "__größe_sse2_größe",
  "__strlen_sse٣",
])("%s is never collected", (name) => {
  expect(topOf(`${name} ()`, "a ()")).toEqual(["a ()"]);
});

test.each([
  "__kernel_vsyscall2",
  "_strlen_sse2",
  "__sse2",
  "__strlen_sse",
  "__memcpy_sse2_",
  "__memcpy_sse2-x",
  "__memcpy_sse2xy",
  "__memcpy_sse2_a-b",
  "__memcpy_avx2",
  "strlen_sse2",
  "__memcpy_SSE2",
])("%s is collected", (name) => {
  expect(topOf(`${name} ()`, "a ()")).toEqual([`${name} ()`, "a ()"]);
});

test("Xlib's way to an error is skipped below _XError", () => {
  expect(
    topOf("x ()", "_XError ()", "handle_error ()", "handle_response ()", "_XReply ()", "XWindowEvent ()", "a ()"),
  ).toEqual(["a ()"]);
});

test("Xlib's way to an error is skipped only directly below _XError", () => {
  expect(topOf("_XError ()", "XSync ()", "_XReply ()")).toEqual(["XSync ()", "_XReply ()"]);
  expect(topOf("_XError ()", "g_log ()", "_XReply ()")).toEqual(["_XReply ()"]);
  expect(topOf("_XError ()", "__strlen_sse2 ()", "_XReply ()")).toEqual(["_XReply ()"]);
  expect(topOf("_XError ()", handler, "_XReply ()")).toEqual(["_XReply ()"]);
  expect(topOf("_XReply ()", "handle_error ()")).toEqual(["_XReply ()", "handle_error ()"]);
});

test("skipping does not end the run of reset frames below a handler", () => {
  expect(topOf("x ()", handler, "_XError ()", "_XReply ()", "g_log ()", "a ()")).toEqual(["a ()"]);
  expect(topOf("x ()", handler, "a ()", "_XError ()", "_XReply ()")).toEqual(["a ()", "_XError ()", "_XReply ()"]);
});

test("names of C++ are kept whole and cut at the first word and parenthesis only to be compared", () => {
  const frames = [
    "(anonymous namespace)::f (x=1)",
    "Foo::operator() (this=0x0)",
    "std::vector<int, A >::at (n=3)",
    "g_log<int> ()",
  ];
  expect(topOf(...frames)).toEqual(frames);
});

test("inlined frames, which have no address, count like others", () => {
  expect(topOf("inner (x=1) at a.h:3", "0x00005555 in outer () at a.c:9")).toEqual([
    "inner (x=1) at a.h:3",
    "outer () at a.c:9",
  ]);
});

test("lines may end as on other systems", () => {
  expect(stacktraceTop("#0  a ()\r\n#1  b ()\r#2  c ()\r\n")).toBe("a ()\nb ()\nc ()");
});

test("the outer blanks of the whole go, inner ones stay", () => {
  expect(stacktraceTop("#0  a ()  \n#1  b ()  ")).toBe("a ()  \nb ()");
});
