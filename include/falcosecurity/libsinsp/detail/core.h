// SPDX-License-Identifier: Apache-2.0
// Owner of an inspector of the C ABI and of its object factories. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/core_link.h>
#include <libsinsp/detail/names.h>
#include <libsinsp/detail/stores.h>
#include <libsinsp/sinsp_fdinfo_factory.h>
#include <libsinsp/sinsp_threadinfo_factory.h>
#include <libsinsp/state/table_adapters.h>

#include <memory>

class sinsp;

namespace libsinsp {
namespace detail {

// Shared by a sinsp and by objects that may outlive it: its thread manager and tables. The inspector is freed with the last of them.
class core {
public:
	static std::shared_ptr<core> make(sinsp* owner) { return std::shared_ptr<core>(new core(owner)); }
	core(const core&) = delete;
	core& operator=(const core&) = delete;
	~core() {
		// Detaches the threads that the program still shares. Shared entries of tables keep the inspector alive.
		sinsp_inspector_clear_threads(link->inspector, nullptr);
		link->make_file = nullptr;
		sinsp_inspector_free(link->inspector);
		link->inspector = nullptr;
	}

	sinsp_inspector* handle() const { return link->inspector; }

	std::shared_ptr<core_link> link = std::make_shared<core_link>();
	// The event processor that builds objects; null if none is set.
	libsinsp::event_processor* processor = nullptr;
	std::shared_ptr<sinsp_threadinfo::ctor_params> params =
	        std::make_shared<sinsp_threadinfo::ctor_params>(sinsp_threadinfo::ctor_params{
	                link,
	                added_fields(sinsp_inspector_thread_table, sinsp_threadinfo::static_fields()),
	                added_fields(sinsp_inspector_fd_table_fields, sinsp_fdinfo::static_fields())});
	sinsp_threadinfo_factory threads{params, processor};
	sinsp_fdinfo_factory files;

private:
	// The dynamic fields of a table.
	std::shared_ptr<state::dynamic_field_infos> added_fields(void* (*table)(const sinsp_inspector*),
	                                                         const state::static_field_infos& members) const {
		const auto input = [link = link, table]() -> ss_plugin_table_input* {
			return link->inspector == nullptr ? nullptr : static_cast<ss_plugin_table_input*>(table(link->inspector));
		};
		return std::make_shared<state::library_field_infos>(input, members);
	}

	explicit core(sinsp* owner): files(owner, processor, params->fd_fields), m_makers{link, &threads, &files} {
		error error;
		link->inspector = sinsp_inspector_new(SINSP_ABI_VERSION, error.out());
		if(link->inspector == nullptr) {
			error.raise();
		}
		set_names(link->inspector);
		link->make_file = [this] { return files.create(); };
		const auto thread_store = stores::threads();
		const auto fd_store = stores::files();
		error.check(sinsp_inspector_set_stores(link->inspector, &thread_store, &fd_store, &m_makers, error.out()));
	}

	makers m_makers;
};

}  // namespace detail
}  // namespace libsinsp
