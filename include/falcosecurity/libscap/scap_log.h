/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_log.rs. Change it there, then run: ./dev headers */

#pragma once

/**
 * The severity of a message; a smaller number is more severe.
 */
typedef enum falcosecurity_log_severity {
    FALCOSECURITY_LOG_SEV_FATAL = 1,
    FALCOSECURITY_LOG_SEV_CRITICAL = 2,
    FALCOSECURITY_LOG_SEV_ERROR = 3,
    FALCOSECURITY_LOG_SEV_WARNING = 4,
    FALCOSECURITY_LOG_SEV_NOTICE = 5,
    FALCOSECURITY_LOG_SEV_INFO = 6,
    FALCOSECURITY_LOG_SEV_DEBUG = 7,
    FALCOSECURITY_LOG_SEV_TRACE = 8,
} falcosecurity_log_severity;

/**
 * A log function. `component` names the sender and may be null. Both texts are valid during the call only.
 */
typedef void (*falcosecurity_log_fn)(const char *component, const char *msg, enum falcosecurity_log_severity sev);
