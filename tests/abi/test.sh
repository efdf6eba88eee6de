#!/usr/bin/env bash
# The C ABI of the shared library installed in PREFIX against the one to keep, in lib*.abi beside this file, one for each API: test.sh
# PREFIX. Additions are told of, anything else fails, another soname too. `accept.sh PREFIX` takes a change. docs/abi.md has the rules.
. "$(dirname "$0")/../common.sh"
for tool in abidw abidiff gcc; do
	command -v $tool >/dev/null || { skip "no $tool, of the packages abigail-tools and gcc"; finish; }
done
[ "$(uname -m)" = x86_64 ] || { skip "the ABI to compare with is that of x86_64"; finish; }
check "the ABI can be described" bash "$here/dump.sh" "$prefix" "$work"
for name in libscap libsinsp; do
	check "$name has another ABI than $name.abi says" abidiff --no-added-syms "$here/$name.abi" "$work/$name.abi"
	added=$(abidiff "$here/$name.abi" "$work/$name.abi" | grep -c "^ *\[A\]")
	[ "$added" = 0 ] || echo "$name: $added additions, which tests/abi/accept.sh takes"
done
finish
