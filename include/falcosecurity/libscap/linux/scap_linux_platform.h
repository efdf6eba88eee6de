/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine on Linux can tell of threads and files that exist already. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libscap/engine_handle.h>
#include <libscap/scap_platform.h>
#include <libscap/scap_procs.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ppm_proclist_info;

/* Who is told of what is fetched. */
struct scap_fetch_callbacks {
	proc_entry_callback proc_entry_cb;
	void* ctx;
};

/* The functions answer a SCAP_* code and, in `error`, a text of at most SCAP_LASTERR_SIZE bytes. A null function: the engine does not
 * have it. */
struct scap_linux_vtable {
	int32_t (*get_vpid)(struct scap_engine_handle engine, uint64_t pid, int64_t* vpid);
	int32_t (*get_vtid)(struct scap_engine_handle engine, uint64_t tid, int64_t* vtid);
	int32_t (*getpid_global)(struct scap_engine_handle engine, int64_t* pid, char* error);
	int32_t (*get_threadlist)(struct scap_engine_handle engine, struct ppm_proclist_info** procinfo, char* error);
	/* One thread; the threads; a file of a process; the files of a process; the files of all processes. */
	int32_t (*fetch_thread)(struct scap_engine_handle engine,
	                        const struct scap_fetch_callbacks* callbacks,
	                        uint32_t tid,
	                        scap_threadinfo* tinfo,
	                        char* error);
	int32_t (*fetch_threads)(struct scap_engine_handle engine, const struct scap_fetch_callbacks* callbacks, char* error);
	int32_t (*fetch_proc_file)(struct scap_engine_handle engine,
	                           const struct scap_fetch_callbacks* callbacks,
	                           uint32_t pid,
	                           uint32_t fd,
	                           char* error);
	int32_t (*fetch_proc_files)(struct scap_engine_handle engine,
	                            const struct scap_fetch_callbacks* callbacks,
	                            uint32_t pid,
	                            bool must_fetch_sockets,
	                            uint64_t* num_files_fetched,
	                            char* error);
	int32_t (*fetch_procs_files)(struct scap_engine_handle engine,
	                             const struct scap_fetch_callbacks* callbacks,
	                             char* error);
};

struct scap_linux_platform {
	struct scap_engine_handle m_engine;
	const struct scap_linux_vtable* m_linux_vtable;
};

#ifdef __cplusplus
}
#endif
