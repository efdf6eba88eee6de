// SPDX-License-Identifier: Apache-2.0
// The users and groups of the machine and of containers.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/scap.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/timestamper.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

class sinsp_usergroup_manager;

namespace libsinsp {
namespace detail {

std::shared_ptr<sinsp_usergroup_manager> usergroups_of(std::shared_ptr<sinsp_inspector> inspector);

}  // namespace detail
}  // namespace libsinsp

// The users and groups by container id; "" is the host. `sinsp::m_usergroup_manager` has those of the inspector; a manager that a program makes
// keeps its own, separate from them. Returned pointers are to copies, which the next call for the same entry updates; they are valid until the
// user or group is removed. Used on the thread that uses the inspector.
class sinsp_usergroup_manager {
public:
	using userinfo_map = std::unordered_map<uint32_t, scap_userinfo>;
	using groupinfo_map = std::unordered_map<uint32_t, scap_groupinfo>;

	// Empty. The inspector must outlive the manager.
	sinsp_usergroup_manager(sinsp* inspector, const timestamper&):
	        sinsp_usergroup_manager(std::shared_ptr<sinsp_inspector>(std::shared_ptr<void>(), libsinsp::detail::handle_of(inspector)), true) {}

	sinsp_usergroup_manager(const sinsp_usergroup_manager&) = delete;
	sinsp_usergroup_manager& operator=(const sinsp_usergroup_manager&) = delete;

	// The users of a container; null if there are none.
	const userinfo_map* get_userlist(const std::string& container_id) {
		return list<sinsp_user>(m_userlist, container_id, sinsp_users_each_user);
	}

	// Returns null if the user is unknown.
	scap_userinfo* get_user(const std::string& container_id, uint32_t uid) {
		return one<sinsp_user>(m_userlist, container_id, uid, sinsp_users_each_user);
	}

	// The groups of a container; null if there are none.
	const groupinfo_map* get_grouplist(const std::string& container_id) {
		return list<sinsp_group>(m_grouplist, container_id, sinsp_users_each_group);
	}

	// Returns null if the group is unknown.
	scap_groupinfo* get_group(const std::string& container_id, uint32_t gid) {
		return one<sinsp_group>(m_grouplist, container_id, gid, sinsp_users_each_group);
	}

	// Adds the user of a process if it is unknown, and returns it; null if it cannot be found. `pid`: a process of the container, unless the
	// container is the host. `notify`: emits an event for an added user.
	scap_userinfo* add_user(const std::string& container_id, int64_t pid, uint32_t uid, uint32_t gid, bool notify = false) {
		if(uid != no_id && !m_import_users) {
			return unknown_user(uid, gid);
		}
		return act([&](sinsp_str container, sinsp_error** error) {
			       return sinsp_users_add_user_id(m_users.get(), container, pid, uid, gid, notify, error);
		       }, container_id)
		               ? get_user(container_id, uid)
		               : nullptr;
	}

	// Same, with the user's data. If `name` is empty, the files of the host or container are read for it.
	scap_userinfo* add_user(const std::string& container_id,
	                        int64_t pid,
	                        uint32_t uid,
	                        uint32_t gid,
	                        std::string_view name,
	                        std::string_view home,
	                        std::string_view shell,
	                        bool notify = false) {
		if(!m_import_users) {
			return unknown_user(uid, gid);
		}
		const sinsp_user user = {uid, gid, given(name), given(home), given(shell)};
		return act([&](sinsp_str container, sinsp_error** error) {
			       return sinsp_users_add_user(m_users.get(), container, pid, &user, notify, error);
		       }, container_id)
		               ? get_user(container_id, uid)
		               : nullptr;
	}

	// As add_user(), for a group.
	scap_groupinfo* add_group(const std::string& container_id, int64_t pid, uint32_t gid, bool notify = false) {
		if(gid != no_id && !m_import_users) {
			return unknown_group(gid);
		}
		return act([&](sinsp_str container, sinsp_error** error) {
			       return sinsp_users_add_group_id(m_users.get(), container, pid, gid, notify, error);
		       }, container_id)
		               ? get_group(container_id, gid)
		               : nullptr;
	}

	scap_groupinfo* add_group(const std::string& container_id,
	                          int64_t pid,
	                          uint32_t gid,
	                          std::string_view name,
	                          bool notify = false) {
		if(!m_import_users) {
			return unknown_group(gid);
		}
		const sinsp_group group = {gid, given(name)};
		return act([&](sinsp_str container, sinsp_error** error) {
			       return sinsp_users_add_group(m_users.get(), container, pid, &group, notify, error);
		       }, container_id)
		               ? get_group(container_id, gid)
		               : nullptr;
	}

	// Removes a user. Returns whether it was known.
	bool rm_user(const std::string& container_id, uint32_t uid, bool notify = false) {
		const bool known = act([&](sinsp_str container, sinsp_error** error) {
			return sinsp_users_remove_user(m_users.get(), container, uid, notify, error);
		}, container_id);
		m_userlist[container_id].erase(uid);
		return known;
	}

	// Removes a group. Returns whether it was known.
	bool rm_group(const std::string& container_id, uint32_t gid, bool notify = false) {
		const bool known = act([&](sinsp_str container, sinsp_error** error) {
			return sinsp_users_remove_group(m_users.get(), container, gid, notify, error);
		}, container_id);
		m_grouplist[container_id].erase(gid);
		return known;
	}

	// Removes all users and groups of a container, with an event for each.
	void delete_container(const std::string& container_id) {
		act([&](sinsp_str container, sinsp_error** error) {
			return sinsp_users_remove_container(m_users.get(), container, error);
		}, container_id);
		m_userlist.erase(container_id);
		m_grouplist.erase(container_id);
	}

	// Whether users and groups are added. If false, add_user() and add_group() return an entry named "<NA>". sinsp::set_import_users() sets what
	// the inspector itself adds.
	bool m_import_users = true;

private:
	friend std::shared_ptr<sinsp_usergroup_manager> libsinsp::detail::usergroups_of(std::shared_ptr<sinsp_inspector> inspector);

	// The uid or gid of a thread of which they are unknown.
	static constexpr uint32_t no_id = UINT32_MAX;

	sinsp_usergroup_manager(std::shared_ptr<sinsp_inspector> inspector, bool beside): m_inspector(std::move(inspector)) {
		libsinsp::detail::error error;
		m_users.reset(sinsp_users_new(m_inspector.get(), beside, error.out()));
		if(m_users == nullptr) {
			error.raise();
		}
	}

	static sinsp_str given(std::string_view text) { return libsinsp::detail::str(text); }

	template<size_t Size>
	static void copy(char (&to)[Size], sinsp_str from) {
		const size_t len = from.len < Size ? from.len : Size - 1;
		if(len != 0) {
			std::memcpy(to, from.data, len);
		}
		to[len] = '\0';
	}

	static void fill(scap_userinfo& to, const sinsp_user& from) {
		to.uid = from.uid;
		to.gid = from.gid;
		copy(to.name, from.name);
		copy(to.homedir, from.homedir);
		copy(to.shell, from.shell);
	}

	static void fill(scap_groupinfo& to, const sinsp_group& from) {
		to.gid = from.gid;
		copy(to.name, from.name);
	}

	static uint32_t id_of(const sinsp_user& user) { return user.uid; }
	static uint32_t id_of(const sinsp_group& group) { return group.gid; }

	scap_userinfo* unknown_user(uint32_t uid, uint32_t gid) {
		fill(m_unknown_user, {uid, gid, given("<NA>"), given("<NA>"), given("<NA>")});
		return &m_unknown_user;
	}

	scap_groupinfo* unknown_group(uint32_t gid) {
		fill(m_unknown_group, {gid, given("<NA>")});
		return &m_unknown_group;
	}

	// Calls a function of the C ABI. Throws if it fails.
	template<typename Function>
	static bool act(Function function, const std::string& container_id) {
		libsinsp::detail::error error;
		const bool answer = function(given(container_id), error.out());
		error.check(error.status());
		return answer;
	}

	// Calls `take` for each entry of the container, or for the one with the id `*id`. Returns whether there was any.
	template<typename Entry, typename Each, typename Take>
	bool visit(const std::string& container_id, const uint32_t* id, Each each, Take take) const {
		using visitor = libsinsp::detail::visitor<const Entry, Take>;
		visitor calls(take);
		const bool any = act([&](sinsp_str container, sinsp_error** error) {
			return each(m_users.get(), container, id, visitor::template call<const Entry>, &calls, error);
		}, container_id);
		calls.rethrow();
		return any;
	}

	template<typename Entry, typename Map, typename Each>
	const Map* list(std::unordered_map<std::string, Map>& lists, const std::string& container_id, Each each) const {
		auto& kept = lists[container_id];
		Map now;
		const bool any = visit<Entry>(container_id, nullptr, each, [&](const Entry& entry) {
			fill(now[id_of(entry)], entry);
			return true;
		});
		for(auto it = kept.begin(); it != kept.end();) {
			it = now.count(it->first) == 0 ? kept.erase(it) : std::next(it);
		}
		// Overwrites existing entries in place: pointers to them stay valid.
		for(const auto& [id, entry] : now) {
			kept[id] = entry;
		}
		return any ? &kept : nullptr;
	}

	template<typename Entry, typename Map, typename Each>
	typename Map::mapped_type* one(std::unordered_map<std::string, Map>& lists,
	                               const std::string& container_id,
	                               uint32_t id,
	                               Each each) const {
		auto& kept = lists[container_id];
		const bool any = visit<Entry>(container_id, &id, each, [&](const Entry& entry) {
			fill(kept[id], entry);
			return true;
		});
		if(!any) {
			kept.erase(id);
			return nullptr;
		}
		return &kept[id];
	}

	// The inspector's own manager keeps it alive; one that a program made does not.
	std::shared_ptr<sinsp_inspector> m_inspector;
	libsinsp::detail::handle<sinsp_users, sinsp_users_free> m_users;
	std::unordered_map<std::string, userinfo_map> m_userlist;
	std::unordered_map<std::string, groupinfo_map> m_grouplist;
	scap_userinfo m_unknown_user = {};
	scap_groupinfo m_unknown_group = {};
};

namespace libsinsp {
namespace detail {

inline std::shared_ptr<sinsp_usergroup_manager> usergroups_of(std::shared_ptr<sinsp_inspector> inspector) {
	return std::shared_ptr<sinsp_usergroup_manager>(new sinsp_usergroup_manager(std::move(inspector), false));
}

}  // namespace detail
}  // namespace libsinsp
