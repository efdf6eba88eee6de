// SPDX-License-Identifier: Apache-2.0
// Logging macros by severity. The arguments are evaluated only if the severity is logged.
#pragma once

// SINSP_INFO(format, ...) and kin: as printf.
#define SINSP_LOG_(severity, ...)                                        \
	do {                                                                 \
		if(libsinsp_logger()->is_enabled((severity))) {                  \
			libsinsp_logger()->format((severity), __VA_ARGS__);          \
		}                                                                \
	} while(false)

// SINSP_STR_INFO(text)
#define SINSP_LOG_STR_(severity, text)                                   \
	do {                                                                 \
		if(libsinsp_logger()->is_enabled((severity))) {                  \
			libsinsp_logger()->log((text), (severity));                  \
		}                                                                \
	} while(false)

#define SINSP_FATAL(...) SINSP_LOG_(sinsp_logger::SEV_FATAL, __VA_ARGS__)
#define SINSP_CRITICAL(...) SINSP_LOG_(sinsp_logger::SEV_CRITICAL, __VA_ARGS__)
#define SINSP_ERROR(...) SINSP_LOG_(sinsp_logger::SEV_ERROR, __VA_ARGS__)
#define SINSP_WARNING(...) SINSP_LOG_(sinsp_logger::SEV_WARNING, __VA_ARGS__)
#define SINSP_NOTICE(...) SINSP_LOG_(sinsp_logger::SEV_NOTICE, __VA_ARGS__)
#define SINSP_INFO(...) SINSP_LOG_(sinsp_logger::SEV_INFO, __VA_ARGS__)
#define SINSP_DEBUG(...) SINSP_LOG_(sinsp_logger::SEV_DEBUG, __VA_ARGS__)
#define SINSP_TRACE(...) SINSP_LOG_(sinsp_logger::SEV_TRACE, __VA_ARGS__)

#define SINSP_STR_FATAL(text) SINSP_LOG_STR_(sinsp_logger::SEV_FATAL, text)
#define SINSP_STR_CRITICAL(text) SINSP_LOG_STR_(sinsp_logger::SEV_CRITICAL, text)
#define SINSP_STR_ERROR(text) SINSP_LOG_STR_(sinsp_logger::SEV_ERROR, text)
#define SINSP_STR_WARNING(text) SINSP_LOG_STR_(sinsp_logger::SEV_WARNING, text)
#define SINSP_STR_NOTICE(text) SINSP_LOG_STR_(sinsp_logger::SEV_NOTICE, text)
#define SINSP_STR_INFO(text) SINSP_LOG_STR_(sinsp_logger::SEV_INFO, text)
#define SINSP_STR_DEBUG(text) SINSP_LOG_STR_(sinsp_logger::SEV_DEBUG, text)
#define SINSP_STR_TRACE(text) SINSP_LOG_STR_(sinsp_logger::SEV_TRACE, text)

// DBG_SINSP_*: the same if _DEBUG is set, else nothing.
#if defined(_DEBUG) && _DEBUG
#define SINSP_LOG_DBG_(log) log
#else
#define SINSP_LOG_DBG_(log) \
	do {                    \
	} while(false)
#endif

#define DBG_SINSP_FATAL(...) SINSP_LOG_DBG_(SINSP_FATAL(__VA_ARGS__))
#define DBG_SINSP_CRITICAL(...) SINSP_LOG_DBG_(SINSP_CRITICAL(__VA_ARGS__))
#define DBG_SINSP_ERROR(...) SINSP_LOG_DBG_(SINSP_ERROR(__VA_ARGS__))
#define DBG_SINSP_WARNING(...) SINSP_LOG_DBG_(SINSP_WARNING(__VA_ARGS__))
#define DBG_SINSP_NOTICE(...) SINSP_LOG_DBG_(SINSP_NOTICE(__VA_ARGS__))
#define DBG_SINSP_INFO(...) SINSP_LOG_DBG_(SINSP_INFO(__VA_ARGS__))
#define DBG_SINSP_DEBUG(...) SINSP_LOG_DBG_(SINSP_DEBUG(__VA_ARGS__))
#define DBG_SINSP_TRACE(...) SINSP_LOG_DBG_(SINSP_TRACE(__VA_ARGS__))

#define DBG_SINSP_STR_FATAL(text) SINSP_LOG_DBG_(SINSP_STR_FATAL(text))
#define DBG_SINSP_STR_CRITICAL(text) SINSP_LOG_DBG_(SINSP_STR_CRITICAL(text))
#define DBG_SINSP_STR_ERROR(text) SINSP_LOG_DBG_(SINSP_STR_ERROR(text))
#define DBG_SINSP_STR_WARNING(text) SINSP_LOG_DBG_(SINSP_STR_WARNING(text))
#define DBG_SINSP_STR_NOTICE(text) SINSP_LOG_DBG_(SINSP_STR_NOTICE(text))
#define DBG_SINSP_STR_INFO(text) SINSP_LOG_DBG_(SINSP_STR_INFO(text))
#define DBG_SINSP_STR_DEBUG(text) SINSP_LOG_DBG_(SINSP_STR_DEBUG(text))
#define DBG_SINSP_STR_TRACE(text) SINSP_LOG_DBG_(SINSP_STR_TRACE(text))
