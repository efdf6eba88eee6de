/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The registers of each architecture that have a system call's number and arguments at its exit; helpers/regs.h says which. The build defines TARGET_<arch>. */
#pragma once

#include "bpf.h"

#define core __attribute__((preserve_access_index))

#if defined(TARGET_x86_64)
struct pt_regs {
	unsigned long r10, r9, r8, dx, si, di, orig_ax;
	/* Registers with the arguments of a 32-bit caller. */
	unsigned long bx, cx, bp;
	unsigned long ip;
} core;
#elif defined(TARGET_aarch64)
struct pt_regs {
	u64 regs[31];
	u64 orig_x0;
	s32 syscallno;
} core;
#elif defined(TARGET_s390x)
struct pt_regs {
	unsigned long gprs[16];
	unsigned long orig_gpr2;
	u32 int_code;
} core;
#elif defined(TARGET_powerpc64)
struct pt_regs {
	unsigned long gpr[32];
	unsigned long orig_gpr3;
} core;
#elif defined(TARGET_riscv64)
struct pt_regs {
	unsigned long a1, a2, a3, a4, a5, a7, orig_a0;
} core;
#elif defined(TARGET_loongarch64)
struct pt_regs {
	unsigned long regs[32];
	unsigned long orig_a0;
} core;
#else
#error "the probe does not know where this architecture keeps the arguments of a system call"
#endif
