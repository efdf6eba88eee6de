# Shared by the scripts that work in a root of another Debian suite. The script that reads it has set `work`, a folder for files that stay, and runs as
# root. The system's own lists of packages say which mirror is used; they are not changed.
# shellcheck shell=bash

# fail TEXT: ends the script with a message.
fail() {
	echo "package: $*" >&2
	exit 1
}

# as_root SCRIPT ARGUMENT...: starts the script anew by sudo where this is not root.
as_root() {
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo >/dev/null || fail "roots of Debian suites are made as root: run this as root, or install sudo"
	exec sudo -- "$@"
}

# need COMMAND:PACKAGE...: installs the packages whose commands are missing.
need() {
	local pair missing=()
	for pair; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null || fail "missing programs: ${missing[*]} (packages of Debian)"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || fail "cannot install ${missing[*]}"
}

# sources SUITE: prints the lines of sources.list for a suite, its updates and its security updates.
sources() {
	local repository suites suite keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -e "$keyring" ] || fail "$keyring is missing: roots of Debian suites are made on Debian"
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u | while read -r repository; do
		case $repository in
		*/debian/) suites=("$1" "$1-updates") ;;
		*/debian-security/) suites=("$1-security") ;;
		*) continue ;;
		esac
		for suite in "${suites[@]}"; do
			echo "deb [signed-by=$keyring] $repository $suite main"
		done
	done
}

# make_root SUITE DIR PACKAGE...: makes a root with a minimal system and the packages in it. It has /dev and mounts of its own while `inside` runs.
make_root() {
	local suite=$1 dir=$2 check_valid_until packages
	shift 2
	need mmdebstrap:mmdebstrap
	eval "$(apt-config shell check_valid_until Acquire::Check-Valid-Until)"
	packages=$(IFS=,; echo "$*")
	rm -rf "$dir" "$dir.part"
	mkdir -p "$(dirname "$dir")"
	sources "$suite" >"$dir.list"
	mmdebstrap --quiet --mode=root --variant=minbase ${packages:+--include="$packages"} \
		--aptopt="Acquire::Check-Valid-Until \"${check_valid_until:-true}\"" --aptopt='APT::Install-Recommends "false"' \
		"$suite" "$dir.part" "$dir.list" && mv "$dir.part" "$dir"
}

# inside [--offline] ROOT COMMAND...: runs a command in a root, with mounts that end with it; --offline: without a network.
inside() {
	local options=(--mount --pid --ipc --fork --kill-child)
	[ "$1" != --offline ] || { options+=(--net); shift; }
	local root=$1
	shift
	# shellcheck disable=SC2016
	unshare "${options[@]}" bash -c '
		root=$1
		shift
		mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-}" DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:-}" chroot "$root" "$@"' \
		inside "$root" "$@"
}
