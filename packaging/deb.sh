#!/usr/bin/env bash
# Builds the Debian packages: deb.sh TARBALL SUITE..., where TARBALL is that of dist.sh. Each is built in a root of its own suite, without a network, and
# checked there by lintian. The packages are in target/packages/SUITE, and the log in build.log there. Prints what was made.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/root.sh
as_root packaging/deb.sh "$@"
tarball=$1
shift
version=$(basename "$tarball" .tar.xz)
version=${version##*-}

build() {
	local suite=$1 out=target/packages/$1 root=$PWD/target/packages/roots/$1-build name=falcosecurity-rs-$version tree release
	mkdir -p "$out"
	# The packages of a suite change, if seldom.
	[ -n "$(find "$root.list" -mtime -14 2>/dev/null)" ] && [ -d "$root" ] || make_root "$suite" "$root" build-essential lintian
	rm -rf "$root/build"
	mkdir "$root/build"
	cp "$tarball" "$root/build/falcosecurity-rs_$version.orig.tar.xz"
	tar -xf "$tarball" -C "$root/build"
	tree=$root/build/$name
	# Packages of a later suite have a later version.
	release=$(. "$root/etc/os-release" && echo "${VERSION_ID:-0}")
	{
		echo "falcosecurity-rs ($(sed -nE '1s/.*\((.*)\).*/\1/p' "$tree/debian/changelog")~deb$release) $suite; urgency=medium"
		printf '\n  * Built for %s.\n\n' "$suite"
		# An entry is later than the one before.
		sed -n '/^ -- /{s/>  .*/>/p;q}' "$tree/debian/changelog" | tr -d '\n'
		echo "  $(LC_ALL=C date -R -u -d "$(sed -n '/^ -- /{s/.*>  //p;q}' "$tree/debian/changelog") 1 second")"
		echo
		cat "$tree/debian/changelog"
	} >"$root/build/changelog"
	mv "$root/build/changelog" "$tree/debian/changelog"
	inside "$root" sh -c "apt-get update -qq && apt-get build-dep -y -qq --no-install-recommends /build/$name" >"$out/build-dep.log" 2>&1 ||
		{ tail -n 20 "$out/build-dep.log"; fail "$suite: what the build needs cannot be installed"; }
	inside --offline "$root" sh -c "cd /build/$name && dpkg-buildpackage -us -uc" >"$out/build.log" 2>&1 ||
		{ tail -n 40 "$out/build.log"; fail "$suite: the build failed; the log is $out/build.log"; }
	rm -f "$out"/*.deb "$out"/*.dsc "$out"/*.changes "$out"/*.buildinfo "$out"/*.tar.xz
	find "$root/build" -maxdepth 1 -type f -exec cp {} "$out/" \;
	inside --offline "$root" sh -c "cd /build && lintian --allow-root --color never --fail-on error,warning --tag-display-limit 0 ./*.changes" >"$out/lintian.log" 2>&1 ||
		{ grep -E '^[EW]:' "$out/lintian.log"; fail "$suite: lintian has errors or warnings that no override explains; $out/lintian.log"; }
	rm -rf "$root/build"
	[ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$out"
	ls "$out"/*.deb
}

for suite; do
	build "$suite"
done
