#!/usr/bin/env bash
# Builds the RPM packages: rpm.sh TARBALL, where TARBALL is that of dist.sh, with this system's rpmbuild; checks them by rpmlint; and installs
# them below a folder of their own, where programs of C and C++ are built with them and run. The packages are in target/packages/rpm.
# On a system without a database of RPM packages, such as Debian, what the build needs is that of ./dev setup.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/root.sh
tarball=$1 out=$PWD/target/packages/rpm
need rpmbuild:rpm rpmlint:rpmlint
top=$out/build
rm -rf "$out"
mkdir -p "$top/SOURCES"
cp "$tarball" "$top/SOURCES/"
options=(--define "_topdir $top")
# Packages of Debian do not satisfy the dependencies of RPM's.
[ -n "$(rpm -qa 2>/dev/null | head -n 1)" ] || options+=(--nodeps --define "_lib lib64" --define "_libdir %{_prefix}/lib64" --define "_mandir %{_datadir}/man")
rpmbuild "${options[@]}" -ba packaging/falcosecurity-rs.spec >"$out/build.log" 2>&1 || { tail -n 40 "$out/build.log"; fail "the build failed; the log is $out/build.log"; }
find "$top/RPMS" "$top/SRPMS" -name '*.rpm' -exec mv {} "$out/" \;
rm -rf "$top"
rpmlint -c packaging/rpmlint.toml "$out"/*.rpm packaging/falcosecurity-rs.spec >"$out/rpmlint.log" 2>&1 || { cat "$out/rpmlint.log"; fail "rpmlint has errors"; }

# Installed below a folder, with a database of its own; the scriptlets need a system there.
root=$out/root
mkdir -p "$root"
rpm --root "$root" --dbpath /var/lib/rpm --nodeps --noscripts --ignorearch -i "$out"/falcosecurity-rs-{libs,devel,static,tools}-*.rpm
lib=$root$(rpm --root "$root" --dbpath /var/lib/rpm -ql falcosecurity-rs-libs | sed -n 's#/libfalcosecurity-rs\.so\.[0-9]*$##p')
for static in OFF ON; do
	cmake -S tests/install -B "$out/consumers-$static" -DCMAKE_PREFIX_PATH="$lib/cmake" -Dlibsinsp_STATIC=$static -Dlibscap_STATIC=$static \
		-DORDER="libscap::scap;libsinsp::sinsp" >"$out/consumers.log"
	cmake --build "$out/consumers-$static" >>"$out/consumers.log"
	[ "$("$out/consumers-$static/consumer_c")" = ok ] && [ "$("$out/consumers-$static/consumer_cpp")" = ok ] || fail "a program does not run with the packages"
	rm -rf "$out/consumers-$static"
done
# shellcheck disable=SC2046
cc -std=c11 -o "$out/consumer" tests/install/consumer.c $(PKG_CONFIG_PATH=$lib/pkgconfig pkg-config --cflags --libs libscap libsinsp) -Wl,-rpath,"$lib"
[ "$("$out/consumer")" = ok ] || fail "a program that pkg-config linked does not run with the packages"
LD_LIBRARY_PATH=$lib "$root/usr/bin/scap-open" -q -r tests/captures/workload.scap.gz
rm -rf "$root" "$out/consumer" "$out/consumers.log"
ls "$out"/*.rpm
