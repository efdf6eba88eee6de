# Shared code of the scripts that boot other kernels in QEMU. The script that reads it has set `work`, a folder for files that stay.
here=$PWD/tests/kernels
root=$work/root

skip() {
	echo "SKIPPED: kernels: $*"
	echo "${build_only:-0} passed, 0 failed"
	exit 0
}

# require BUILD_ONLY: checks that the kernels can be fetched and booted, installs what is missing for that, and reads Debian's lists.
require() {
	[ "$(uname -m)" = x86_64 ] || skip "the kernels are those of x86_64"
	command -v apt-get >/dev/null && keyring=$(ls /usr/share/keyrings/debian-archive-keyring.gpg 2>/dev/null) ||
		skip "kernels come as Debian packages, and this is no Debian"
	[ -n "$1" ] || packages
	if [ -z "$(find "$work/sources.list" -mtime -1 2>/dev/null)" ]; then
		mkdir -p "$work/lists" "$work/cache"
		releases >"$work/sources.list"
		# A release that the mirrors no longer have must not stop the others.
		apt apt-get update -qq >"$work/update.log" 2>&1
	fi
}

packages() {
	local machine
	case ${arch:-x86_64} in
	x86_64) machine=qemu-system-x86_64:qemu-system-x86 ;;
	aarch64) machine=qemu-system-aarch64:qemu-system-arm ;;
	s390x) machine=qemu-system-s390x:qemu-system-misc ;;
	esac
	install_missing "$machine" busybox:busybox-static cpio:cpio xz:xz-utils strip:binutils unshare:util-linux \
		>"$work/install.log" 2>&1 || skip "installing packages: $(tail -n 1 "$work/install.log")"
}

# install_missing COMMAND:PACKAGE...: installs the packages whose commands are missing, as root or by sudo.
install_missing() {
	local missing=() pair as_root=()
	for pair; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || { echo "missing packages: ${missing[*]} (install them as root)"; return 1; }
		as_root=(sudo)
	fi
	"${as_root[@]}" apt-get update -qq &&
		DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# Runs apt with lists of Debian's releases; the system's own lists are not changed.
apt() {
	local command=$1
	shift
	"$command" -o APT::Architecture="${debian:-amd64}" -o APT::Architectures="${debian:-amd64}" -o Dir::Etc::SourceList="$work/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none "$@"
}

# Uses the mirror in this machine's lists.
releases() {
	local repository release
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u | while read -r repository; do
		case $repository in
		*/debian/) set -- bullseye bookworm bookworm-backports trixie trixie-backports sid ;;
		*/debian-security/) set -- bullseye-security bookworm-security ;;
		*) continue ;;
		esac
		for release; do
			echo "deb [signed-by=$keyring arch=${debian:-amd64}] $repository $release main"
		done
	done
}

# in_root DIR FOLDER... -- COMMAND...: runs a command in a root in which these folders are at the same place.
in_root() {
	local dir=$1 user=() folders=()
	shift
	[ "$(id -u)" = 0 ] || user=(-r)
	while [ "$1" != -- ]; do
		folders+=("$1")
		mkdir -p "$dir$1"
		shift
	done
	shift
	# shellcheck disable=SC2016
	unshare -m "${user[@]}" sh -c 'dir=$1 && shift
		for folder in /dev /proc /sys; do mount --rbind "$folder" "$dir$folder" || exit; done
		while [ "$1" != -- ]; do mount --bind "$1" "$dir$1" && shift || exit; done
		shift && exec chroot "$dir" "$@"' sh "$dir" "${folders[@]}" -- "$@"
}

# add FILE PLACE: copies a program with its libraries.
add() {
	install -D -m 755 "$1" "$root$2"
	local library
	for library in $(ldd "$1" 2>/dev/null | grep -oE '/[^ ]+'); do
		[ -e "$root$library" ] || install -D -m 755 "$library" "$root$library"
	done
}

# rust NAME PACKAGE TARGET...: compiles a test of a crate and adds it.
rust() {
	local name=$1 package=$2 built
	shift 2
	built=$(cargo test --no-run -p "$package" "$@" 2>&1) || { echo "$built"; return 1; }
	built=$(sed -nE 's/^ *Executable .* \((.*)\)$/\1/p' <<<"$built")
	strip -o "$work/$name" "$built" && add "$work/$name" "/tests/$name"
}

# An image with a shell and its tools, without tests.
empty_image() {
	local program
	rm -rf "$root"
	mkdir -p "$root"/{bin,dev,etc,proc,sys,tests,tmp}
	for program in sh bash cat ls mkdir mktemp mount mv rm sleep true unshare; do
		add "$(readlink -f "$(type -P $program)")" "/bin/$program" || return 1
	done
	cp "$(type -P busybox)" "$root/bin/busybox"
	cp /etc/debian_version "$root/etc/" 2>/dev/null || echo none >"$root/etc/debian_version"
}

# boot KERNEL LOG ARGUMENTS: boots a kernel with the image in $root and writes its console output to LOG, line by line. A machine that runs longer than
# BOOT_SECONDS is ended; then LOG says so last.
boot() {
	(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$work/initrd"
	local machine console
	case ${arch:-x86_64} in
	x86_64) machine=(qemu-system-x86_64 -cpu max) console=ttyS0 ;;
	# Authentication of pointers as it is specified would take most of the emulator's time.
	aarch64) machine=(qemu-system-aarch64 -machine virt -cpu "max,pauth-impdef=on") console=ttyAMA0 ;;
	s390x) machine=(qemu-system-s390x -cpu max) console=ttysclp0 ;;
	esac
	# Emulated timers may be late on a busy machine.
	nice -n 10 timeout "${BOOT_SECONDS:-3600}" "${machine[@]}" -accel "${ACCEL:-tcg,thread=multi}" -smp 2 -m 2G -nodefaults -no-user-config -no-reboot \
		-display none -serial stdio -kernel "$1" -initrd "$work/initrd" \
		-append "console=$console quiet panic=-1 no_timer_check $3" </dev/null 2>&1 | sed -u 's/\r//g' >"$2"
	[ "${PIPESTATUS[0]}" != 124 ] || printf '\nFAILED: the machine ran longer than BOOT_SECONDS, %s\n' "${BOOT_SECONDS:-3600}" >>"$2"
	# QEMU before 8.1 may execute the breakpoint that stood in the kernel's code while it was patched, after it is gone: seldom, as a tracepoint is turned on.
	! grep -aq ' int3: 0000' "$2" || printf '\nFAILED: int3: perhaps a fault of %s, if that is before 8.1; boot again\n' "$("${machine[0]}" --version | head -n 1)" >>"$2"
}
