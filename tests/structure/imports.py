#!/usr/bin/env python3
"""Which files of a tree import each other: imports.py ROOT.

Rust files import by the paths that they write (`crate::`, `super::`, `self::`, the name of a crate of the tree), C and C++ files by
`#include`. Two things are errors, each of which is printed: a circle, that is, files that lead to one another by imports, and an import
against the order of LAYERS. What belongs to tests is left out: folders and files of that name, and modules behind `#[cfg(test)]`.

The files are read as text, so that a macro that writes a path is not seen. A `mod` line and a `pub use` of a child are no imports: a
parent names its children, which only makes a circle if a child imports from the parent what the parent imports from a child.
"""

import os
import re
import sys

# Each may import from those before it.
LAYERS = ["driver", "scap-sys", "sinsp-core", "capi", "include"]
# A folder, and the crates that no file in it may import from: it uses the layer between.
NOT_DIRECTLY = {"capi/sinsp": ["scap_sys"]}
SKIPPED = re.compile(r"(^|/)(target|\.git|tests?|benches|examples|fuzz)/|(^|/|_)tests?\.rs$")


def files_of(root):
    for folder, folders, names in os.walk(root):
        at = os.path.relpath(folder, root)
        prefix = "" if at == "." else at + "/"
        folders[:] = sorted(f for f in folders if not SKIPPED.search(prefix + f + "/"))
        yield from (prefix + name for name in sorted(names) if not SKIPPED.search(prefix + name))


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def without_tests(text):
    """Rust without comments, and without the modules behind `#[cfg(test)]`, which end at a brace in the first column."""
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r"^#\[cfg\(test\)\]\n(pub(\(\w+\))? )?mod \w+ \{\n.*?^\}", "", text, flags=re.S | re.M)


def leaves(path):
    """`a::{b, c::{d, e}}` as the paths that it stands for."""
    found = re.match(r"([^{]*)\{(.*)\}$", path, re.S)
    if not found:
        return [path]
    paths, depth, current = [], 0, ""
    for char in found.group(2) + ",":
        if char == "," and depth == 0:
            if current:
                paths += [found.group(1) + leaf for leaf in leaves(current)]
            current = ""
        else:
            depth += (char == "{") - (char == "}")
            current += char
    return paths


class Rust:
    """The Rust files of a tree by crate and module."""

    def __init__(self, root, files):
        self.root = root
        self.names = {}
        for path in files:
            if os.path.basename(path) == "Cargo.toml":
                text = read(root, path)
                for section in ("lib", "package"):
                    named = re.search(r'^\[%s\]$[^\[]*?^name = "([^"]+)"' % section, text, re.M)
                    if named:
                        self.names[named.group(1).replace("-", "_")] = os.path.dirname(path)
                        break
        self.modules = {}
        for path in files:
            for crate in self.names.values():
                source = os.path.join(crate, "src") + "/"
                if path.endswith(".rs") and path.startswith(source):
                    parts = path[len(source) : -3].split("/")
                    if parts[-1] in ("mod", "lib", "main"):
                        parts.pop()
                    self.modules[crate, tuple(parts)] = path

    def imports(self):
        """Pairs of files, the importing one first."""
        for (crate, here), path in self.modules.items():
            for written in self.paths(without_tests(read(self.root, path))):
                target = self.resolve(crate, here, written.split("::"))
                if target and target != path:
                    yield path, target

    def paths(self, text):
        for used in re.findall(r"\buse\s+([^;]+);", text):
            used = re.sub(r"\s+", "", re.sub(r"\s+as\s+\w+", "", used))
            yield from leaves(used)
        starts = "|".join(["crate", "super", "self", *sorted(self.names)])
        yield from re.findall(r"(?<![\w:])((?:%s)(?:::\w+)+)" % starts, text)

    def resolve(self, crate, here, parts):
        first, rest = parts[0], parts[1:]
        if first == "crate":
            base = ()
        elif first == "self":
            base = here
        elif first == "super":
            base = here[:-1]
            while rest and rest[0] == "super":
                base, rest = base[:-1], rest[1:]
        elif first in self.names:
            crate, base = self.names[first], ()
        else:
            return None
        wanted = base + tuple(rest)
        for n in range(len(wanted), -1, -1):
            if (crate, wanted[:n]) in self.modules:
                return self.modules[crate, wanted[:n]]
        return None


def includes(root, files):
    """Pairs of C or C++ files, the including one first."""
    sources = [path for path in files if re.search(r"\.(h|hpp|c|cpp)$", path)]
    for path in sources:
        for name in re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', read(root, path), re.M):
            beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
            target = beside if beside in sources else next((s for s in sources if ("/" + s).endswith("/" + name)), None)
            if target and target != path:
                yield path, target


def circles(edges):
    """The strongly connected components of more than one file, by Tarjan's algorithm."""
    index, low, stack, found = {}, {}, [], []
    for start in sorted(edges):
        work = [] if start in index else [(start, None)]
        while work:
            node, targets = work.pop()
            if targets is None:
                index[node] = low[node] = len(index)
                stack.append(node)
                targets = iter(sorted(edges.get(node, ())))
            for target in targets:
                if target not in index:
                    work += [(node, targets), (target, None)]
                    break
                if target in stack:
                    low[node] = min(low[node], low[target])
            else:
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    at = stack.index(node)
                    if len(stack) - at > 1:
                        found.append(sorted(stack[at:]))
                    del stack[at:]
    return found


def layer(path):
    return next((n for n, name in enumerate(LAYERS) if path.startswith(name + "/")), None)


def main(root):
    files = list(files_of(root))
    rust = Rust(root, files)
    edges = {}
    for path, target in [*rust.imports(), *includes(root, files)]:
        edges.setdefault(path, set()).add(target)
    errors = 0
    for circle in circles(edges):
        errors += 1
        print(f"FAILED: a circle of {len(circle)} files:")
        for path in circle:
            for target in sorted(edges[path] & set(circle)):
                print(f"    {path} imports {target}")
    for path, target in sorted((p, t) for p in edges for t in edges[p]):
        below, above = layer(path), layer(target)
        direct = any(
            path.startswith(folder + "/") and target.startswith(rust.names.get(crate, crate) + "/")
            for folder, crates in NOT_DIRECTLY.items()
            for crate in crates
        )
        # C that the library compiles includes the generated headers, as a program does.
        upward = path.endswith(".rs") and None not in (below, above) and below < above
        if direct or upward:
            errors += 1
            print(f"FAILED: {path} imports {target}, " + ("past the layer between" if direct else "a layer above it"))
    print(f"{len(edges)} files import others, {sum(map(len, edges.values()))} imports")
    return errors


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1]), 1))
