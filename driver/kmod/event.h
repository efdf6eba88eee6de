/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Building an event: the output position, the header, and the way into the ring. bpf/event.h has the same for the probe.
 *
 * An event is a header of 26 bytes, one 16-bit length per parameter, and the values without gaps. */
#pragma once

#include "kernel.h"
#include "consumer.h"

/* How sampling treats a system call; 0: reported part of the time. */
enum { SAMPLING_KEEP = 1, SAMPLING_SHED = 2 };

#include "constants.h"

#define HEADER_SIZE 26

/* An event's greatest length, and twice that: a write that starts in the first half ends inside. */
#define EVENT_MAX 65536
#define SCRATCH_SIZE (2 * EVENT_MAX)

/* What a CPU does now. Preemption is off while it is used. */
struct run {
	bool busy;	/* a tracepoint is being handled: one that fires meanwhile, as a page fault's, is not */
	u64 now;	/* nanoseconds since the epoch */
	struct consumer *consumer;
	struct ring *ring;
	u8 *scratch;
};
DECLARE_PER_CPU(struct run, runs);

inline_ struct run *my_run(void)
{
	return this_cpu_ptr(&runs);
}

/* The names that the helpers use for what the consumer has set. */
#define settings (my_run()->consumer->settings)
#define interesting (my_run()->consumer->interesting)
#define is_dropping (my_run()->consumer->is_dropping)
#define boot_ns() (my_run()->now)
#define my_scratch() (my_run()->scratch)

struct out {
	u8 *buf;
	u64 pos;
};

#define forget(o) ((void)0)
/* The next byte to write: always in the first half of the scratch buffer. */
#define here(o) ((o)->buf + ((o)->pos & (EVENT_MAX - 1)))
/* The byte written last. */
#define before(o) ((o)->buf + (((o)->pos - 1) & (EVENT_MAX - 1)))

#define store_at(buf, at, type, value)                                         \
	({                                                                     \
		type stored_ = (type)(value);                                  \
		memcpy((buf) + (at), &stored_, sizeof(stored_));               \
	})
#define store(o, type, value)                                                  \
	({                                                                     \
		type stored_ = (type)(value);                                  \
		memcpy(here(o), &stored_, sizeof(stored_));                    \
		(o)->pos += sizeof(stored_);                                   \
	})
#define set_length(buf, param, length) store_at(buf, HEADER_SIZE + 2 * (param), u16, length)
#define set_event_length(buf, length) store_at(buf, 16, u32, length)

inline_ void begin(u8 *buf, u16 type, u32 nparams, u32 tid)
{
	store_at(buf, 0, u64, my_run()->now);
	store_at(buf, 8, u64, tid);
	store_at(buf, 20, u16, type);
	store_at(buf, 22, u32, nparams);
}

#define DROP_KIND(name) offsetof(struct ring_info, n_drops_buffer_##name)

/* The largest number of events from a call that makes one per message; the same as the probe's. */
#define REPEAT_MAX 8

/* Reserves room for an event. Null if there is none; else submit() must follow, and nothing between may make an event. */
static noinline u8 *reserve_(u32 size, u32 kind)
{
	struct ring *ring = my_run()->ring;
	struct ring_info *info = ring->info;
	u32 used;

	raw_spin_lock(&ring->lock);
	WRITE_ONCE(info->n_evts, info->n_evts + 1);
	/* The reader writes the tail: whatever it is, the room is less than the ring. */
	used = (ring->head - READ_ONCE(info->tail)) & (ring->bytes - 1);
	if (unlikely(size > EVENT_MAX || size >= ring->bytes - used)) {
		WRITE_ONCE(info->n_drops_buffer, info->n_drops_buffer + 1);
		if (kind) {
			u64 *counter = (u64 *)((u8 *)info + kind);

			WRITE_ONCE(*counter, *counter + 1);
		}
		raw_spin_unlock(&ring->lock);
		return NULL;
	}
	/* The reader is done with what is behind its tail. */
	smp_mb();
	ring->reserved = size;
	return ring->data + ring->head;
}

inline_ void submit(u8 *buf)
{
	struct ring *ring = my_run()->ring;

	(void)buf;
	ring->head = (ring->head + ring->reserved) & (ring->bytes - 1);
	smp_store_release(&ring->info->head, ring->head);
	raw_spin_unlock(&ring->lock);
}

/* Copies an event from the scratch buffer to the ring. */
static noinline void emit_(struct out *o, u32 kind)
{
	u8 *to;

	if (o->pos <= EVENT_MAX)
		set_event_length(o->buf, o->pos);
	to = reserve_(min_t(u64, o->pos, EVENT_MAX + 1), kind);
	if (to) {
		memcpy(to, o->buf, o->pos);
		submit(to);
	}
}

/* The device has no counters by system call, `by`, as the probe has. */
#define reserve(size, kind, by) reserve_(size, kind)
#define emit(o, kind, by) emit_(o, kind)

/* A program, called for each consumer, whose body the build has generated. */
#define PROGRAM(name, tracepoint)                         \
	static noinline __maybe_unused int name(u64 *ctx) \
	{                                                 \
		return name##_body(ctx);                  \
	}

#define PART(name) PROGRAM(name, )
