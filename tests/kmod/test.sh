#!/usr/bin/env bash
# Compiles the kernel module against the kernel headers of this Debian release: test.sh PREFIX (which it does not need). Prints a count.
exec bash "$(dirname "$0")/../kernels/kmod.sh" --build
