/* SPDX-License-Identifier: Apache-2.0 */
/* The engine of the kernel module. */
#pragma once

#define KMOD_ENGINE "kmod"

/* What it is opened with. */
struct scap_kmod_engine_params {
	unsigned long buffer_bytes_dim; /* the size of each CPU's ring, in bytes */
};
