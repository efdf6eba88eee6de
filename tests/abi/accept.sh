#!/usr/bin/env bash
# Makes the C ABI of the shared library installed in PREFIX the reference of the ABI test: accept.sh PREFIX. The commit that contains the change
# gives the reason. After a release, a change other than an addition needs another soname (docs/abi.md).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bash "$here/dump.sh" "$1" "$here"
