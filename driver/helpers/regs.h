/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Where each architecture stores a system call's number and arguments at its exit. The build defines TARGET_<arch>. */
#pragma once

#if defined(TARGET_x86_64)
#define REGS_NUMBER(r) ((u32)(r)->orig_ax)
#define REGS_ARGS(r) (r)->di, (r)->si, (r)->dx, (r)->r10, (r)->r8, (r)->r9
#define COMPAT_ARGS(r) (r)->bx, (r)->cx, (r)->dx, (r)->si, (r)->di, (r)->bp
#elif defined(TARGET_aarch64)
/* x0 has the return value; the first argument is in orig_x0. */
#define REGS_NUMBER(r) ((u32)(r)->syscallno)
#define REGS_ARGS(r) (r)->orig_x0, (r)->regs[1], (r)->regs[2], (r)->regs[3], (r)->regs[4], (r)->regs[5]
#elif defined(TARGET_s390x)
#define REGS_NUMBER(r) ((r)->int_code & 0xffff)
#define REGS_ARGS(r) (r)->orig_gpr2, (r)->gprs[3], (r)->gprs[4], (r)->gprs[5], (r)->gprs[6], (r)->gprs[7]
#elif defined(TARGET_powerpc64)
#define REGS_NUMBER(r) ((u32)(r)->gpr[0])
#define REGS_ARGS(r) (r)->orig_gpr3, (r)->gpr[4], (r)->gpr[5], (r)->gpr[6], (r)->gpr[7], (r)->gpr[8]
#elif defined(TARGET_riscv64)
#define REGS_NUMBER(r) ((u32)(r)->a7)
#define REGS_ARGS(r) (r)->orig_a0, (r)->a1, (r)->a2, (r)->a3, (r)->a4, (r)->a5
#elif defined(TARGET_loongarch64)
#define REGS_NUMBER(r) ((u32)(r)->regs[11])
#define REGS_ARGS(r) (r)->orig_a0, (r)->regs[5], (r)->regs[6], (r)->regs[7], (r)->regs[8], (r)->regs[9]
#endif

#define PICK_(n, a, b, c, d, e, f, ...) ((n) == 0 ? (a) : (n) == 1 ? (b) : (n) == 2 ? (c) : (n) == 3 ? (d) : (n) == 4 ? (e) : (f))
#define PICK(...) PICK_(__VA_ARGS__)

/* The register with the n-th argument, from 0; n is a constant. */
#define regs_arg(regs, n) ((u64)PICK(n, REGS_ARGS(regs)))
