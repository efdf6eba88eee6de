#!/usr/bin/env python3
"""Writes the compatibility table of an installed library: table.py PREFIX > docs/compatibility.md

What there should be stands in the tables beside this file, and, for the fields, in the field table. What there is comes from the
compiler (names.py) for C++, and from the installed library and headers for C.
"""
import collections, pathlib, re, subprocess, sys

sys.dont_write_bytecode = True
import names

here = pathlib.Path(__file__).parent
# The kinds of declarations that a program can use in place of a kind.
SAME = {
    "class": {"class", "alias"},
    "alias": {"class", "alias", "enum"},
    "enum": {"enum", "alias", "class"},
    "enumerator": {"enumerator", "member", "variable"},
    "variable": {"enumerator", "variable"},
    "member": {"member", "using"},
    "method": {"method", "using"},
    "function": {"function", "using"},
}


def rows(name):
    return [line.split("\t") for line in (here / name).read_text().splitlines() if line and not line.startswith("#")]


class Installed:
    """What the installed headers in a folder, or those that a table names, declare."""

    def __init__(self, prefix, folder=None, table=None):
        self.include = prefix / "include" / "falcosecurity"
        places = folder or " ".join(r[3] for r in rows(table) if r[2] == "header" and (self.include / r[3]).is_file())
        self.headers, self.declarations, self.bases = names.parse(self.include, places, [f"-I{prefix / 'include'}"])
        self.by_name = collections.defaultdict(list)
        for d in self.declarations:
            self.by_name[d.owner, d.name].append(d)
        self.includes = {}

    def reach(self, header):
        """The headers that come with one, itself too."""
        if header not in self.includes:
            reached = self.includes[header] = {header}
            path = self.include / header
            if path.is_file():
                for included in re.findall(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', path.read_text(), re.M):
                    reached |= self.reach(included)
        return self.includes[header]

    def found(self, header, owner, kind, name):
        """The declarations that a program that includes the header finds, those of bases too."""
        reached, owners, result = self.reach(header), [owner], []
        for o in owners:
            result += [d for d in self.by_name[o, name] if d.kind in SAME[kind] and d.header in reached]
            around, _, last = o.rpartition("::")
            # Bases, and for a member of a member the type of the outer one.
            more = [*self.bases.get(o, ()), *(f"{b}::{last}" for b in self.bases.get(around, ()) if around)] if o else []
            owners += [b for b in more if b not in owners]
        return result

    def missing(self, header, owner, kind, name, counts):
        """What a program misses of a name: None, the name itself, or the name with the numbers of arguments that it cannot have."""
        if kind == "header":
            return None if header in self.headers else name
        found = self.found(header, owner, kind, name)
        have = {n for d in found for n in d.counts}
        if name == "(constructor)" and not found and self.by_name[tuple(owner.rpartition("::")[::2])]:
            # A class that declares none has one without arguments.
            have = set() if self.by_name[owner, name] else {"0"}
        elif not found:
            return name
        lost = set(filter(None, counts.split(","))) - have
        if lost and not have:
            return name
        if not lost or "*" in have or any(d.kind == "using" for d in found):
            return None
        # A call with any number of arguments: with as many as there is an overload for.
        if lost == {"*"} and have:
            return None
        return f"{name}({', '.join(sorted(lost))})"


def surface(title, note, table, installed, refused):
    """The part about one folder of C++ headers: what is complete, what in part, what is absent."""
    classes, wanted, state, missing_headers = set(), collections.defaultdict(list), {}, []
    for header, owner, kind, name, counts in rows(table):
        missing = installed.missing(header, owner, kind, name, counts)
        if kind == "header":
            missing_headers += [name] if missing else []
            continue
        scope = f"{owner}::{name}".removeprefix("::")
        if kind == "class":
            classes.add(scope)
        # A class is counted with its members, an enumeration with what is around it.
        key = (header, scope if kind == "class" else owner)
        wanted[key].append(name)
        if missing:
            state[key, name] = ("absent", missing)
        elif scope in refused:
            state[key, name] = ("refused", name)
    total = sum(map(len, wanted.values()))
    absent = sum(1 for s, _ in state.values() if s == "absent")
    throws = len(state) - absent
    print(f"\n## {title}: {total - len(state)} of {total}" + (f", {throws} throw" if throws else "") + f"\n\n{note}\n")
    complete, gone, partly = collections.defaultdict(list), collections.defaultdict(list), []
    for (header, owner), members in sorted(wanted.items()):
        of = {s: [t for n in members for k, t in [state.get(((header, owner), n), ("", ""))] if k == s] for s in ("absent", "refused")}
        label = f"`{owner}`" if owner else "names outside of classes"
        if not of["absent"] and not of["refused"]:
            complete[header].append(f"{label} {len(members)}")
        elif len(of["absent"]) == len(members) or owner in classes and owner.split("::")[-1] in of["absent"]:
            gone[header].append(f"{label} {len(members)}")
        else:
            there = len(members) - len(of["absent"]) - len(of["refused"])
            cells = [", ".join(f"`{n}`" for n in of[s]) or "-" for s in ("absent", "refused")]
            partly.append(f"| `{header}` | {label} | {there} of {len(members)} | {cells[0]} | {cells[1]} |")
    if partly:
        print("In part:\n\n| header | of | there | absent | throws |\n|---|---|---|---|---|")
        print("\n".join(partly))
    for what, which in (("Absent", gone), ("Complete", complete)):
        if which:
            print(f"\n{what}, with the number of names:\n")
            for header, labels in sorted(which.items()):
                print(f"- `{header}`: {', '.join(labels)}")
    if missing_headers:
        print("\nHeaders that there are not: " + ", ".join(f"`{h}`" for h in sorted(missing_headers)) + ".")


def check_refusals(installed, listed):
    """Every function that says that something is not supported has to be in the list."""
    unlisted = set()
    for header in installed.headers:
        for number, line in enumerate((installed.include / header).read_text().splitlines(), 1):
            if "not supported" in line.split("//")[0]:
                around = [d for d in installed.declarations if d.header == header and d.counts and d.lines[0] <= number <= d.lines[1]]
                scopes = {f"{d.owner}::{d.name}".removeprefix("::") for d in around} or {f"{header}:{number}"}
                unlisted |= scopes - listed.keys()
    if unlisted:
        sys.exit("these say that something is not supported, and are not in unsupported.tsv: " + ", ".join(sorted(unlisted)))


def c_functions(prefix, refused):
    include = prefix / "include" / "falcosecurity"
    out = subprocess.run(["bash", here.parent / "exported.sh", prefix, "scap"], capture_output=True, text=True, check=True).stdout
    symbols = {line.split()[1] for line in out.splitlines()}
    entries = collections.defaultdict(list)
    for header, _, name in rows("libscap.tsv"):
        text = next((p.read_text() for p in (include / header, prefix / "include" / header) if p.is_file()), "")
        declared = re.search(rf"\b{name}\b", text)
        inline = declared and re.search(rf"static\s+inline[^;{{]*\b{name}\s*\(", text)
        entries[header].append((name, bool(declared and (inline or name in symbols))))
    total = sum(map(len, entries.values()))
    there = sum(t and n not in refused for e in entries.values() for n, t in e)
    print(f"\n## libscap, libpman and the event table: {there} of {total}\n\n"
          "Functions and objects, by the header that declares them. That each can be linked is tested by a program that takes the addresses of all.\n\n"
          "| header | there | absent | refused |\n|---|---|---|---|")
    for header, found in sorted(entries.items()):
        there = sum(t and n not in refused for n, t in found)
        cells = [", ".join(f"`{n}`" for n, t in found if test(n, t)) or "-" for test in (lambda n, t: not t, lambda n, t: t and n in refused)]
        print(f"| `{header}` | {there} of {len(found)} | {cells[0]} | {cells[1]} |")
    print("\nLeft out of what the reference installs for C:\n\n| what | why |\n|---|---|")
    for what, why in rows("left-out.tsv"):
        print(f"| {what} | {why} |")

def settings():
    states = collections.Counter(row[2] for row in rows("settings.tsv") for _ in row[0].split(", "))
    print(f"\n## Settings: {states['works']} work, {states['not needed']} are not needed, {states['absent']} are absent\n\n"
          "Environment variables, CMake options, macros that change behaviour, and parameters of the drivers, of a build and of its consumers.\n\n"
          "| setting | kind | state | what it does, or why not |\n|---|---|---|---|")
    for name, kind, state, note, *_ in rows("settings.tsv"):
        print(f"| {', '.join(f'`{n}`' for n in name.split(', '))} | {kind} | {state} | {note} |")


def fields():
    listed = subprocess.run(["cargo", "run", "-q", "-p", "sinsp-core", "--example", "fields"], capture_output=True, text=True, check=True)
    classes = [line.split("\t") for line in listed.stdout.splitlines()]
    missing = [name for _, _, names_ in classes for name in names_.split(",") if name]
    total = sum(int(n) for _, n, _ in classes)
    print(f"\n## Fields: {total - len(missing)} of {total}\n\nAll have their names and types. Those without a value yet:\n")
    print(", ".join(f"`{name}`" for name in missing) or "none")


def reference_tests():
    listed = rows("reference-tests.tsv")
    passing = sum(row[2] == "passes" for row in listed)
    print(f"\n## The reference's unit tests of libsinsp: {passing} of {len(listed)} pass\n\n"
          "Compiled unchanged; `tests/compat/reference-tests.tsv` has each case, and says when and how they were run. Left out:\n\n"
          "| test file | cases | why |\n|---|---|---|")
    reasons = {}
    for file, case, result, *why in listed:
        if result != "passes":
            reasons.setdefault((file, why[0]), []).append(case)
    for (file, why), cases in reasons.items():
        named = ", ".join(f"`{case}`" for case in cases) if len(cases) < 4 else f"{len(cases)} of {sum(row[0] == file for row in listed)}"
        print(f"| {file} | {named} | {why} |")


def main():
    prefix = pathlib.Path(sys.argv[1])
    listed = {row[0]: row[1] for row in rows("unsupported.tsv")}
    refused = {name for name, statement in listed.items() if statement != "as there"}
    libsinsp = Installed(prefix, "libsinsp")
    check_refusals(libsinsp, listed)
    print("# Compatibility with falcosecurity/libs 0.25.4\n")
    print("Made by `tests/compat/table.py` from the installed library, and held fresh by a test. A name is there if a program that includes the header "
          "can use it. `name(2)` in the column of what is absent: the name is there, a call with two arguments does not compile. What throws compiles, "
          "and throws an exception that says \"not supported\", in C returns SCAP_NOT_SUPPORTED; a test calls it.")
    c_functions(prefix, refused)
    surface("libscap's types", "Structs, aliases, enumerations, enumerators and members of the headers that are here; the table above says what is left out on "
            "purpose.", "libscap-types.tsv", Installed(prefix, table="libscap-types.tsv"), set())
    surface("libsinsp", "Classes, aliases, enumerations, enumerators, methods, members, functions and variables, public or protected, as the compiler finds them in "
            "the installed headers.", "libsinsp.tsv", libsinsp, refused)
    surface("The plugin API", "The same of the headers that plugins are compiled with.", "plugin.tsv", Installed(prefix, "plugin"), set())
    fields()
    settings()
    reference_tests()


if __name__ == "__main__":
    main()
