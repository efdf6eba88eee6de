// SPDX-License-Identifier: Apache-2.0
// An inspector of the C ABI together with what makes the objects of its threads and files. Nothing here is for consumers.
#pragma once

#include <libsinsp/detail/core_link.h>
#include <libsinsp/detail/stores.h>
#include <libsinsp/sinsp_fdinfo_factory.h>
#include <libsinsp/sinsp_threadinfo_factory.h>

#include <memory>

class sinsp;

namespace libsinsp {
namespace detail {

// Shared by a sinsp and by what may outlive it: its thread manager and its tables. What is known of the system stays until the last of them goes.
class core {
public:
	static std::shared_ptr<core> make(sinsp* owner) { return std::shared_ptr<core>(new core(owner)); }
	core(const core&) = delete;
	core& operator=(const core&) = delete;
	~core() {
		// Threads that somebody still holds are told that they are on their own. Entries of tables that are held keep the inspector.
		sinsp_inspector_clear_threads(link->inspector, nullptr);
		sinsp_inspector_free(link->inspector);
		link->inspector = nullptr;
	}

	sinsp_inspector* handle() const { return link->inspector; }

	std::shared_ptr<core_link> link = std::make_shared<core_link>();
	// Builds the objects if it is set; registered by the program before anything is opened.
	libsinsp::event_processor* processor = nullptr;
	std::shared_ptr<sinsp_threadinfo::ctor_params> params =
	        std::make_shared<sinsp_threadinfo::ctor_params>(sinsp_threadinfo::ctor_params{link});
	sinsp_threadinfo_factory threads{params, processor};
	sinsp_fdinfo_factory files;

private:
	explicit core(sinsp* owner): files(owner, processor), m_makers{link, &threads, &files} {
		error error;
		link->inspector = sinsp_inspector_new(SINSP_ABI_VERSION, error.out());
		if(link->inspector == nullptr) {
			error.raise();
		}
		const auto thread_store = stores::threads();
		const auto fd_store = stores::files();
		error.check(sinsp_inspector_set_stores(link->inspector, &thread_store, &fd_store, &m_makers, error.out()));
	}

	makers m_makers;
};

}  // namespace detail
}  // namespace libsinsp
