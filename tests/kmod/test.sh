#!/usr/bin/env bash
# The kernel module without loading it: test.sh PREFIX compiles it against the kernel headers of this Debian release, installs its sources for DKMS from the
# package in PREFIX and from the checkout, and compares what is built from both. Prints a count. It uses the settings BUILD_DRIVER, ENABLE_DKMS,
# DRIVER_PACKAGE_NAME, DRIVER_COMPONENT_NAME, DRIVER_KMOD_COMPONENT_NAME, and looks for the parameters g_buffer_bytes_dim, max_consumers, verbose.
. "$(dirname "$0")/../common.sh"
root=$(cd "$here/../.." && pwd)
counted "the module compiles" bash "$here/../kernels/kmod.sh" --build

# sources FORM DIR OPTION...: installs the sources of a driver folder below $work/FORM, the component of DRIVER_KMOD_COMPONENT_NAME.
sources() {
	local form=$1 dir=$2
	shift 2
	cmake -S "$dir" -B "$work/$form.build" -DBUILD_DRIVER=OFF -DDRIVER_NAME=my-probe -DDRIVER_DEVICE_NAME=mine -DDRIVER_PACKAGE_NAME=my-sources \
		-DDRIVER_VERSION=1.2.3+driver -DDRIVER_COMPONENT_NAME=other -DDRIVER_KMOD_COMPONENT_NAME=my-driver -DGIT_COMMIT=abc "$@" &&
		cmake --build "$work/$form.build" && cmake --install "$work/$form.build" --component my-driver --prefix "$work/$form"
}
without_dkms() { sources none "$prefix/share/falcosecurity-libs/driver" -DENABLE_DKMS=OFF && [ ! -e "$work/none" ]; }
named() {
	local dir=$1/src/my-sources-1.2.3+driver
	[ "$(find "$1" -maxdepth 2 -mindepth 2)" = "$dir" ] || { find "$1"; return 1; }
	! grep -rE '@[A-Z_]+@' "$dir" && grep -q '^PACKAGE_NAME="my-sources"' "$dir/dkms.conf" && grep -q 'DRIVER_DEVICE_NAME "mine"' "$dir/driver_config.h" &&
		grep -q '^#options my-probe ' "$dir/modprobe.conf" && [ -e "$dir/configure/SANITY.c" ] && [ ! -e "$dir/CMakeCache.txt" ]
}
check "the package installs the module's sources" sources package "$prefix/share/falcosecurity-libs/driver"
check "the package's sources have their names" named "$work/package"
check "nothing is installed without ENABLE_DKMS" without_dkms
check "the checkout installs the module's sources" sources checkout "$root/driver" -DFALCOSECURITY_CARGO_TARGET_DIR="$root/target"
check "both have the same sources" diff -r "$work/package" "$work/checkout"

# The module is the same wherever it is built, but for the debugging information of what kbuild adds, of which the id is a hash.
headers=$(find "$root"/target/kmod/*/root/usr/src -maxdepth 1 -name 'linux-headers-*-cloud-amd64' 2>/dev/null | head -n 1)
same_module() {
	local form parameter
	for form in package checkout; do
		make -C "$work/$form/src/my-sources-1.2.3+driver" KERNELDIR="$headers" CC="${CC:-gcc}" &&
			strip -g -R .note.gnu.build-id "$work/$form/src/my-sources-1.2.3+driver/my-probe.ko" || return 1
	done
	for parameter in g_buffer_bytes_dim:ulong max_consumers:uint verbose:bool; do
		grep -aq "parmtype=$parameter" "$work/package/src/my-sources-1.2.3+driver/my-probe.ko" || { echo "no parameter $parameter"; return 1; }
	done
	cmp "$work"/{package,checkout}/src/my-sources-1.2.3+driver/my-probe.ko
}
[ -z "$headers" ] || check "two builds of the module are equal" same_module
finish
