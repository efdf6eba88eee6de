/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* quotactl(2): command, type, and the structs at its address. include/uapi/linux/quota.h, dqblk_xfs.h */
#pragma once

#include "memory.h"

/* The lowest eight bits are the type, the rest the command. */
inline_ u16 v_quota_command(u32 packed)
{
	switch (packed >> 8) {
	case 0x800001: return PPM_Q_SYNC;
	case 0x800002: return PPM_Q_QUOTAON;
	case 0x800003: return PPM_Q_QUOTAOFF;
	case 0x800004: return PPM_Q_GETFMT;
	case 0x800005: return PPM_Q_GETINFO;
	case 0x800006: return PPM_Q_SETINFO;
	case 0x800007: return PPM_Q_GETQUOTA;
	case 0x800008: return PPM_Q_SETQUOTA;
	case 0x5801: return PPM_Q_XQUOTAON;
	case 0x5802: return PPM_Q_XQUOTAOFF;
	case 0x5803: return PPM_Q_XGETQUOTA;
	case 0x5804: return PPM_Q_XSETQLIM;
	case 0x5805: return PPM_Q_XGETQSTAT;
	case 0x5806: return PPM_Q_XQUOTARM;
	case 0x5807: return PPM_Q_XQUOTASYNC;
	default: return 0;
	}
}

inline_ u8 v_quota_type(u32 packed)
{
	u8 type = packed;
	return type == 0 ? PPM_USRQUOTA : type == 1 ? PPM_GRPQUOTA : 0;
}

inline_ u8 quota_format(u32 format)
{
	return format == 1 ? PPM_QFMT_VFS_OLD : format == 2 ? PPM_QFMT_VFS_V0 : format == 4 ? PPM_QFMT_VFS_V1 : PPM_QFMT_NOT_USED;
}

inline_ bool v_quota_is(u16 command, u16 wanted)
{
	return command == wanted;
}

/* `format` as PPM_QFMT_*, if `command` is `wanted`. */
inline_ u8 v_quota_format(u16 command, u16 wanted, u32 format)
{
	return command == wanted ? quota_format(format) : PPM_QFMT_NOT_USED;
}

/* The uid or gid of a command that has one; else 0. */
inline_ u32 v_quota_id(u16 command, u32 id)
{
	return command & (PPM_Q_GETQUOTA | PPM_Q_SETQUOTA | PPM_Q_XGETQUOTA | PPM_Q_XSETQLIM) ? id : 0;
}

/* The n-th word of a struct if_dqblk, if `bit` of its dqb_valid is set. */
inline_ u64 v_quota_limit(u16 command, u64 address, u32 n, u32 bit)
{
	bool has = command & (PPM_Q_GETQUOTA | PPM_Q_SETQUOTA);
	return has && v_user_u32(address, 16) & bit ? v_user_u64(address, n) : 0;
}

/* Same for a struct if_dqinfo. */
inline_ u64 v_quota_info(u16 command, u64 address, u32 n, u32 bit)
{
	bool has = command & (PPM_Q_GETINFO | PPM_Q_SETINFO);
	return has && v_user_u32(address, 5) & bit ? v_user_u64(address, n) : 0;
}

inline_ u8 v_quota_flags(u16 command, u64 address)
{
	return v_quota_info(command, address, 2, 4);
}
