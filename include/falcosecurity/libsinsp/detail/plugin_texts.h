// SPDX-License-Identifier: Apache-2.0
// What a plugin says of itself, read through the C ABI. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/metrics_v2.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/filter_field.h>
#include <libsinsp/sinsp_public.h>
#include <plugin/plugin_api.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace libsinsp {
namespace detail {

// One of its fields.
inline filtercheck_field_info plugin_field(const sinsp_plugin_ref* plugin, size_t number) {
	error error;
	sinsp_plugin_field found = {};
	found.size = sizeof(found);
	error.check(sinsp_plugin_describe_field(plugin, number, &found, error.out()));
	uint32_t flags = EPF_NO_PTR_STABILITY;
	flags |= found.list ? EPF_IS_LIST : 0;
	flags |= found.argument_required ? EPF_ARG_REQUIRED : 0;
	flags |= found.argument_index ? EPF_ARG_INDEX | EPF_ARG_ALLOWED : 0;
	flags |= found.argument_key ? EPF_ARG_KEY | EPF_ARG_ALLOWED : 0;
	flags |= found.add_output ? EPF_FORMAT_SUGGESTED : 0;
	flags |= found.hidden ? EPF_TABLE_ONLY : 0;
	flags |= found.info ? EPF_INFO : 0;
	flags |= found.conversation ? EPF_CONVERSATION : 0;
	return {static_cast<ppm_param_type>(found.kind), flags, PF_DEC, text(found.name), text(found.display), text(found.description)};
}

// One of its lists of names.
inline std::unordered_set<std::string> plugin_names(const sinsp_plugin_ref* plugin, sinsp_plugin_names which) {
	error error;
	std::unordered_set<std::string> found;
	const auto add = [](void* to, sinsp_str name) { static_cast<std::unordered_set<std::string>*>(to)->insert(text(name)); };
	error.check(sinsp_plugin_each_name(plugin, which, add, &found, error.out()));
	return found;
}

// Its metrics, with its name before theirs.
inline std::vector<metrics_v2> plugin_metrics(const sinsp_plugin_ref* plugin, const std::string& name) {
	std::pair<const std::string&, std::vector<metrics_v2>> found{name, {}};
	const auto add = [](void* context, const void* metric) {
		auto& [prefix, list] = *static_cast<std::pair<const std::string&, std::vector<metrics_v2>>*>(context);
		const auto& of_plugin = *static_cast<const ss_plugin_metric*>(metric);
		metrics_v2 own = {};
		std::snprintf(own.name, sizeof(own.name), "%s.%s", prefix.c_str(), of_plugin.name != nullptr ? of_plugin.name : "");
		own.flags = METRICS_V2_PLUGINS;
		own.unit = METRIC_VALUE_UNIT_COUNT;
		own.type = static_cast<metrics_v2_value_type>(of_plugin.value_type);
		own.metric_type = static_cast<metrics_v2_metric_type>(of_plugin.type);
		own.value.u64 = of_plugin.value.u64;
		list.push_back(own);
	};
	error error;
	error.check(sinsp_plugin_each_metric(plugin, add, &found, error.out()));
	return std::move(found.second);
}

}  // namespace detail
}  // namespace libsinsp
