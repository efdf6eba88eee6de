#!/usr/bin/env bash
# Writes the source tarball of the committed state, with the sources of all crates: dist.sh [DIR], target/dist without one. A build from it needs no
# network. Two runs on the same commit make the same bytes: names are sorted, owners are numbers, all times are SOURCE_DATE_EPOCH or the commit's.
# Prints the file's path last.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-$PWD/target/dist}
mkdir -p "$out"
out=$(cd "$out" && pwd)
git rev-parse -q --verify HEAD >/dev/null || { echo "dist: the source tarball is made of a commit, in a checkout of git" >&2; exit 1; }
version=$(git show HEAD:Cargo.toml | sed -nE 's/^version = "(.*)"$/\1/p' | head -n 1)
name=falcosecurity-rs-$version
git diff --quiet HEAD || echo "dist: changes that are not committed are left out" >&2
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export LC_ALL=C

work=$(mktemp -d -p "$out")
trap 'rm -rf "$work"' EXIT
tree=$work/$name
mkdir "$tree"
git archive HEAD | tar -x -C "$tree"
# cargo checks the files in vendor/ against their checksums, and these against Cargo.lock.
(cd "$tree" && cargo vendor --quiet --locked vendor >/dev/null)
mkdir -p "$tree/.cargo"
cat >"$tree/.cargo/config.toml" <<'TOML'
[source.crates-io]
replace-with = "vendored-sources"

[source.vendored-sources]
directory = "vendor"
TOML
tar -c -C "$work" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" "$name" |
	xz -T1 -6 >"$work/$name.tar.xz"
mv "$work/$name.tar.xz" "$out/"
(cd "$out" && sha256sum "$name.tar.xz")
echo "$out/$name.tar.xz"
