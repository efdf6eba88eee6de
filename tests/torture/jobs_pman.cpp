// SPDX-License-Identifier: Apache-2.0
// The jobs of libpman: the probe, step by step, and the scan with BPF iterators.
#include "jobs.h"

#include <libpman.h>
#include <libscap/linux/scap_linux_platform.h>
#include <libscap/scap.h>

#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

namespace jobs {

namespace {

// Adds the log of a function of libpman that failed.
bool pman_failed(outcome& all, const char* function, int rc) {
	if(rc == 0) {
		return false;
	}
	all.error = std::string(function) + ": " + logged;
	// pman_init_state returns -1, as do failures without an errno. A wrong result of libbpf's feature detection shows up later.
	const bool late = logged.find("does not ask again in this process") != std::string::npos;
	if(injected != 0 && rc != injected && rc != -1 && !late) {
		all.error = std::string(function) + " answers " + std::to_string(rc) + ", which is another error";
	}
	return true;
}

#define PMAN(call)                          \
	if(pman_failed(all, #call, call)) { \
		return;                     \
	}

void use_pman(outcome& all) {
	PMAN(pman_init_state(log, 1 << 20, 1, true, true));
	PMAN(pman_check_support() ? 0 : -1);
	PMAN(pman_open_probe());
	PMAN(pman_prepare_ringbuf_array_before_loading());
	PMAN(pman_prepare_maps_before_loading());
	PMAN(pman_prepare_progs_before_loading());
	PMAN(pman_load_probe());
	PMAN(pman_finalize_maps_after_loading());
	PMAN(pman_finalize_ringbuf_array_after_loading());
	PMAN(pman_fill_syscalls_tail_table());
	PMAN(pman_fill_syscall_exit_extra_tail_table());
	PMAN(pman_attach_syscall_exit_dispatcher());
	PMAN(pman_attach_sched_proc_exit());
	PMAN(pman_attach_sched_switch());
	PMAN(pman_attach_page_fault_user());
	PMAN(pman_attach_signal_deliver());
	PMAN(pman_attach_openat_toctou_mitigation_progs());
	PMAN(pman_detach_sched_switch());
	PMAN(pman_mark_single_64bit_syscall(0, true));
	std::vector<char> selected(PPM_SC_MAX, 1);
	PMAN(pman_enforce_sc_set(reinterpret_cast<bool*>(selected.data())));
	void* event;
	int16_t ring;
	pman_consume_first_event(&event, &ring);
	scap_stats stats;
	PMAN(pman_get_scap_stats(&stats));
	uint32_t n = 0;
	int32_t rc = 0;
	pman_get_metrics_v2(METRICS_V2_KERNEL_COUNTERS | METRICS_V2_LIBBPF_STATS, &n, &rc);
	PMAN(rc == 0 ? 0 : -1);
	std::vector<long> hits(configured_cpus());
	PMAN(pman_get_n_tracepoint_hit(hits.data()));
	PMAN(pman_enforce_sc_set(nullptr));
}

}  // namespace

outcome pman() {
	outcome all;
	use_pman(all);
	pman_close_probe();
	pman_clear_state();
	return all;
}

namespace {

// Scans threads and open files with BPF iterators.
void use_iterators(outcome& all) {
	char error[SCAP_LASTERR_SIZE] = "";
	const auto answered = [&](int32_t rc) {
		if(rc != SCAP_SUCCESS) {
			all.error = text_or(error);
		}
		return rc == SCAP_SUCCESS;
	};
	uint64_t threads = 0;
	scap_fetch_callbacks callbacks = {};
	callbacks.ctx = &threads;
	callbacks.proc_entry_cb = [](void* context, char*, int64_t, scap_threadinfo*, scap_fdinfo*, scap_threadinfo**) {
		++*static_cast<uint64_t*>(context);
		return SCAP_SUCCESS;
	};
	const auto own = static_cast<uint32_t>(getpid());
	auto thread = std::make_unique<scap_threadinfo>();
	uint64_t files = 0;
	PMAN(pman_init_state(log, 1 << 20, 1, true, false));
	if(!answered(pman_iter_fetch_tasks(&callbacks, error)) || !answered(pman_iter_fetch_task(&callbacks, own, thread.get(), error)) ||
	   !answered(pman_iter_fetch_proc_file(&callbacks, own, 2, error)) ||
	   !answered(pman_iter_fetch_proc_files(&callbacks, own, true, &files, error)) ||
	   !answered(pman_iter_fetch_procs_files(&callbacks, error))) {
		return;
	}
	all.error = threads == 0 || files == 0 ? "nothing is reported" : "";
}

}  // namespace

outcome iterators() {
	outcome all;
	use_iterators(all);
	pman_clear_state();
	return all;
}

}  // namespace jobs
