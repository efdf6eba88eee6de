// SPDX-License-Identifier: Apache-2.0
// What /proc says of the namespaces of a process.
#pragma once

#include <libsinsp/detail/standard.h>

#include <sys/stat.h>

#include <cstdint>
#include <istream>
#include <sstream>
#include <string>

namespace libsinsp {
namespace procfs_utils {

constexpr int NO_MATCH = -1;

// The uid outside of a user namespace that its root has, by the content of /proc/PID/uid_map; NO_MATCH if it has none.
inline int get_userns_root_uid(std::istream& uid_map) {
	for(std::string line; std::getline(uid_map, line);) {
		std::istringstream range(line);
		int inside = 0;
		int outside = NO_MATCH;
		if(range >> inside >> outside && inside == 0) {
			return outside;
		}
	}
	return NO_MATCH;
}

// The mount namespaces of processes, below a /proc.
class ns_helper {
public:
	// `host_root`: where the host's root directory is mounted; empty for "/". It must outlive this object.
	ns_helper(const std::string& host_root): m_host_root(host_root) {
		m_cannot_read_host_init_ns_mnt = !inode(m_host_root + "/proc/1/root", m_host_init_root_inode) &&
		                                 !(m_host_root.empty() && inode("/proc/self/root", m_host_init_root_inode));
	}

	// Whether the root directory of the host's first process can be read.
	bool can_read_host_init_ns_mnt() const { return !m_cannot_read_host_init_ns_mnt; }

	// Whether the process has another root directory than the host's first one; false if that is not known.
	bool in_own_ns_mnt(int64_t pid) const {
		uint64_t root = 0;
		return can_read_host_init_ns_mnt() && inode(get_pid_root(pid), root) && root != m_host_init_root_inode;
	}

	std::string get_pid_root(int64_t pid) const { return m_host_root + "/proc/" + std::to_string(pid) + "/root"; }

private:
	static bool inode(const std::string& path, uint64_t& number) {
		struct stat found;
		if(::stat(path.c_str(), &found) != 0) {
			return false;
		}
		number = found.st_ino;
		return true;
	}

	const std::string& m_host_root;
	bool m_cannot_read_host_init_ns_mnt = false;
	uint64_t m_host_init_root_inode = 0;
};

}  // namespace procfs_utils
}  // namespace libsinsp
