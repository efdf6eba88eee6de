// SPDX-License-Identifier: Apache-2.0
// The base class of filter checks, from which programs derive classes of fields of their own.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/event.h>
#include <libsinsp/filter_cache.h>
#include <libsinsp/filter_compare.h>
#include <libsinsp/filter_field.h>
#include <libsinsp/filter_value.h>
#include <libsinsp/sinsp_filter_transformers.h>
#include <libsinsp/sinsp_public.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

class sinsp;

// The boolean operator between a check and the one before it.
enum boolop : uint8_t {
	BO_NONE = 0,
	BO_NOT = 1,
	BO_OR = 2,
	BO_AND = 4,
	BO_ORNOT = BO_OR | BO_NOT,
	BO_ANDNOT = BO_AND | BO_NOT,
};

namespace std {
inline std::string to_string(boolop b) {
	switch(b) {
	case BO_NONE:
		return "NONE";
	case BO_NOT:
		return "NOT";
	case BO_OR:
		return "OR";
	case BO_AND:
		return "AND";
	case BO_ORNOT:
		return "OR_NOT";
	case BO_ANDNOT:
		return "AND_NOT";
	}
	return "<unset>";
}
}  // namespace std

// Extracts one field of an event and compares it. A derived class sets m_info to its fields and overrides allocate_new(), and
// extract_single() for single values or extract_nocache() for lists. Used on the thread that uses the inspector.
class SINSP_PUBLIC sinsp_filter_check {
public:
	sinsp_filter_check() = default;
	sinsp_filter_check(const sinsp_filter_check&) = delete;
	sinsp_filter_check& operator=(const sinsp_filter_check&) = delete;
	virtual ~sinsp_filter_check() = default;

	void set_inspector(sinsp* inspector) { m_inspector = inspector; }

	// Makes another check of the same class.
	virtual std::unique_ptr<sinsp_filter_check> allocate_new() {
		throw sinsp_exception("can't clone abstract sinsp_filter_check");
	}

	// The fields of the class.
	virtual const filter_check_info* get_fields() const { return m_info; }

	// The field that parse_field_name() selected; null before.
	virtual const filtercheck_field_info* get_field_info() const { return m_field; }

	// Selects the field with the longest name that `str` begins with. Returns the number of bytes parsed, -1 if there is no such field. Throws if
	// the field does not allow this use.
	virtual int32_t parse_field_name(std::string_view str, bool alloc_state, bool needed_for_filtering) {
		(void)alloc_state;
		if(m_info == nullptr) {
			return -1;
		}
		m_field_id = static_cast<uint32_t>(-1);
		size_t longest = 0;
		for(int32_t i = 0; i < m_info->m_nfields; i++) {
			const auto& field = m_info->m_fields[i];
			if(field.m_name.size() > longest && str.substr(0, field.m_name.size()) == field.m_name) {
				longest = field.m_name.size();
				m_field_id = static_cast<uint32_t>(i);
				m_field = &field;
			}
		}
		if(longest == 0) {
			return -1;
		}
		check_use(str, needed_for_filtering);
		return static_cast<int32_t>(longest);
	}

	// Adds the constant of index `i` to the right-hand side. Throws if it is not a value of the field's type.
	virtual void add_filter_value(const char* str, uint32_t len, uint32_t i = 0) {
		if(has_filtercheck_value()) {
			throw sinsp_exception("can't add const field value: field '" + name() + "' already has another field '" +
			                      m_rhs_filter_check->name() + "' as right-hand side value");
		}
		if(m_val_storages.size() <= i) {
			m_val_storages.resize(i + 1);
			m_vals.resize(i + 1);
		}
		auto& storage = m_val_storages[i];
		storage.resize(s_max_filter_value_size);
		const size_t parsed = parse_filter_value(str, len, storage.data(), static_cast<uint32_t>(storage.size()));
		m_vals[i] = {storage.data(), static_cast<uint32_t>(parsed)};
		m_constants.reset();
		if(m_cmp.op == CO_REGEX) {
			prepare_constants(get_transformed_field_info()->m_type);
		}
	}

	// Sets a field as the right-hand side. Throws if the two fields cannot be compared.
	virtual void add_filter_value(std::unique_ptr<sinsp_filter_check> chk) {
		const std::string other = chk->name();
		if(!m_vals.empty()) {
			throw sinsp_exception("can't add '" + other + "' as field value: field '" + name() +
			                      "' is already compared with other const values");
		}
		if(has_filtercheck_value()) {
			throw sinsp_exception("can't add '" + other + "' as field value: field '" + name() +
			                      "' is already compared with right-hand side field '" + m_rhs_filter_check->name() + "'");
		}
		if(m_cmp.op == CO_PMATCH || m_cmp.op == CO_REGEX) {
			throw sinsp_exception("operator '" + std::to_string(m_cmp.op) + "' doesn't support right-hand side fields");
		}
		const auto type = get_transformed_field_info()->m_type;
		if(type == PT_IPNET || type == PT_IPV4NET || type == PT_IPV6NET) {
			throw sinsp_exception("field type 'IPNET' doesn't support right-hand side fields");
		}
		if(!get_transformed_field_info()->is_rhs_field_supported()) {
			throw sinsp_exception("field '" + name() + "' doesn't support right-hand side fields");
		}
		if(!chk->get_transformed_field_info()->is_rhs_field_supported()) {
			throw sinsp_exception("field '" + other + "' can't be used as a right-hand side field");
		}
		m_rhs_filter_check = std::move(chk);
		check_rhs_field_type_consistency();
	}

	// The constants of the right-hand side, in the binary form of the field's type.
	virtual const std::vector<filter_value_t>& get_filter_values() const { return m_vals; }
	// Whether the right-hand side is a field.
	virtual bool has_filtercheck_value() const { return m_rhs_filter_check != nullptr; }

	// Applies a transformer to extracted values. Throws if the field does not allow it.
	virtual void add_transformer(filter_transformer_type trtype) {
		const auto* info = get_field_info();
		if(info == nullptr) {
			throw sinsp_exception("transformer added to non-initialized field info");
		}
		if(!info->is_transformer_supported()) {
			throw sinsp_exception("field '" + info->m_name + "' does not support transformers");
		}
		if(m_transformed_field == nullptr) {
			m_transformed_field = std::make_unique<filtercheck_field_info>(*info);
		}
		if(trtype != FTR_STORAGE) {
			uint32_t kind = m_transformed_field->m_type;
			bool list = m_transformed_field->is_list();
			libsinsp::detail::error error;
			const std::string transformer = filter_transformer_type_str(trtype);
			if(sinsp_values_transform(nullptr, libsinsp::detail::str(transformer), &kind, &list, error.out()) < 0) {
				throw sinsp_exception("can't add field transformer: " + error.message() + ", applied on " +
				                      (list ? "list " : "") + "field '" + info->m_name + "'");
			}
			m_transformed_field->m_type = static_cast<ppm_param_type>(kind);
			m_transformed_field->m_flags &= ~uint32_t{EPF_IS_LIST};
			m_transformed_field->m_flags |= list ? EPF_IS_LIST : 0;
			if(trtype == FTR_LEN) {
				m_transformed_field->m_print_format = PF_DEC;
			}
		}
		m_transformers.push_back(trtype);
		m_constants.reset();
		check_rhs_field_type_consistency();
	}
	virtual bool has_transformers() const { return !m_transformers.empty(); }

	// The field as its transformers leave it.
	virtual const filtercheck_field_info* get_transformed_field_info() const {
		return m_transformed_field != nullptr ? m_transformed_field.get() : get_field_info();
	}

	// Extracts the field's values from an event; false if it does not have the field. Their memory is valid until the check is used
	// again. What cannot be printed in texts becomes U+FFFD if `sanitize_strings`.
	bool extract(sinsp_evt* evt, std::vector<extract_value_t>& values, bool sanitize_strings = true) {
		return extract_with_offsets(evt, values, nullptr, sanitize_strings);
	}

	// The same, and where the values lie in the event.
	bool extract_with_offsets(sinsp_evt* evt,
	                          std::vector<extract_value_t>& values,
	                          std::vector<extract_offset_t>& offsets,
	                          bool sanitize_strings = true) {
		return extract_with_offsets(evt, values, &offsets, sanitize_strings);
	}

	// Returns whether the comparison is true for an event.
	virtual bool compare(sinsp_evt* evt) {
		if(m_cache_metrics != nullptr) {
			m_cache_metrics->m_num_compare++;
		}
		if(m_compare_cache == nullptr) {
			return compare_nocache(evt);
		}
		if(!m_compare_cache->is_valid(evt)) {
			m_compare_cache->update(evt, compare_nocache(evt));
		} else if(m_cache_metrics != nullptr) {
			m_cache_metrics->m_num_compare_cache++;
		}
		return m_compare_cache->result();
	}

	// The field's values as text, valid until the check is used again. Returns null if the event does not have the field.
	virtual char* tostring(sinsp_evt* evt) {
		m_extracted_values.clear();
		if(!extract(evt, m_extracted_values)) {
			return nullptr;
		}
		const auto* info = get_transformed_field_info();
		return shown(m_extracted_values, info->m_type, info->m_print_format, info->is_list());
	}

	// Formats a value as text, valid until the check is used again.
	char* rawval_to_string(uint8_t* rawval, ppm_param_type ptype, ppm_print_format print_format, uint32_t len) {
		return shown({{rawval, len}}, ptype, print_format, false);
	}

	sinsp* m_inspector = nullptr;
	std::vector<extract_value_t> m_extracted_values;
	std::shared_ptr<sinsp_filter_compare_cache> m_compare_cache;
	std::shared_ptr<sinsp_filter_extract_cache> m_extract_cache;
	std::shared_ptr<sinsp_filter_cache_metrics> m_cache_metrics;
	boolop m_boolop = BO_NONE;
	comparator m_cmp;

protected:
	virtual bool compare_nocache(sinsp_evt* evt) {
		if(!extract_compared(evt)) {
			return false;
		}
		const auto type = get_transformed_field_info()->m_type;
		if(!has_filtercheck_value()) {
			return compare_rhs(m_cmp, type, m_extracted_values);
		}
		if(!m_rhs_filter_check->extract_compared(evt)) {
			return false;
		}
		load(m_left, type, m_extracted_values);
		load(m_right, type, m_rhs_filter_check->m_extracted_values);
		libsinsp::detail::error error;
		const int32_t holds = sinsp_values_compare(libsinsp::detail::str(libsinsp::detail::spelled(m_cmp)),
		                                           get_transformed_field_info()->is_list(),
		                                           m_left.get(),
		                                           m_right.get(),
		                                           error.out());
		return libsinsp::detail::truth(holds, error);
	}

	// Extracts the values to compare: they do not depend on how the inspector shows data.
	bool extract_compared(sinsp_evt* evt) {
		const comparing now(*this);
		m_extracted_values.clear();
		return extract(evt, m_extracted_values, false);
	}

	// Whether what is extracted is to be compared.
	bool is_comparing() const { return m_comparing; }

	// Converts a constant to the binary form of the field's type. Returns its length in bytes. Throws if it is not a value of the type or does not
	// fit in `storage_len` bytes.
	virtual size_t parse_filter_value(const char* str, uint32_t len, uint8_t* storage, uint32_t storage_len) {
		const auto type = get_transformed_field_info()->m_type;
		libsinsp::detail::error error;
		auto& values = emptied(m_right);
		error.check(sinsp_values_parse(values.get(), type, sinsp_str{str, len}, error.out()));
		size_t count = 0;
		const sinsp_str* parsed = sinsp_values_get(values.get(), type, &count, error.out());
		if(parsed == nullptr || count == 0) {
			error.raise();
		}
		if(parsed->len >= storage_len) {
			throw sinsp_exception("filter parameter too long");
		}
		std::memcpy(storage, parsed->data, parsed->len);
		return parsed->len;
	}

	// Extracts the values before transformers are applied. The default returns the value of extract_single().
	virtual bool extract_nocache(sinsp_evt* evt,
	                             std::vector<extract_value_t>& values,
	                             std::vector<extract_offset_t>* offsets,
	                             bool sanitize_strings = true) {
		values.clear();
		if(offsets != nullptr) {
			offsets->clear();
		}
		extract_value_t value;
		value.ptr = extract_single(evt, &value.len, sanitize_strings);
		if(value.ptr == nullptr) {
			return false;
		}
		values.push_back(value);
		if(offsets != nullptr) {
			offsets->emplace_back();
		}
		return true;
	}

	// Returns the value and sets `*len` to its length in bytes; null if the event does not have the field.
	virtual uint8_t* extract_single(sinsp_evt*, uint32_t* len, bool sanitize_strings = true) {
		(void)sanitize_strings;
		*len = 0;
		return nullptr;
	}

	bool extract_with_offsets(sinsp_evt* evt,
	                          std::vector<extract_value_t>& values,
	                          std::vector<extract_offset_t>* offsets,
	                          bool sanitize_strings = true) {
		if(m_cache_metrics != nullptr) {
			m_cache_metrics->m_num_extract++;
		}
		if(m_extract_cache != nullptr && m_extract_cache->is_valid(evt)) {
			if(m_cache_metrics != nullptr) {
				m_cache_metrics->m_num_extract_cache++;
			}
			values = m_extract_cache->values();
			return m_extract_cache->result();
		}
		const bool present = extract_nocache(evt, values, offsets, sanitize_strings) && apply_transformers(values);
		if(m_extract_cache != nullptr) {
			m_extract_cache->update(evt, present, values);
		}
		return present;
	}

	// Applies the transformers to `values`. Returns false if a value cannot be transformed.
	bool apply_transformers(std::vector<extract_value_t>& values) {
		if(m_transformers.empty()) {
			return true;
		}
		uint32_t kind = get_field_info()->m_type;
		bool list = get_field_info()->is_list();
		load(m_transformed, static_cast<ppm_param_type>(kind), values);
		for(const auto transformer : m_transformers) {
			if(transformer == FTR_STORAGE) {
				continue;
			}
			libsinsp::detail::error error;
			const char* name = libsinsp::detail::transformers[transformer];
			const int32_t done =
			        sinsp_values_transform(m_transformed.get(), libsinsp::detail::str(name), &kind, &list, error.out());
			if(!libsinsp::detail::truth(done, error)) {
				return false;
			}
		}
		store(m_transformed, static_cast<ppm_param_type>(kind), values);
		return true;
	}

	// Compares values with the constants of the right-hand side.
	bool compare_rhs(comparator cmp, ppm_param_type type, std::vector<extract_value_t>& values) {
		if(cmp.op == CO_EXISTS) {
			return true;
		}
		if(!get_transformed_field_info()->is_list() && values.size() > 1) {
			throw sinsp_exception("non-list filter '" + name() + "' expected to extract a single value, but " +
			                      std::to_string(values.size()) + " were found");
		}
		if(m_constants == nullptr || m_constants_of.op != cmp.op || m_constants_of.mod != cmp.mod) {
			m_constants_of = cmp;
			prepare_constants(type);
		}
		load(m_left, type, values);
		libsinsp::detail::error error;
		return libsinsp::detail::truth(sinsp_constants_hold(m_constants.get(), m_left.get(), error.out()), error);
	}

	bool compare_rhs(comparator cmp, ppm_param_type type, const void* operand1, uint32_t op1_len = 0) {
		const auto value = libsinsp::detail::measured(type, operand1, op1_len);
		std::vector<extract_value_t> values = {
		        {reinterpret_cast<uint8_t*>(const_cast<char*>(value.data)), static_cast<uint32_t>(value.len)}};
		return compare_rhs(cmp, type, values);
	}

	uint8_t* filter_value_p(uint16_t i = 0) { return m_vals.at(i).first; }
	uint32_t filter_value_len(uint16_t i = 0) { return m_vals.at(i).second; }

	// Helpers that return a string from extract_single(). The string must stay valid until the next extraction.
	uint8_t* extract_single_string(const std::string& str, uint32_t* len, const bool must_sanitize) {
		return single_text(str, len, must_sanitize);
	}
	uint8_t* extract_single_cstring(const char* str, uint32_t* len, const bool must_sanitize) {
		return str == nullptr ? nullptr : single_text(str, len, must_sanitize);
	}

	// Same for a number.
	template<typename T, std::enable_if_t<std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>, int> = 0>
	static uint8_t* extract_single_val(T& val, uint32_t* len) {
		*len = sizeof(val);
		return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(&val));
	}

	void set_transformed_field(std::unique_ptr<filtercheck_field_info> field) { m_transformed_field = std::move(field); }

	// Throws if the field is for filters only and is used in a format.
	void check_use(std::string_view str, bool needed_for_filtering) const {
		if(!needed_for_filtering && (m_field->m_flags & EPF_FILTER_ONLY) != 0) {
			throw sinsp_exception(std::string(str) + " is filter only and cannot be used as a display field");
		}
	}

	// Points `out` to the values in `values`; valid until `values` is used again.
	static void store(const libsinsp::detail::values& values, ppm_param_type type, std::vector<extract_value_t>& out) {
		libsinsp::detail::error error;
		size_t count = 0;
		const sinsp_str* views = sinsp_values_get(values.get(), type, &count, error.out());
		if(views == nullptr && error.status() != SINSP_SUCCESS) {
			error.raise();
		}
		out.clear();
		for(size_t i = 0; i < count; i++) {
			auto* bytes = reinterpret_cast<uint8_t*>(const_cast<char*>(views[i].data));
			out.push_back({bytes, static_cast<uint32_t>(views[i].len)});
		}
	}

	static libsinsp::detail::values& emptied(libsinsp::detail::values& values) {
		if(values == nullptr) {
			values.reset(sinsp_values_new());
		}
		libsinsp::detail::error error;
		error.check(sinsp_values_clear(values.get(), error.out()));
		return values;
	}

	std::vector<char> m_getpropertystr_storage;
	std::vector<std::vector<uint8_t>> m_val_storages;
	std::vector<filter_value_t> m_vals;
	const filtercheck_field_info* m_field = nullptr;
	const filter_check_info* m_info = nullptr;
	uint32_t m_field_id = static_cast<uint32_t>(-1);
	std::unique_ptr<sinsp_filter_check> m_rhs_filter_check;
	std::vector<filter_transformer_type> m_transformers;
	std::unique_ptr<std::string> m_sanitized_str_storage;

private:
	// The largest length of a constant in bytes, plus one.
	static constexpr size_t s_max_filter_value_size = 256;

	// Marks a check as long as it compares.
	class comparing {
	public:
		explicit comparing(sinsp_filter_check& check): m_check(check), m_before(check.m_comparing) { check.m_comparing = true; }
		comparing(const comparing&) = delete;
		comparing& operator=(const comparing&) = delete;
		~comparing() { m_check.m_comparing = m_before; }

	private:
		sinsp_filter_check& m_check;
		bool m_before;
	};

	std::string name() const { return get_transformed_field_info()->m_name; }

	static void load(libsinsp::detail::values& values, ppm_param_type type, const std::vector<extract_value_t>& from) {
		emptied(values);
		libsinsp::detail::error error;
		for(const auto& value : from) {
			const sinsp_str bytes = libsinsp::detail::measured(type, value.ptr, value.len);
			error.check(sinsp_values_add(values.get(), type, bytes, error.out()));
		}
	}

	void prepare_constants(ppm_param_type type) {
		std::vector<sinsp_str> views;
		for(const auto& [bytes, len] : m_vals) {
			views.push_back({reinterpret_cast<const char*>(bytes), len});
		}
		libsinsp::detail::error error;
		m_constants.reset(sinsp_constants_new(libsinsp::detail::str(libsinsp::detail::spelled(m_cmp)),
		                                      type,
		                                      get_transformed_field_info()->is_list(),
		                                      views.data(),
		                                      views.size(),
		                                      error.out()));
		if(m_constants == nullptr) {
			error.raise();
		}
	}

	void check_rhs_field_type_consistency() const {
		if(!has_filtercheck_value()) {
			return;
		}
		const auto* left = get_transformed_field_info();
		const auto* right = m_rhs_filter_check->get_transformed_field_info();
		if(left->m_type != right->m_type || left->is_list() != right->is_list()) {
			throw sinsp_exception("field '" + left->m_name + "' and the right-hand side field '" + right->m_name +
			                      "' are of incompatible types");
		}
	}

	char* shown(const std::vector<extract_value_t>& values, ppm_param_type type, ppm_print_format format, bool list) {
		load(m_left, type, values);
		libsinsp::detail::error error;
		const sinsp_str text = sinsp_values_text(m_left.get(), type, format, list, error.out());
		if(error.status() != SINSP_SUCCESS) {
			error.raise();
		}
		return kept(libsinsp::detail::view(text));
	}

	uint8_t* single_text(std::string_view text, uint32_t* len, bool must_sanitize) {
		if(must_sanitize) {
			auto& values = emptied(m_right);
			libsinsp::detail::error error;
			error.check(sinsp_values_add(values.get(), PT_BYTEBUF, libsinsp::detail::str(text), error.out()));
			error.check(sinsp_values_sanitize(values.get(), error.out()));
			size_t count = 0;
			const sinsp_str* valid = sinsp_values_get(values.get(), PT_BYTEBUF, &count, error.out());
			if(valid != nullptr && count == 1 && libsinsp::detail::view(*valid) != text) {
				m_sanitized_str_storage = std::make_unique<std::string>(libsinsp::detail::view(*valid));
				text = *m_sanitized_str_storage;
			}
		}
		*len = static_cast<uint32_t>(text.size());
		return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text.data()));
	}

	std::unique_ptr<filtercheck_field_info> m_transformed_field;
	// Constants made ready, and the operator that they are for.
	libsinsp::detail::constants m_constants;
	comparator m_constants_of;
	bool m_comparing = false;
	libsinsp::detail::values m_left, m_right, m_transformed;

protected:
	// A text that stays until the next, with a NUL at its end.
	char* kept(std::string_view text) {
		m_getpropertystr_storage.assign(text.begin(), text.end());
		m_getpropertystr_storage.push_back('\0');
		return m_getpropertystr_storage.data();
	}
};
