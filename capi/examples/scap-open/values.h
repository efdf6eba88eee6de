// SPDX-License-Identifier: Apache-2.0
// The values of parameters as text.
#pragma once

#include <stddef.h>

#include <libscap/scap.h>

// The bytes of a parameter, which are unaligned in an event.
struct bytes {
	const unsigned char *at;
	size_t size;
};

// Returns the bytes up to a NUL, or all of them.
struct bytes string(struct bytes b);

// Prints text in quotes; characters other than printable ASCII are escaped.
void print_text(struct bytes text);

// Prints a parameter as NAME:LENGTH=VALUE, after a space.
void print_param(struct bytes b, const struct ppm_param_info *param);
