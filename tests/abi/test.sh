#!/usr/bin/env bash
# The C ABI of the libraries installed in PREFIX against the one to keep, in lib*.abi beside this file: test.sh PREFIX. Additions
# are told of, anything else fails. `accept.sh PREFIX` takes a change.
set -u
here=$(cd "$(dirname "$0")" && pwd)
for tool in abidw abidiff gcc; do
	command -v $tool >/dev/null || { echo "SKIPPED: no $tool, of the packages abigail-tools and gcc"; exit 0; }
done
[ "$(uname -m)" = x86_64 ] || { echo "SKIPPED: the ABI to compare with is that of x86_64"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bash "$here/dump.sh" "$1" "$work" || { echo "0 passed, 1 failed"; exit 1; }
passed=0 failed=0
for name in libscap libsinsp; do
	if abidiff --no-added-syms "$here/$name.abi" "$work/$name.abi"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name has another ABI than $name.abi says"
	fi
	added=$(abidiff "$here/$name.abi" "$work/$name.abi" | grep -c "^ *\[A\]")
	[ "$added" = 0 ] || echo "$name: $added additions, which tests/abi/accept.sh takes"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
