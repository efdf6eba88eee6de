#!/usr/bin/env bash
# docs/compatibility.md says what the installed library offers, and all of it is there: test.sh PREFIX
set -eu
cd "$(dirname "$0")/../.."
if ! diff -u docs/compatibility.md <(python3 tests/compat/table.py "$1"); then
	echo "docs/compatibility.md is stale: tests/compat/table.py target/install > docs/compatibility.md"
	echo "0 passed, 1 failed"
	exit 1
fi
# No row may get lost between the list of symbols and what the library exports.
unknown=$(comm -13 <(cut -f3 tests/compat/libscap.tsv | sort) \
	<(bash tests/exported.sh "$1" scap | cut -d' ' -f2 | sort))
if [ -n "$unknown" ]; then
	echo "exported, but of no header of the reference:"
	echo "$unknown"
fi
bash tests/compat/addresses.sh "$1"
echo "2 passed, 0 failed"
