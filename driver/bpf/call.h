/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What is known about the system call itself. */
#pragma once

#include "event.h"

inline_ u16 v_sc(u32 nr)
{
	return sc_table[nr & (SYSCALL_MAX - 1)];
}

inline_ u16 v_native(u32 nr)
{
	return nr;
}

inline_ bool v_failed(s64 ret)
{
	return ret < 0;
}

inline_ bool v_closed(s64 ret)
{
	return ret >= 0 || !settings.dropping_mode;
}
