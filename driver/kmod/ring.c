// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The memory of a ring: pages that the kernel and the reader each map twice in a row. */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "consumer.h"

/* Positions are 32 bits, and the reader maps twice the size. */
#define RING_BYTES_MAX (1UL << 30)

bool ring_bytes_valid(unsigned long bytes)
{
	return bytes > 2 * PAGE_SIZE && bytes <= RING_BYTES_MAX && !(bytes & (bytes - 1));
}

void ring_free(struct ring *ring)
{
	unsigned long i;

	if (!ring)
		return;
	if (ring->data)
		vunmap(ring->data);
	if (ring->pages)
		for (i = 0; i < ring->bytes / PAGE_SIZE && ring->pages[i]; i++)
			__free_page(ring->pages[i]);
	kvfree(ring->pages);
	if (ring->info_page)
		__free_page(ring->info_page);
	kfree(ring);
}

struct ring *ring_new(u32 bytes)
{
	const gfp_t flags = GFP_KERNEL | __GFP_ZERO | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	unsigned long i, n = bytes / PAGE_SIZE;
	struct ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL);

	if (!ring)
		return NULL;
	raw_spin_lock_init(&ring->lock);
	ring->bytes = bytes;
	ring->pages = kvcalloc(2 * n, sizeof(*ring->pages), GFP_KERNEL);
	ring->info_page = alloc_page(flags);
	if (!ring->pages || !ring->info_page)
		goto failed;
	ring->info = page_address(ring->info_page);
	for (i = 0; i < n; i++) {
		ring->pages[i] = alloc_page(flags);
		if (!ring->pages[i])
			goto failed;
		ring->pages[n + i] = ring->pages[i];
		cond_resched();
	}
	ring->data = vmap(ring->pages, 2 * n, VM_MAP, PAGE_KERNEL);
	if (!ring->data)
		goto failed;
	return ring;
failed:
	ring_free(ring);
	return NULL;
}

/* Maps what the interface says by the length: the info page, or all of the data twice, which no reader may write. */
int ring_map(struct ring *ring, struct vm_area_struct *vma)
{
	unsigned long length = vma->vm_end - vma->vm_start;

	if (vma->vm_pgoff || !(vma->vm_flags & VM_SHARED))
		return -EIO;
	if (length <= PAGE_SIZE)
		return vm_map_pages(vma, &ring->info_page, 1);
	if (length != 2UL * ring->bytes || vma->vm_flags & VM_WRITE)
		return -EIO;
#if defined(HAS_VM_FLAGS_CLEAR)
	vm_flags_clear(vma, VM_MAYWRITE);
#else
	vma->vm_flags &= ~VM_MAYWRITE;
#endif
	return vm_map_pages(vma, ring->pages, length / PAGE_SIZE);
}
