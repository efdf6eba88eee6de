/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What a BPF program needs of the compiler and of the kernel's BPF interface: integers, map definitions, relocatable
 * reads (CO-RE), and the helpers that this probe calls, by their fixed numbers. */
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
/* A function that the verifier goes through once, by itself, whatever it is given: not static, and with arguments that are
 * numbers, of which nothing is known. Any other function is gone through anew on every way that leads to it, so that loops and
 * branches belong into one of these; kernels differ much in how far they get with the others. Pointers are handed over as
 * numbers, and read from by helper alone. */
#define apart_ __attribute__((noinline))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
/* The member's place is that in the running kernel, which offsetof() does not know. */
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - __builtin_preserve_field_info(((type *)0)->member, 0)))

/* Hides a value's history from the compiler, so that it keeps the bounds checks that the verifier wants to see. */
#define opaque(var) asm volatile("" : "+r"(var))

/* Fields of a map definition, which the loader reads from BTF. */
#define __uint(name, val) int(*name)[val]
#define __type(name, val) typeof(val) *name
#define __array(name, val) typeof(val) *name[]

enum { BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PROG_ARRAY = 3, BPF_MAP_TYPE_PERCPU_ARRAY = 6,
       BPF_MAP_TYPE_ARRAY_OF_MAPS = 12, BPF_MAP_TYPE_RINGBUF = 27, BPF_MAP_TYPE_TASK_STORAGE = 29 };
enum { BPF_F_NO_PREALLOC = 1, BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };

/* The reader polls: waking it up for every record would cost more than the record. */
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

/* Functions of the kernel's that not every kernel has; they are called where the loader has seen them. */
extern void bpf_preempt_disable(void) __attribute__((section(".ksyms"), weak));
extern void bpf_preempt_enable(void) __attribute__((section(".ksyms"), weak));

/* CO-RE questions: answered by the loader for the kernel at hand, before the verifier sees the program. */
#define field_exists(field) __builtin_preserve_field_info(field, 2)
#define type_exists(type) __builtin_preserve_type_info(*(type *)0, 0)
#define type_size(type) __builtin_preserve_type_info(*(type *)0, 1)
#define enum_exists(type, value) __builtin_preserve_enum_value(*(type *)value, 0)
#define enum_value(type, value) __builtin_preserve_enum_value(*(type *)value, 1)

/* One field behind a kernel pointer; zero where it cannot be read. */
#define READ(ptr, field)                                                \
	({                                                              \
		typeof((ptr)->field) value_;                            \
		bpf_probe_read_kernel(&value_, sizeof(value_), &(ptr)->field); \
		value_;                                                 \
	})
#define READ2(ptr, a, b) READ(READ(ptr, a), b)
#define READ3(ptr, a, b, c) READ(READ2(ptr, a, b), c)

/* A bit-field, whose place in its word only the loader knows. */
#define READ_BITS(ptr, field)                                                                   \
	({                                                                                      \
		const void *at_ = (const char *)(ptr) + __builtin_preserve_field_info((ptr)->field, 0); \
		u32 size_ = __builtin_preserve_field_info((ptr)->field, 1);                     \
		u64 value_ = 0;                                                                 \
		bpf_probe_read_kernel(&value_, size_ > 8 ? 8 : size_, at_);                     \
		value_ <<= __builtin_preserve_field_info((ptr)->field, 4);                      \
		value_ >>= __builtin_preserve_field_info((ptr)->field, 5);                      \
		value_;                                                                         \
	})
