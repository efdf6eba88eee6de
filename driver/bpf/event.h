/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Building an event: the output position, the header, and the copy to the ring.
 *
 * An event is a header of 26 bytes, one 16-bit length per parameter, and the values without gaps. */
#pragma once

#include "kernel.h"
#include "shared.h"
#include "constants.h"

struct __attribute__((packed)) header {
	u64 ts;
	u64 tid;
	u32 len;
	u16 type;
	u32 nparams;
};
_Static_assert(sizeof(struct header) == 26, "the header of an event has 26 bytes");

/* The output position. A value may exceed EVENT_MAX; emit() then drops the event. */
struct out {
	u8 *buf;
	u64 pos;
};

/* Makes the verifier forget what it knows about pos. Without this it would check the rest of the program for each possible length of the values
 * written so far, and reach its limit. here() provides the bounds that it needs. */
#define forget(o) ((o)->pos = forgotten((o)->buf, (o)->pos))

inline_ u64 forgotten(u8 *buf, u64 number)
{
	volatile u64 *spare = &((struct scratch *)buf)->spare;
	*spare = number;
	return *spare;
}

/* The next byte to write: always in the first half of the scratch buffer. */
#define here(o) ((o)->buf + ((o)->pos & (EVENT_MAX - 1)))
/* The byte written last. */
#define before(o) ((o)->buf + (((o)->pos - 1) & (EVENT_MAX - 1)))

/* Stores a number at a constant offset: in a ring record, or before the first value of variable length. */
#define store_at(buf, at, type, value) (*(type *)((buf) + (at)) = (type)(value))
/* Appends a number after values of variable length. */
#define store(o, type, value)                    \
	({                                       \
		*(type *)here(o) = (type)(value); \
		(o)->pos += sizeof(type);        \
	})
#define set_length(buf, param, length) (*(u16 *)((buf) + sizeof(struct header) + 2 * (param)) = (u16)(length))

inline_ struct counters *my_counters(void)
{
	u32 zero = 0;
	return bpf_map_lookup_elem(&counters, &zero);
}

/* The ring of this CPU; the first ring for a CPU that went online after the open. */
inline_ void *my_ring(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	void *ring = bpf_map_lookup_elem(&rings, &cpu);
	u32 zero = 0;
	return likely(ring) ? ring : bpf_map_lookup_elem(&rings, &zero);
}

inline_ u8 *my_scratch(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	return bpf_map_lookup_elem(&scratch, &cpu);
}

/* The header, but for the time. */
inline_ void begin(u8 *buf, u16 type, u32 nparams, u32 tid)
{
	store_at(buf, 8, u64, tid);
	store_at(buf, 20, u16, type);
	store_at(buf, 22, u32, nparams);
}

/* The time of an event is when it gets its place in the ring: a page fault while its values are read has an event of its own before it. */
inline_ void stamp(u8 *buf)
{
	store_at(buf, 0, u64, settings.boot_time_ns + boot_ns());
}

#define set_event_length(buf, length) store_at(buf, 16, u32, length)

/* Counts an event that is dropped, by what made it: a native system-call number, or SYSCALL_MAX + i for a tracepoint. */
inline_ void count_drop(u32 by)
{
	u64 index = by;
	/* So that the number that is compared is the one that is used, where it is not a constant: the verifier compares registers. */
	if (!__builtin_constant_p(by))
		opaque(index);
	u32 zero;
	/* A plain 0 the compiler would keep in a register from before, on the path of events that are not dropped. */
	asm volatile("%0 = 0" : "=r"(zero));
	struct drops *drops = bpf_map_lookup_elem(&drops_by_call, &zero);
	if (drops && index < SYSCALL_MAX + TRACEPOINTS_MAX)
		drops->events[index]++;
}

/* Counts an event dropped because the ring was full. `kind`: the offset of the counter of its kind; 0 if it has none. */
inline_ void count_full(struct counters *c, u32 kind, u32 by)
{
	c->n_drops_buffer++;
	if (kind)
		(*(u64 *)((u8 *)c + kind))++;
	count_drop(by);
}
#define DROP_KIND(name) __builtin_offsetof(struct counters, n_drops_buffer_##name)

/* The largest number of events from a call that makes one per message. The verifier checks each repetition, and kernels differ in how many they
 * accept. */
#define REPEAT_MAX 8

/* Reserves a record for an event of known length; null if the ring is full. `by`: what made the event, see count_drop(). */
inline_ u8 *reserve(u64 size, u32 kind, u32 by)
{
	struct counters *c = my_counters();
	void *ring = my_ring();
	if (!c || !ring)
		return NULL;
	c->n_evts++;
	u8 *buf = bpf_ringbuf_reserve(ring, size, 0);
	if (unlikely(!buf)) {
		count_full(c, kind, by);
		return NULL;
	}
	stamp(buf);
	return buf;
}

/* Copies an event from the scratch buffer to the ring. */
inline_ void emit(struct out *o, u32 kind, u32 by)
{
	struct counters *c = my_counters();
	void *ring = my_ring();
	if (!c || !ring)
		return;
	c->n_evts++;
	u64 size = o->pos;
	opaque(size);
	if (unlikely(size > EVENT_MAX)) {
		c->n_drops_max_event_size++;
		count_drop(by);
		return;
	}
	set_event_length(o->buf, size);
	stamp(o->buf);
	if (unlikely(bpf_ringbuf_output(ring, o->buf, size, BPF_RB_NO_WAKEUP)))
		count_full(c, kind, by);
}

/* Hands a reserved record to the reader. */
#define submit(buf) bpf_ringbuf_submit(buf, BPF_RB_NO_WAKEUP)

/* Whether the part of a second in which calls are shed has begun; not synchronized between CPUs. */
static volatile u8 is_dropping;
