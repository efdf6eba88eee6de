#!/usr/bin/env bash
# The structure of the sources: no two files import each other, directly or not, no file imports from a layer above it, and every path that a
# document names exists: test.sh PREFIX (PREFIX is not used). The scripts are tested first, on small trees with such errors.
. "$(dirname "$0")/../common.sh"
command -v python3 >/dev/null || { skip "no python3"; finish; }
root=$here/../..

# crate FOLDER NAME: a crate in the tree $tree.
crate() {
	mkdir -p "$tree/$1/src"
	printf '[package]\nname = "%s"\n' "$2" >"$tree/$1/Cargo.toml"
}

# finds PATTERN SCRIPT: SCRIPT fails on $tree with a message that matches PATTERN.
finds() {
	! python3 "$here/$2" "$tree" >"$work/said" 2>&1 && grep -q "$1" "$work/said"
}

tree=$work/tree
crate scap-sys scap-sys
crate sinsp-core sinsp-core
crate capi/sinsp sinsp-capi
echo 'mod a; mod b; mod c; pub use c::C;' >"$tree/sinsp-core/src/lib.rs"
echo 'use crate::b::{self, B}; use scap_sys::Event; // use crate::c::C;' >"$tree/sinsp-core/src/a.rs"
printf 'use super::c::C;\n#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n' >"$tree/sinsp-core/src/b.rs"
echo 'pub struct C;' >"$tree/sinsp-core/src/c.rs"
echo 'pub struct Event;' >"$tree/scap-sys/src/lib.rs"
mkdir -p "$tree/include"
echo '#include "two.h"' >"$tree/include/one.h"
echo '#include <three.h>' >"$tree/include/two.h"
: >"$tree/include/three.h"
check "a tree without circles passes" python3 "$here/imports.py" "$tree"

echo 'fn c() { crate::a::a() }' >"$tree/sinsp-core/src/c.rs"
check "a circle of three Rust files is found" finds "circle of 3 files" imports.py
check "a circle names its imports" finds "sinsp-core/src/c.rs imports sinsp-core/src/a.rs" imports.py
echo 'pub struct C;' >"$tree/sinsp-core/src/c.rs"
echo '  # include "one.h"' >"$tree/include/three.h"
check "a circle of headers is found" finds "include/three.h imports include/one.h" imports.py
: >"$tree/include/three.h"
echo 'use sinsp_core::C;' >"$tree/scap-sys/src/lib.rs"
check "an import from a layer above is found" finds "a layer above" imports.py
echo 'pub struct Event;' >"$tree/scap-sys/src/lib.rs"
echo 'fn e() { scap_sys::Event; }' >"$tree/capi/sinsp/src/lib.rs"
check "an import past a layer is found" finds "past the layer between" imports.py
rm "$tree/capi/sinsp/src/lib.rs"
check "the tree is without circles again" python3 "$here/imports.py" "$tree"

mkdir "$tree/docs"
# shellcheck disable=SC2016
echo 'See `c.rs`, `src/{a,b}.rs`, `sinsp-core/src/`, [one](../include/one.h) and `Vec<u8>`.' >"$tree/docs/good.md"
check "paths that exist pass" python3 "$here/paths.py" "$tree"
# shellcheck disable=SC2016
echo 'See `filter/test.rs`.' >"$tree/docs/bad.md"
check "a path that does not exist is found" finds "docs/bad.md:1 names filter/test.rs" paths.py
echo 'See [it](nothing.md).' >"$tree/docs/bad.md"
check "a link to nothing is found" finds "links to nothing.md" paths.py

check "no circles, no imports from a layer above" python3 "$here/imports.py" "$root"
check "every path that a document names exists" python3 "$here/paths.py" "$root"
finish
