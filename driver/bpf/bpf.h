/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The BPF interface: integer types, map definitions, CO-RE reads, and the kernel helpers that the probe calls, declared by their fixed
 * numbers. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

#define SEC(name) __attribute__((section(name), used))
#define inline_ static inline __attribute__((always_inline))
#define noinline_ __attribute__((noinline))
/* A global function, which the verifier checks once, independently of its callers, with nothing known about its arguments. A static function
 * is checked anew on each path to it, and kernels differ in how many paths they accept, so loops and branches belong in global functions.
 * Arguments are numbers: pass pointers as u64 and read behind them by helper only. */
#define apart_ __attribute__((noinline))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
/* Unrolls the loop that follows: old verifiers take no other. */
#define unrolled_ _Pragma("unroll")
/* Uses the offset in the running kernel (CO-RE), not that of offsetof(). */
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - __builtin_preserve_field_info(((type *)0)->member, 0)))

/* Hides how a value was computed, so that the compiler keeps the bounds checks that the verifier requires. */
#define opaque(var) asm volatile("" : "+r"(var))

/* Members of a map definition; the loader reads them from BTF. */
#define __uint(name, val) int(*name)[val]
#define __type(name, val) typeof(val) *name
#define __array(name, val) typeof(val) *name[]

enum { BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PROG_ARRAY = 3, BPF_MAP_TYPE_PERCPU_ARRAY = 6,
       BPF_MAP_TYPE_ARRAY_OF_MAPS = 12, BPF_MAP_TYPE_RINGBUF = 27, BPF_MAP_TYPE_TASK_STORAGE = 29 };
enum { BPF_F_NO_PREALLOC = 1, BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };

/* The reader polls the rings; a wakeup per record would cost more than the record itself. */
#define BPF_RB_NO_WAKEUP 1

static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static u64 (*bpf_get_current_pid_tgid)(void) = (void *)14;
static u32 (*bpf_get_smp_processor_id)(void) = (void *)8;
static long (*bpf_tail_call)(void *ctx, void *map, u32 index) = (void *)12;
static void *(*bpf_get_current_task)(void) = (void *)35;
static long (*bpf_probe_read_user)(void *dst, u32 size, const void *from) = (void *)112;
static long (*bpf_probe_read_kernel)(void *dst, u32 size, const void *from) = (void *)113;
static long (*bpf_probe_read_user_str)(void *dst, u32 size, const void *from) = (void *)114;
static long (*bpf_probe_read_kernel_str)(void *dst, u32 size, const void *from) = (void *)115;
static long (*bpf_seq_write)(void *seq, const void *data, u32 size) = (void *)127;
static long (*bpf_d_path)(const void *path, void *to, u32 size) = (void *)147;
static u64 (*bpf_ktime_get_boot_ns)(void) = (void *)125;
static long (*bpf_ringbuf_output)(void *ring, void *data, u64 size, u64 flags) = (void *)130;
static void *(*bpf_ringbuf_reserve)(void *ring, u64 size, u64 flags) = (void *)131;
static void (*bpf_ringbuf_submit)(void *record, u64 flags) = (void *)132;
static void *(*bpf_get_current_task_btf)(void) = (void *)158;
static void *(*bpf_task_storage_get)(void *map, void *task, void *value, u64 flags) = (void *)156;

/* Kernel functions that not every kernel has. Called only if the loader found them (`preemptible`). */
extern void bpf_preempt_disable(void) __attribute__((section(".ksyms"), weak));
extern void bpf_preempt_enable(void) __attribute__((section(".ksyms"), weak));

/* CO-RE constants, which the loader sets for the running kernel before verification. */
#define field_exists(field) __builtin_preserve_field_info(field, 2)
#define type_exists(type) __builtin_preserve_type_info(*(type *)0, 0)
#define type_size(type) __builtin_preserve_type_info(*(type *)0, 1)
#define enum_exists(type, value) __builtin_preserve_enum_value(*(type *)value, 0)
#define enum_value(type, value) __builtin_preserve_enum_value(*(type *)value, 1)

/* The primitives of the helpers, which a module has under the same names (kmod/kernel.h). */
#define read_user bpf_probe_read_user
#define read_user_str bpf_probe_read_user_str
#define read_kernel bpf_probe_read_kernel
#define read_kernel_str bpf_probe_read_kernel_str
#define boot_ns bpf_ktime_get_boot_ns
#define this_task bpf_get_current_task
#define current_tid() ((u32)bpf_get_current_pid_tgid())

/* Reads a field behind a kernel pointer; zero if it cannot be read. */
#define READ(ptr, field)                                                \
	({                                                              \
		typeof((ptr)->field) value_;                            \
		read_kernel(&value_, sizeof(value_), &(ptr)->field); \
		value_;                                                 \
	})
#define READ2(ptr, a, b) READ(READ(ptr, a), b)
#define READ3(ptr, a, b, c) READ(READ2(ptr, a, b), c)

/* Reads a bit-field; the loader relocates its position in its word. */
#define READ_BITS(ptr, field)                                                                   \
	({                                                                                      \
		const void *at_ = (const char *)(ptr) + __builtin_preserve_field_info((ptr)->field, 0); \
		u32 size_ = __builtin_preserve_field_info((ptr)->field, 1);                     \
		u64 value_ = 0;                                                                 \
		read_kernel(&value_, size_ > 8 ? 8 : size_, at_);                     \
		value_ <<= __builtin_preserve_field_info((ptr)->field, 4);                      \
		value_ >>= __builtin_preserve_field_info((ptr)->field, 5);                      \
		value_;                                                                         \
	})
