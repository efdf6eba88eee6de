#!/usr/bin/env python3
"""Whether the files that a tree's documents name exist: paths.py ROOT.

A document is a file `*.md`. It names a file in backticks, by a path from ROOT, from the document's own folder, or by the end of a path,
as in a section about one folder (`inspector/step.rs`, `mod.rs`); `{a,b}` stands for each and `*` for any name. A folder ends with a
slash. A link leads to a file from the document's own folder.
"""

import fnmatch
import os
import re
import sys

SKIPPED = {"target", ".git"}
# A text in backticks with one of these endings is a path.
ENDINGS = re.compile(r"\.(rs|c|h|hpp|cpp|py|sh|txt|md|toml|cmake|abi|yml)$|[\w}*]/$")
# Paths that are no files of the tree: headers of the reference, the files of its tests, a path in an example.
ELSEWHERE = {
    "docs/compatibility.md": ["*.h", "*/"],
    "CHANGELOG.md": ["*.cpp"],
    "docs/differences.md": ["tmp/"],
}


def tree(root):
    files, folders = [], []
    for folder, names, here in os.walk(root):
        names[:] = [n for n in names if n not in SKIPPED]
        at = os.path.relpath(folder, root)
        prefix = "" if at == "." else at + "/"
        folders += [prefix + n + "/" for n in names]
        files += [prefix + n for n in here]
    return files, folders


def spelled(path):
    """`a/{b,c}.rs` as `a/b.rs` and `a/c.rs`."""
    found = re.match(r"(.*?)\{([^{}]*)\}(.*)$", path)
    if not found:
        return [path]
    return [p for name in found.group(2).split(",") for p in spelled(found.group(1) + name.strip() + found.group(3))]


def named(text):
    """Each path that a document names in backticks, with its line."""
    fenced = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            fenced = not fenced
        if not fenced:
            for word in re.findall(r"`([^`\s]+)`", line):
                if ENDINGS.search(word) and not re.search(r"[<>$:|=()]|^[/~-]|^\.\.\.", word):
                    yield number, word


def main(root):
    files, folders = tree(root)
    errors = total = 0
    for document in sorted(f for f in files if f.endswith(".md")):
        with open(os.path.join(root, document), encoding="utf-8") as file:
            text = file.read()
        beside = os.path.dirname(document)
        for number, word in named(text):
            for path in spelled(word):
                if any(fnmatch.fnmatch(path, known) for known in ELSEWHERE.get(document, [])):
                    continue
                total += 1
                # From the document's own folder, from ROOT or from any folder of it.
                ends = [os.path.normpath(os.path.join(beside, path)), path.removeprefix("./")]
                where = [f.rstrip("/") for f in (folders if path.endswith("/") else files)]
                ends = [e.rstrip("/") for e in ends]
                if not any(fnmatch.fnmatch("/" + f, "*/" + e) for f in where for e in ends):
                    errors += 1
                    print(f"FAILED: {document}:{number} names {path}, which does not exist")
        for link in re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", text):
            total += 1
            if not os.path.exists(os.path.join(root, beside, link)):
                errors += 1
                print(f"FAILED: {document} links to {link}, which does not exist")
    print(f"{total} paths are named")
    return errors


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1]), 1))
