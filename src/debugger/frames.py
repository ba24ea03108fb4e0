"""Run by gdb inside the jail: prints the frames of every thread as JSON lines.

All that comes out of a core is an attacker's, so everything has a bound, and a value that cannot be read
is shown as gdb's own words about it. What is printed here is checked again by our side (schema.ts).
"""

import gdb
import json
import time

MAX_THREADS = 1000
MAX_FRAMES = 2000
MAX_VARIABLES = 100
MAX_NAME = 2000
MAX_VALUE = 1000
# All threads together. A thousand threads in the same deep recursion would print gigabytes.
MAX_TOTAL_FRAMES = 20000
MAX_TOTAL_VALUE_CHARACTERS = 8 * 1024 * 1024
# Reading variables may be made arbitrarily slow by crafted debug information; frames without them are worth having.
VARIABLE_SECONDS = 60


class Budget:
    def __init__(self):
        self.frames = MAX_TOTAL_FRAMES
        self.characters = MAX_TOTAL_VALUE_CHARACTERS
        self.variables_until = time.monotonic() + VARIABLE_SECONDS

    def allows_variables(self):
        return self.characters > 0 and time.monotonic() < self.variables_until


def say(record):
    gdb.write(json.dumps(record) + "\n")


def cut(text, longest):
    return text if len(text) <= longest else text[:longest] + "..."


def decoded(read):
    """A text from gdb. Names in a core or in debug information need not be UTF-8, and gdb then refuses."""
    try:
        return read()
    except UnicodeDecodeError:
        gdb.execute("set host-charset ISO-8859-1")
        try:
            return read().encode("latin-1", "replace").decode("utf-8", "replace")
        finally:
            gdb.execute("set host-charset auto")


def value_text(symbol, frame):
    try:
        value = symbol.value(frame)
        if value.is_optimized_out:
            return "<optimized out>"
        return decoded(
            lambda: value.format_string(
                max_elements=200, max_depth=5, repeat_threshold=10, static_members=False, styling=False
            )
        )
    except Exception as error:
        return "<error: %s>" % cut(str(error), 200)


def variables_of(frame, budget):
    """The arguments and locals of a frame, innermost block first, each a list of [name, value]."""
    arguments, variables = [], []
    seen = set()
    try:
        block = frame.block()
    except RuntimeError:
        return arguments, variables
    while block is not None:
        for symbol in block:
            if len(seen) >= MAX_VARIABLES or not budget.allows_variables():
                return arguments, variables
            name = decoded(lambda: symbol.name)
            if not (symbol.is_argument or symbol.is_variable) or name in seen:
                continue
            seen.add(name)
            text = cut(value_text(symbol, frame), MAX_VALUE)
            budget.characters -= len(text)
            (arguments if symbol.is_argument else variables).append([cut(name, MAX_NAME), text])
        # A block with a function is a function's outermost one; an inlined call has such a block too.
        if block.function is not None:
            break
        block = block.superblock
    return arguments, variables


def position_of(frame):
    """File and line, and the file with its compilation folder: `../csu/libc-start.c` is `./csu/../csu/libc-start.c`."""
    sal = frame.find_sal()
    if sal.symtab is None or sal.line <= 0:
        return None, None, None
    name, full = decoded(lambda: sal.symtab.filename), decoded(sal.symtab.fullname)
    return cut(name, MAX_NAME), sal.line, full if len(full) <= MAX_NAME else None


def frame_record(frame, index, budget):
    kind = frame.type()
    record = {
        "kind": "frame",
        "index": index,
        "pc": hex(frame.pc() & 0xFFFFFFFFFFFFFFFF),
        "function": None,
        "file": None,
        "line": None,
        "fullName": None,
        "inlined": kind == gdb.INLINE_FRAME,
        "signalHandler": kind == gdb.SIGTRAMP_FRAME,
        "arguments": [],
        "locals": [],
    }
    try:
        name = decoded(frame.name)
        record["function"] = None if name is None else cut(name, MAX_NAME)
        record["file"], record["line"], record["fullName"] = position_of(frame)
        if budget.allows_variables():
            record["arguments"], record["locals"] = variables_of(frame, budget)
    except Exception as error:
        # Broken debug information of one function: what is known of the frame so far stands.
        say({"kind": "note", "text": cut(str(error), MAX_NAME)})
    return record


def say_frames(budget):
    """Prints the frames of the selected thread; returns whether there were more than we keep."""
    frame = gdb.newest_frame()
    index = 0
    while frame is not None:
        if index >= MAX_FRAMES or budget.frames <= 0:
            return True
        say(frame_record(frame, index, budget))
        budget.frames -= 1
        index += 1
        # The backtrace limit set on gdb ends the walk before MAX_FRAMES does.
        frame = frame.older()
    return index >= MAX_FRAMES


def say_thread(thread, crashed, budget):
    say({"kind": "thread", "tid": thread.ptid[1] or thread.ptid[0], "crashed": crashed})
    truncated = False
    try:
        thread.switch()
        truncated = say_frames(budget)
    except Exception as error:
        # A stack that cannot be walked any further: what was printed so far stands.
        say({"kind": "note", "text": cut(str(error), MAX_NAME)})
    say({"kind": "end", "truncated": truncated})


def say_all():
    crashed = gdb.selected_thread()
    if crashed is None:
        return
    others = [thread for thread in gdb.selected_inferior().threads() if thread.num != crashed.num]
    others.sort(key=lambda thread: thread.num)
    budget = Budget()
    say_thread(crashed, True, budget)
    for thread in others[: MAX_THREADS - 1]:
        say_thread(thread, False, budget)


say_all()
