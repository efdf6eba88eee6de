// SPDX-License-Identifier: Apache-2.0
// The fields of events of system calls.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/table_check.h>
#include <libsinsp/sinsp_public.h>

// A check of the fields of events of system calls.
class SINSP_PUBLIC sinsp_filter_check_event : public libsinsp::detail::known_check<sinsp_filter_check_event> {
public:
	// The positions of the fields.
	enum check_type {
		TYPE_LATENCY,
		TYPE_LATENCY_S,
		TYPE_LATENCY_NS,
		TYPE_LATENCY_QUANTIZED,
		TYPE_LATENCY_HUMAN,
		TYPE_DELTA,
		TYPE_DELTA_S,
		TYPE_DELTA_NS,
		TYPE_RUNTIME_TIME_OUTPUT_FORMAT,
		TYPE_DIR,
		TYPE_TYPE,
		TYPE_TYPE_IS,
		TYPE_SYSCALL_TYPE,
		TYPE_CATEGORY,
		TYPE_CPU,
		TYPE_ARGS,
		TYPE_ARGSTR,
		TYPE_ARGRAW,
		TYPE_INFO,
		TYPE_BUFFER,
		TYPE_BUFLEN,
		TYPE_RESSTR,
		TYPE_RESRAW,
		TYPE_FAILED,
		TYPE_ISIO,
		TYPE_ISIO_READ,
		TYPE_ISIO_WRITE,
		TYPE_IODIR,
		TYPE_ISWAIT,
		TYPE_WAIT_LATENCY,
		TYPE_ISSYSLOG,
		TYPE_COUNT,
		TYPE_COUNT_ERROR,
		TYPE_COUNT_ERROR_FILE,
		TYPE_COUNT_ERROR_NET,
		TYPE_COUNT_ERROR_MEMORY,
		TYPE_COUNT_ERROR_OTHER,
		TYPE_COUNT_EXIT,
		TYPE_COUNT_PROCINFO,
		TYPE_COUNT_THREADINFO,
		TYPE_AROUND,
		TYPE_ABSPATH,
		TYPE_BUFLEN_IN,
		TYPE_BUFLEN_OUT,
		TYPE_BUFLEN_FILE,
		TYPE_BUFLEN_FILE_IN,
		TYPE_BUFLEN_FILE_OUT,
		TYPE_BUFLEN_NET,
		TYPE_BUFLEN_NET_IN,
		TYPE_BUFLEN_NET_OUT,
		TYPE_ISOPEN_READ,
		TYPE_ISOPEN_WRITE,
		TYPE_INFRA_DOCKER_NAME,
		TYPE_INFRA_DOCKER_CONTAINER_ID,
		TYPE_INFRA_DOCKER_CONTAINER_NAME,
		TYPE_INFRA_DOCKER_CONTAINER_IMAGE,
		TYPE_ISOPEN_EXEC,
		TYPE_ISOPEN_CREATE,
	};

	// Throws if the library has no such fields.
	sinsp_filter_check_event(): known_check("evt.latency") {}
};
