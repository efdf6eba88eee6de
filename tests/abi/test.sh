#!/usr/bin/env bash
# Compares the C ABI of the shared library installed in PREFIX with lib*.abi in this folder, one per API: test.sh PREFIX. Additions are printed;
# everything else, including another soname, fails. `accept.sh PREFIX` accepts a change. The rules are in docs/abi.md.
. "$(dirname "$0")/../common.sh"
for tool in abidw abidiff gcc; do
	command -v $tool >/dev/null || { skip "no $tool, of the packages abigail-tools and gcc"; finish; }
done
[ "$(uname -m)" = x86_64 ] || { skip "the ABI to compare with is that of x86_64"; finish; }
check "the ABI can be described" bash "$here/dump.sh" "$prefix" "$work"
for name in libscap libsinsp; do
	check "$name has another ABI than $name.abi says" abidiff --no-added-syms "$here/$name.abi" "$work/$name.abi"
	added=$(abidiff "$here/$name.abi" "$work/$name.abi" | grep -c "^ *\[A\]")
	[ "$added" = 0 ] || echo "$name: $added additions; tests/abi/accept.sh accepts them"
done
finish
