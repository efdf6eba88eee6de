#!/usr/bin/env python3
"""Writes the compatibility table of an installed library: table.py PREFIX > docs/compatibility.md

What there should be stands in libscap.tsv and libsinsp.tsv beside this file, and, for the fields, in the field table. What there
is, is asked of the installed library and headers.
"""
import pathlib, re, subprocess, sys

prefix = pathlib.Path(sys.argv[1])
here = pathlib.Path(__file__).parent
include = prefix / "include" / "falcosecurity"


def rows(name):
    return [l.split("\t") for l in (here / name).read_text().splitlines() if l and not l.startswith("#")]


def exported(api):
    out = subprocess.run(["bash", here.parent / "exported.sh", prefix, api], capture_output=True, text=True, check=True)
    return {line.split()[1] for line in out.stdout.splitlines()}


def header_text(header):
    for base in (include, prefix / "include"):
        if (base / header).is_file():
            return (base / header).read_text()
    return None


def table(title, note, entries):
    """Entries are (header, name, state)."""
    done = sum(1 for e in entries if e[2] != "absent")
    print(f"\n## {title}: {done} of {len(entries)}\n\n{note}\n")
    print("| header | present | absent |\n|---|---|---|")
    for header in sorted({e[0] for e in entries}):
        cell = lambda test: ", ".join(f"`{n}`" + (" (inline)" if s == "inline" else "") for h, n, s in entries if h == header and test(s)) or "-"
        print(f"| `{header}` | {cell(lambda s: s != 'absent')} | {cell(lambda s: s == 'absent')} |")


print("# Compatibility with falcosecurity/libs 0.25.4\n")
print("Made by `tests/compat/table.py` from the installed library, and held fresh by a test. What is absent does not compile or link; "
      "what is present works, or answers an error that says what is missing.")

symbols = exported("scap")
scap = []
for header, kind, name in rows("libscap.tsv"):
    text = header_text(header)
    word = text is not None and re.search(rf"\b{name}\b", text)
    inline = word and re.search(rf"static\s+inline[^;{{]*\b{name}\s*\(", text)
    scap.append((header, name, "inline" if inline else "present" if word and name in symbols else "absent"))
table("libscap, libpman and the event table", "Functions and objects, by the header that declares them.", scap)
print("\nLeft out of what the reference installs for C:\n\n| what | why |\n|---|---|")
for what, why in rows("left-out.tsv"):
    print(f"| {what} | {why} |")

reference_headers = {header for header, _ in rows("libsinsp.tsv")}


def with_parts(header, seen):
    """The text of a header, and of those headers of its own that it is made of."""
    seen.add(header)
    text = header_text(header) or ""
    for part in re.findall(r"#include <(libsinsp/[^>]+)>", text):
        if part not in seen and part not in reference_headers:
            text += with_parts(part, seen)
    return text


sinsp = []
for header, name in rows("libsinsp.tsv"):
    text = with_parts(header, set())
    defined = text and re.search(rf"^\s*(class|struct|using)\s+(\w+\s+)?{name}\b", text, re.M)
    sinsp.append((header, name, "present" if defined else "absent"))
table("libsinsp", "Classes, by the header that defines them.", sinsp)

listed = subprocess.run(["cargo", "run", "-q", "-p", "sinsp-core", "--example", "fields"], capture_output=True, text=True, check=True)
classes = [line.split("\t") for line in listed.stdout.splitlines()]
missing = [name for _, _, names in classes for name in names.split(",") if name]
total = sum(int(n) for _, n, _ in classes)
print(f"\n## Fields: {total - len(missing)} of {total}\n\nAll are known by name and type. Those without a value yet:\n")
print(", ".join(f"`{name}`" for name in missing) or "none")
