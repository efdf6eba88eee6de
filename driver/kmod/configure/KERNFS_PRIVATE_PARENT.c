// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The parent of a node of kernfs has a name with underscores. */
#include <linux/kernfs.h>
void *probe(struct kernfs_node *node);
void *probe(struct kernfs_node *node) { return (void *)node->__parent; }
