# Cross builds for other architectures, in a root of Debian's unstable release, which has cross compilers and the standard library of Rust for several.
# tests/arch/run.sh and tests/kernels/run.sh read this file after tests/kernels/common.sh, and call `cross_for ARCH` first.

# cross_for ARCH: sets the names of an architecture. `triple` is Rust's, `debian` that of Debian's packages, `gnu` that of the compilers, and `emulator`
# the command that runs its programs. False for one that is not known.
cross_for() {
	arch=$1
	case $arch in
	aarch64) debian=arm64 gnu=aarch64-linux-gnu ;;
	s390x) debian=s390x gnu=s390x-linux-gnu ;;
	riscv64) debian=riscv64 gnu=riscv64-linux-gnu ;;
	ppc64le) debian=ppc64el gnu=powerpc64le-linux-gnu ;;
	loongarch64) debian=loong64 gnu=loongarch64-linux-gnu ;;
	*) return 1 ;;
	esac
	case $arch in
	riscv64) triple=riscv64gc-unknown-linux-gnu ;;
	ppc64le) triple=powerpc64le-unknown-linux-gnu ;;
	*) triple=$arch-unknown-linux-gnu ;;
	esac
	emulator=qemu-$arch
	# Under CROSS_DIR if that is set: a root needs 2.5 GB.
	cross=${CROSS_DIR:-$PWD/target/arch}/$arch
	mkdir -p "$cross"
}

# unstable FOLDER LIST OPTION...: makes a root of Debian's unstable release by mmdebstrap. Old lists are valid where this system takes them for valid.
unstable() {
	local check_valid_until
	eval "$(apt-config shell check_valid_until Acquire::Check-Valid-Until)"
	rm -rf "$1"
	mmdebstrap --quiet "${@:3}" --aptopt="Acquire::Check-Valid-Until \"${check_valid_until:-true}\"" --aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		sid "$1" "$2"
}

# Makes the root, if there is none.
cross_root() {
	local packages
	[ -e "$cross/root.ready" ] && return 0
	install_missing mmdebstrap:mmdebstrap || return 1
	packages=cargo,rustc,clang,llvm,cmake,make,pkgconf,gcc,g++,libc6-dev,qemu-user
	packages+=,g++-$gnu,libelf-dev:$debian,zlib1g-dev:$debian,libstdc++6:$debian
	grep ' sid main$' "$work/sources.list" | sed -E "s/arch=[a-z0-9,]+/arch=amd64,$debian/" >"$cross/sid.list"
	# shellcheck disable=SC2016
	unstable "$cross/root" "$cross/sid.list" --variant=minbase --architectures="amd64,$debian" --include="$packages" \
		--customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' || return 1
	# The library alone: what its package depends on, LLVM among it, is for the compiler.
	(cd "$cross" && rm -f ./*.deb && apt apt-get download -qq libstd-rust-dev && dpkg-deb -x libstd-rust-dev_*.deb root && rm -f ./*.deb) || return 1
	echo "127.0.0.1 localhost" >"$cross/root/etc/hosts"
	touch "$cross/root.ready"
}

# cross COMMAND...: runs a command in the root, in this checkout, with the environment of a cross build. Cargo has the crates that this
# machine's has fetched.
cross() {
	local name cargo_home=${CARGO_HOME:-$HOME/.cargo}
	name=$(tr 'a-z-' 'A-Z_' <<<"$triple")
	mkdir -p "$cross/cargo" "$cargo_home/registry"
	in_root "$cross/root" "$PWD" "$cross" "$cargo_home/registry" -- env -i -C "$PWD" PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 \
		CARGO_HOME="$cargo_home" CARGO_TARGET_DIR="$cross/cargo" CARGO_NET_OFFLINE=true CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0 CARGO_BUILD_TARGET="$triple" \
		${CARGO_BUILD_JOBS:+"CARGO_BUILD_JOBS=$CARGO_BUILD_JOBS"} "CARGO_TARGET_${name}_LINKER=$gnu-gcc" "CARGO_TARGET_${name}_RUNNER=$emulator" \
		PKG_CONFIG_ALLOW_CROSS=1 PKG_CONFIG_LIBDIR="/usr/lib/$gnu/pkgconfig:/usr/share/pkgconfig" "$@"
}

# Builds and installs the library in $cross/install, with cargo's profile for development, whose crates the tests share.
cross_install() {
	cross cmake -S . -B "$cross/cmake" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_INSTALL_PREFIX="$cross/install" -DCMAKE_INSTALL_LIBDIR=lib \
		-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$arch" -DCMAKE_C_COMPILER="$gnu-gcc" \
		-DFALCOSECURITY_RUST_TARGET="$triple" -DCMAKE_CROSSCOMPILING_EMULATOR="$emulator" \
		-DFALCOSECURITY_CARGO_TARGET_DIR="$cross/cargo" &&
		cross cmake --build "$cross/cmake" && rm -rf "$cross/install" && cross cmake --install "$cross/cmake"
}

# cross_consumer COMPILER SOURCE PROGRAM OPTION...: compiles a program with the installed library.
cross_consumer() {
	# shellcheck disable=SC2016
	cross env PKG_CONFIG_LIBDIR="$cross/install/lib/pkgconfig" sh -c '
		compiler=$1 source=$2 program=$3 lib=$4 && shift 4
		exec $compiler "$@" -o "$program" "$source" $(pkg-config --cflags --libs libsinsp) -lpthread "-Wl,-rpath,$lib"
	' sh "$gnu-$1" "$2" "$3" "$cross/install/lib" "${@:4}"
}
