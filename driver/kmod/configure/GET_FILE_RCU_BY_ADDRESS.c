// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* get_file_rcu() takes the address of a pointer and returns the file. */
#include <linux/fs.h>
struct file *probe(struct file __rcu **at);
struct file *probe(struct file __rcu **at) { return get_file_rcu(at); }
