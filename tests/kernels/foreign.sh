# The images of another architecture: the functions of common.sh that make an image, with programs that tests/arch/cross.sh builds. The shell and its
# tools, and the libraries, are those of Debian's unstable release, as the cross build's are.

# Unlike this machine's, all libraries are in the image already.
add() {
	install -D -m 755 "$1" "$root$2"
}

rust() {
	local name=$1 package=$2 built
	shift 2
	built=$(cross cargo test --no-run -p "$package" "$@" 2>&1) || { echo "$built"; return 1; }
	built=$(sed -nE 's/^ *Executable .* \((.*)\)$/\1/p' <<<"$built")
	cross "$gnu-strip" -o "$cross/$name" "$built" && add "$cross/$name" "/tests/$name"
}

empty_image() {
	local dir
	if [ ! -e "$cross/base.ready" ]; then
		sed -E "s/arch=[a-z0-9,]+/arch=$debian/" "$cross/sid.list" >"$cross/base.list"
		unstable "$cross/base" "$cross/base.list" --variant=extract --architectures="$debian" \
			--include=busybox-static,bash,dash,coreutils,util-linux,mount,libelf1t64,zlib1g,libstdc++6,libgcc-s1 || return 1
		rm -rf "$cross/base/usr/share" "$cross/base/var" "$cross/base/etc/apt"
		for dir in bin sbin lib lib64; do
			[ -e "$cross/base/$dir" ] || [ ! -e "$cross/base/usr/$dir" ] || ln -s "usr/$dir" "$cross/base/$dir"
		done
		touch "$cross/base.ready"
	fi
	rm -rf "$root"
	cp -a "$cross/base" "$root"
	mkdir -p "$root"/{dev,etc,proc,sys,tests,tmp}
	echo none >"$root/etc/debian_version"
}
