#!/usr/bin/env bash
# The descriptions of the packages agree with the sources, without a build: test.sh PREFIX. The packages themselves are built and tested by
# `./dev package`.
. "$(dirname "$0")/../common.sh"
root=$(cd "$here/../.." && pwd)
cd "$root" || exit 2
version=$(sed -nE 's/^version = "(.*)"$/\1/p' Cargo.toml | head -n 1)
abi=${version%%.*}

# Every description has the version of Cargo.toml.
same_version() {
	local found
	found=$(eval "$2")
	[ "$found" = "$version" ] || { echo "$1 has $found, Cargo.toml $version"; return 1; }
}
check "debian/changelog" same_version debian/changelog "sed -nE '1s/.*\((.*)-[0-9]+\).*/\1/p' debian/changelog"
check "the spec" same_version packaging/falcosecurity-rs.spec "sed -nE 's/^Version: *//p' packaging/falcosecurity-rs.spec"
check "PKGBUILD" same_version packaging/arch/PKGBUILD "bash -c '. packaging/arch/PKGBUILD && echo \$pkgver'"
check "APKBUILD" same_version packaging/alpine/APKBUILD "bash -c '. packaging/alpine/APKBUILD && echo \$pkgver'"
check "the installed library" same_version "$prefix" "basename \"\$(readlink -f '$prefix/lib/libscap.so')\" | sed 's/.*\.so\.//'"
check "CHANGELOG.md" grep -qE "^## ($version|Unreleased)" CHANGELOG.md

reference() { grep -q "REFERENCE_VERSION: &CStr = c\"$(sed -nE 's/^project\(falcosecurity-libs VERSION ([0-9.]+) .*/\1/p' CMakeLists.txt)\";" capi/common/src/version.rs; }
check "the version of the reference" reference

# The names of the packages are those of the soname.
names() {
	[ "$(readelf -d "$prefix/lib/libscap.so" | sed -nE 's/.*SONAME.*\[(.*)\]$/\1/p')" = "libfalcosecurity-rs.so.$abi" ] &&
		grep -qx "Package: libfalcosecurity-rs$abi" debian/control && grep -qx "%global abi $abi" packaging/falcosecurity-rs.spec
}
check "names after the soname" names

# debian/*.symbols has each symbol of the library with the version of its release.
symbols() {
	nm -D --defined-only "$prefix/lib/libscap.so" | awk '{ print $3 }' | sed -E 's/^(FALCOSECURITY_RS_[0-9.]+)$/\1@@\1/; s/@@?(.*_)([0-9.]+)$/@\1\2 \2.0/' |
		LC_ALL=C sort -u >"$work/exports"
	sed -n 's/^ //p' "debian/libfalcosecurity-rs$abi.symbols" | LC_ALL=C sort | diff - "$work/exports"
}
check "the symbols of the Debian package" symbols

check "the crates in debian/copyright" python3 packaging/copyright.py --check
# Each licence that a paragraph names has its text.
licences() {
	local name
	sed -nE 's/^License: //p' debian/copyright | sed -E 's/,? (or|and) /\n/g' | sort -u | while read -r name; do
		awk -v name="$name" 'BEGIN { RS = ""; rc = 1 } $0 ~ "^License: " && $2 == name && NF > 2 { rc = 0 } END { exit rc }' debian/copyright || { echo "no text of $name"; exit 1; }
	done
}
check "the texts of licences" licences

if command -v dpkg-parsechangelog >/dev/null; then
	control() {
		local file
		perl -MDpkg::Control::Info -MDpkg::Deps -e '
			my $control = Dpkg::Control::Info->new("debian/control");
			my @all = ($control->get_source(), $control->get_packages());
			for my $paragraph (@all) {
				for my $field (grep { /Depends|Conflicts|Suggests/ } keys %$paragraph) {
					my $text = $paragraph->{$field};
					$text =~ s/\$\{[^}]*:(?:Version|Depends|Pre-Depends)\}/x/g;
					defined deps_parse($text, build_dep => 1) or die "$field: $text\n";
				}
			}
			print scalar(@all), "\n";' && [ "$(dpkg-parsechangelog -l debian/changelog -S Source)" = falcosecurity-rs ] || return 1
		# A file for a package that does not exist is ignored by debhelper.
		for file in debian/*.install debian/*.manpages debian/*.symbols debian/*.lintian-overrides debian/*.doc-base; do
			[ -e "$file" ] || continue
			file=$(basename "$file")
			grep -qx "Package: ${file%.*}" debian/control || { echo "debian/$file is of no package"; return 1; }
		done
	}
	check "debian/control" control
fi
if command -v rpmspec >/dev/null; then
	check "the spec can be read" rpmspec -q packaging/falcosecurity-rs.spec
fi
for script in packaging/*.sh packaging/arch/PKGBUILD packaging/alpine/APKBUILD; do
	check "$script" bash -n "$script"
done
finish
