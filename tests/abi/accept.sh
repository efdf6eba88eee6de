#!/usr/bin/env bash
# Takes the C ABI of the shared library installed in PREFIX as the one to keep: accept.sh PREFIX. What it changes belongs in a commit that
# says why; after a release, a change that is not an addition needs another soname (docs/abi.md).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bash "$here/dump.sh" "$1" "$here"
