// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Compiles on every kernel whose headers are complete. */
#include <linux/module.h>
MODULE_LICENSE("Dual MIT/GPL");
