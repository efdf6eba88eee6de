#!/usr/bin/env bash
# The commands of the documents, run as a reader would, against the installed PREFIX: test.sh PREFIX. PREFIX, CAPTURE and FILE in them stand for the
# prefix and a capture file. Prints failures and a count.
. "$(dirname "$0")/../common.sh"
root=$(cd "$here/../.." && pwd)

# What is not run here: the command, and the file that runs it, or why nothing does.
declare -A elsewhere=(
	['./dev demo']=tests/demo/test.sh
	['./dev test']=tests/run.sh
	['./dev setup']=dev
	['./dev build']=dev
	['./dev build && bash tests/cpp/test.sh target/install']=tests/run.sh
	['.ci/run']=.ci/run
	['cmake -B build && cmake --build build && cmake --install build --prefix PREFIX']=tests/sourcetree/test.sh
	['cmake --build build --target uninstall']=tests/sourcetree/test.sh
	['./dev package deb bookworm']='it takes minutes'
	['./dev package rpm']='it takes minutes'
	['./dev arch aarch64']='it takes minutes'
	['./dev arch riscv64 check']='it takes minutes'
	['./dev kernels aarch64 6.1']='it takes minutes'
	['cmake -B build -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DFALCOSECURITY_RUST_TARGET=aarch64-unknown-linux-gnu -DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64']='it needs a cross compiler'
	['cargo test -p sinsp-core filter::parser']=tests/run.sh
	['cargo run -p driver --example module -- DIR DRIVER_NAME=scap && make -C DIR']=tests/kmod/test.sh
	['python3 tests/compat/names.py TREE/include/falcosecurity libsinsp -ITREE/include > tests/compat/libsinsp.tsv']='it needs a tree of the reference'
	['docker run --cap-add BPF --cap-add PERFMON --cap-add SYS_PTRACE -v /proc:/host/proc:ro -v /etc:/host/etc:ro -e HOST_ROOT=/host IMAGE']='it needs Docker'
	['cmake -S falco -B build -DUSE_BUNDLED_DEPS=OFF -DBUILD_DRIVER=OFF -DFALCOSECURITY_LIBS_SOURCE_DIR="$LIBS" -DDRIVER_SOURCE_DIR="$LIBS/driver"']='it needs the sources of Falco'
	['cmake --build build --target falco']='it needs the sources of Falco'
	['sudo build/userspace/falco/falco -c build/falco.yaml -r falco_rules.yaml']='it needs Falco'
	# Text in the same form: a row of a table.
	['event 7 SYSCALL_READ_X read IO_READ,SYSCALL USES_FD,READS_FROM_FD,CONVERTER_MANAGED']=driver/README.md
)

# The indented lines of a document, without comments.
commands_of() {
	awk '/^```/ { fenced = !fenced; next } /^    [^ ]/ && !fenced { sub(/^    /, ""); sub(/ +# .*/, ""); print }' "$1"
}

# run COMMAND FOLDER: in the folder, whose programs are in the PATH; a live capture ends after some seconds by Ctrl-C.
run() {
	local command=$1 live=
	case $command in
	sinsp-example | "sinsp-example 'evt.type"* | *" -w FILE"* | *--modern_bpf*) live="timeout -s INT 8" ;;
	esac
	command=$(sed -E "s|-w FILE|-w $work/written.scap.gz|; s|\\bPREFIX\\b|$prefix|g; s/\\b(CAPTURE|FILE)\\b/${capture//\//\\/}/g" <<<"$command")
	(
		cd "$2" || exit
		# What `export` lines set holds for the lines after them.
		[ -z "${command##export *}" ] && { echo "$command" >>"$work/exports"; exit; }
		PATH=$2:$2/build:$PATH
		# shellcheck source=/dev/null
		[ ! -e "$work/exports" ] || . "$work/exports"
		LD_LIBRARY_PATH=$prefix/lib
		export LD_LIBRARY_PATH
		echo "\$ $command"
		# shellcheck disable=SC2086
		$live bash -c "$command" >"$work/output" 2>&1
		status=$?
		tail -n 20 "$work/output"
		# 124: timeout ended it.
		[ $status = 0 ] || { [ -n "$live" ] && [ $status = 124 ]; }
	)
}
privileged=$([ "$(id -u)" = 0 ] && [ -e /sys/kernel/btf/vmlinux ] && echo yes)

# document FILE FOLDER: its commands, in order.
document() {
	local command where
	rm -f "$work/exports"
	while IFS= read -r command; do
		where=${elsewhere[$command]:-}
		if [ -n "$where" ]; then
			seen[$command]=1
			case $where in
			*\ *) ;;
			*) check "$1: $where exists" test -e "$root/$where" ;;
			esac
		elif [ -z "$privileged" ] && [[ $command =~ ^sinsp-example$|evt.type\ =\ execve.*-o|-w\ FILE|modern_bpf ]]; then
			skip "$command: no privilege"
		else
			check "$1: $command" run "$command" "$2"
		fi
	done < <(commands_of "$root/$1")
}
declare -A seen=()

# A copy of what the documents speak of; program.cpp is the reader's.
mkdir "$work/checkout"
cp -r "$root/examples" "$root/capi/examples/scap-open" "$work/checkout"
cp "$here/../install/consumer.cpp" "$work/checkout/program.cpp"
# cargo needs the whole checkout.
cat >"$work/checkout/cargo" <<-CARGO
	#!/bin/sh
	cd "$root" && exec "$(command -v cargo)" "\$@"
CARGO
chmod +x "$work/checkout/cargo"

document README.md "$work/checkout"
document docs/using.md "$work/checkout"
document docs/falco.md "$work/checkout"
document docs/platforms.md "$work/checkout"
document CONTRIBUTING.md "$work/checkout"
document driver/README.md "$work/checkout"
document examples/sinsp-example/README.md "$work/checkout/examples/sinsp-example"
document capi/examples/scap-open/README.md "$work/checkout/scap-open"

# The lists above have nothing that no document has; all documents with commands are read.
stale() {
	local command
	for command in "${!elsewhere[@]}"; do
		[ -n "${seen[$command]:-}" ] || { echo "no document has: $command"; return 1; }
	done
	for document in "$root"/*.md "$root"/docs/*.md "$root"/*/README.md "$root"/*/*/README.md "$root"/*/*/*/README.md; do
		[ -e "$document" ] && [[ $document != "$root"/target/* ]] && [ -n "$(commands_of "$document")" ] || continue
		grep -qF "document ${document#"$root"/} " "$0" || { echo "$document is not read"; return 1; }
	done
}
check "the lists are those of the documents" stale
finish
