// SPDX-License-Identifier: Apache-2.0
// Texts as the pieces that the functions of scap_savefile_api.h take.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/scap.h>
#include <libsinsp/sinsp_exception.h>

#include <sys/uio.h>

#include <cstdlib>
#include <string>

namespace libsinsp {
namespace detail {

// Pieces that end, together, before SCAP_MAX_ARGS_SIZE bytes. They point into the texts, but for the last if it had to be cut: that is kept
// in `rem`. The array is the caller's, who frees it by free().
class pieces {
public:
	pieces(size_t count, iovec** iov, int* iovcnt, std::string& rem): m_count(iovcnt), m_rem(rem) {
		*iovcnt = 0;
		*iov = m_at = static_cast<iovec*>(std::malloc((count == 0 ? 1 : count) * sizeof(iovec)));
		if(m_at == nullptr) {
			throw sinsp_exception("no memory for " + std::to_string(count) + " texts");
		}
	}

	// Adds a text, with its NUL or without; nothing once there is no room.
	void add(const std::string& text, bool with_nul) {
		if(m_room == 0) {
			return;
		}
		const char* bytes = text.c_str();
		size_t len = text.size() + (with_nul ? 1 : 0);
		if(len > m_room) {
			m_rem.assign(text, 0, m_room - 1);
			bytes = m_rem.c_str();
			len = m_room;
		}
		m_room -= len;
		m_at[(*m_count)++] = {const_cast<char*>(bytes), len};
	}

private:
	iovec* m_at = nullptr;
	int* m_count;
	std::string& m_rem;
	size_t m_room = SCAP_MAX_ARGS_SIZE;
};

}  // namespace detail
}  // namespace libsinsp
