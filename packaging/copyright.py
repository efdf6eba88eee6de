#!/usr/bin/env python3
"""Brings the crates in debian/copyright up to date: one paragraph for each crate that `cargo metadata` names. All other paragraphs are written by hand.
With --check it changes nothing, needs no cargo, and compares the names with Cargo.lock."""
import json
import re
import subprocess
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
file = root / "debian/copyright"

# Where a crate leaves the choice, those whose text is in the file or on every Debian system.
CHOSEN = {
    "Apache-2.0": "Apache-2.0",
    "MIT": "Expat",
    "MIT-0": "MIT-0",
    "BSD-2-Clause": "BSD-2-Clause",
    "ISC": "ISC",
    "MPL-2.0": "MPL-2.0",
    "Unicode-3.0": "Unicode-3.0",
    "Zlib": "Zlib",
}


def paragraphs():
    return re.split(r"\n\n+", file.read_text().strip())


def is_crate(paragraph):
    return re.match(r"Files: vendor/[^/ ]+/\*[ \n]", paragraph)


def licence(expression):
    """The licence of an SPDX expression in Debian's form."""
    parts = []
    for part in re.sub(r"[()]", "", expression).replace("/", " OR ").split(" AND "):
        names = [CHOSEN[name] for name in part.split(" OR ") if name in CHOSEN]
        if not names:
            sys.exit(f"{expression}: name a licence in CHOSEN, and its text in debian/copyright")
        parts.append(" or ".join(sorted(set(names))))
    return ", and ".join(parts)


def crates():
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE).stdout)
    found = {}
    for package in metadata["packages"]:
        if not package["source"]:
            continue
        authors = [re.sub(r" *<.*", "", author) for author in package["authors"]] or [f"the authors of {package['name']}"]
        versions = found.setdefault(package["name"], (authors, package["license"], package["repository"], []))[3]
        versions.append(package["version"])
    for name, (authors, expression, repository, versions) in sorted(found.items()):
        # cargo's name of the folder of another version than the newest has the version.
        versions.sort(key=lambda version: [int(n) for n in re.findall(r"\d+", version)])
        files = [f"vendor/{name}/*"] + [f"vendor/{name}-{version}/*" for version in versions[:-1]]
        text = f"Files: {' '.join(files)}\nCopyright: " + "\n           ".join(authors) + f"\nLicense: {licence(expression)}"
        yield text + (f"\nComment: {repository}" if repository else "")


def check():
    """Whether the crates are those of Cargo.lock."""
    locked = set(re.findall(r'^name = "([^"]*)"\nversion = "[^"]*"\nsource = ', (root / "Cargo.lock").read_text(), re.M))
    named = {re.match(r"Files: vendor/([^/]*)/", p).group(1) for p in paragraphs() if is_crate(p)}
    for name in sorted(locked ^ named):
        print(f"{name} is in {'Cargo.lock' if name in locked else 'debian/copyright'} alone: packaging/copyright.py")
    return locked == named


def main():
    if sys.argv[1:] == ["--check"]:
        sys.exit(not check())
    old = [p for p in paragraphs() if not is_crate(p)]
    # A later paragraph is the one that counts: those of folders within a crate come after the crates.
    first = next((i for i, p in enumerate(old) if p.startswith("Files: vendor/")), None)
    if first is None:
        first = next(i for i, p in enumerate(old) if p.startswith("License: "))
    file.write_text("\n\n".join(old[:first] + list(crates()) + old[first:]) + "\n")


main()
