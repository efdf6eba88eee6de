#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the events of a capture file that match a filter, by libsinsp's C ABI.

filter.py CAPTURE FILTER [FORMAT]

LIBSINSP is the path of the library, if the system's loader does not find it.
"""

import ctypes
import os
import sys
from ctypes import POINTER, byref, c_bool, c_int32, c_int64, c_size_t, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p

ABI_VERSION = 1 << 16
SUCCESS, TIMEOUT, EOF, FILTERED_EVENT = 0, -1, 6, 10
OUTPUT_TEXT = 0


class Str(ctypes.Structure):
    """sinsp_str: bytes with a length. `of` keeps the bytes alive."""

    _fields_ = [("data", ctypes.c_void_p), ("len", c_size_t)]

    @classmethod
    def of(cls, text):
        raw = os.fsencode(text)
        made = cls(ctypes.cast(ctypes.c_char_p(raw), c_void_p), len(raw))
        made.raw = raw
        return made

    def text(self):
        return ctypes.string_at(self.data, self.len).decode(errors="replace") if self.data else ""


class Event(ctypes.Structure):
    """sinsp_event."""

    _fields_ = [
        ("bytes", c_void_p),
        ("len", c_uint32),
        ("dump_flags", c_uint32),
        ("num", c_uint64),
        ("thread", c_uint64),
        ("thread_object", c_void_p),
        ("fd_owner", c_uint64),
        ("fd_key", c_int64),
        ("fd_object", c_void_p),
        ("fd_num", c_int64),
        ("result", c_int64),
        ("cpu", c_uint16),
        ("code", c_uint16),
        ("fd_name_changed", c_bool),
        ("changed", c_bool),
        ("rejected", c_bool),
        ("of", c_uint64),
    ]


lib = ctypes.CDLL(os.environ.get("LIBSINSP", "libfalcosecurity-rs.so.1"))


def function(name, result, *arguments):
    """A function of the library. One whose last argument is an error raises it."""
    call = lib[name]
    call.restype, call.argtypes = result, arguments
    return call


ERROR = POINTER(c_void_p)
message_of = function("sinsp_error_message", Str, c_void_p)
free_error = function("sinsp_error_free", None, c_void_p)
new = function("sinsp_inspector_new", c_void_p, c_uint32, ERROR)
free = function("sinsp_inspector_free", None, c_void_p)
compile_filter = function("sinsp_program_compile", c_void_p, c_void_p, c_void_p, Str, ERROR)
free_filter = function("sinsp_program_free", None, c_void_p)
set_filter = function("sinsp_inspector_set_filter", c_int32, c_void_p, c_void_p, ERROR)
new_formatter = function("sinsp_formatter_new", c_void_p, c_void_p, c_void_p, Str, ERROR)
free_formatter = function("sinsp_formatter_free", None, c_void_p)
open_savefile = function("sinsp_inspector_open_savefile", c_int32, c_void_p, Str, c_int32, ERROR)
next_event = function("sinsp_inspector_next", c_int32, c_void_p, POINTER(Event), ERROR)
run = function("sinsp_formatter_run", c_int32, c_void_p, c_void_p, POINTER(Event), c_uint32, POINTER(Str), ERROR)


class Failure(Exception):
    pass


def checked(call, *arguments):
    """Calls a function with an error at the end; raises the error."""
    error = c_void_p()
    result = call(*arguments, byref(error))
    if error:
        message = message_of(error).text()
        free_error(error)
        raise Failure(message)
    return result


def print_events(capture, condition, form):
    inspector = checked(new, ABI_VERSION)
    program = formatter = None
    try:
        program = checked(compile_filter, inspector, None, Str.of(condition))
        formatter = checked(new_formatter, inspector, None, Str.of(form))
        checked(set_filter, inspector, program)
        checked(open_savefile, inspector, Str.of(capture), 0)
        event, line = Event(), Str()
        while (status := checked(next_event, inspector, byref(event))) != EOF:
            if status == SUCCESS and checked(run, formatter, inspector, byref(event), OUTPUT_TEXT, byref(line)):
                print(line.text())
    finally:
        free_formatter(formatter)
        free_filter(program)
        free(inspector)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: filter.py CAPTURE FILTER [FORMAT]")
    form = sys.argv[3] if len(sys.argv) == 4 else "*%evt.num %evt.time %proc.name %evt.type %evt.args"
    try:
        print_events(sys.argv[1], sys.argv[2], form)
    except Failure as failure:
        sys.exit(f"filter.py: {failure}")


main()
