// SPDX-License-Identifier: Apache-2.0
// Entries of tables of state, and accessors of their fields.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/type_info.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace libsinsp {
namespace state {

// The accessor of a field of a table's entries.
class accessor {
public:
	// A reference to an accessor of type T.
	template<typename T>
	class typed_ref {
	public:
		explicit typed_ref(const accessor& of): m_of(of) {}
		operator const accessor&() const { return m_of; }

	private:
		const accessor& m_of;
	};

	// An owning pointer to an accessor of type T.
	template<typename T>
	class typed_ptr {
	public:
		typed_ptr() = default;
		explicit typed_ptr(std::unique_ptr<const accessor> owned): m_owned(std::move(owned)) {}

		bool operator==(const typed_ptr& other) const { return m_owned == other.m_owned; }
		bool operator!=(const typed_ptr& other) const { return m_owned != other.m_owned; }
		bool operator==(std::nullptr_t) const { return m_owned == nullptr; }
		bool operator!=(std::nullptr_t) const { return m_owned != nullptr; }

		// Throws if the pointer is null.
		typed_ref<T> as_ref() const {
			if(m_owned == nullptr) {
				throw sinsp_exception("null accessor of a field");
			}
			return typed_ref<T>(*m_owned);
		}

	private:
		std::unique_ptr<const accessor> m_owned;
	};

	// An owning pointer to an accessor of any type.
	class ptr {
	public:
		explicit ptr(std::unique_ptr<const accessor> owned): m_owned(std::move(owned)) {}

		bool operator==(const ptr& other) const { return m_owned == other.m_owned; }
		bool operator!=(const ptr& other) const { return m_owned != other.m_owned; }
		bool operator==(std::nullptr_t) const { return m_owned == nullptr; }
		bool operator!=(std::nullptr_t) const { return m_owned != nullptr; }

		// Moves the accessor to a typed pointer. Throws if its type is not T.
		template<typename T>
		[[nodiscard]] typed_ptr<T> into() {
			if(m_owned != nullptr) {
				m_owned->assert_type<T>();
			}
			return typed_ptr<T>(std::move(m_owned));
		}

		// Throws if its type is not T.
		template<typename T>
		[[nodiscard]] typed_ref<T> as() const {
			return m_owned->as<T>();
		}

		[[nodiscard]] const accessor* raw_ptr() const { return m_owned.get(); }

	private:
		std::unique_ptr<const accessor> m_owned;
	};

	explicit accessor(ss_plugin_state_type type_id): m_type_id(type_id) {}
	virtual ~accessor() = default;

	[[nodiscard]] ss_plugin_state_type type_id() const { return m_type_id; }

	// Whether both accessors access the same field.
	[[nodiscard]] virtual bool same_as(const accessor& other) const { return this == &other; }

	// Throws if its type is not T.
	template<typename T>
	void assert_type() const {
		if(type_id_of<T>() != m_type_id) {
			throw sinsp_exception(std::string("the field has type ") + type_name(m_type_id) + ", not " + type_name<T>());
		}
	}

	// Throws if its type is not T.
	template<typename T>
	[[nodiscard]] typed_ref<T> as() const {
		assert_type<T>();
		return typed_ref<T>(*this);
	}

protected:
	ss_plugin_state_type m_type_id;
};

// An entry. All functions throw if the accessor is one of another table.
class table_entry {
public:
	virtual ~table_entry() = default;

	// The value; zero or an empty string if it was never written.
	template<typename T>
	T read_field(const accessor::typed_ref<T>& a) const {
		const auto* value = static_cast<const T*>(raw_read_field(a));
		return value != nullptr ? *value : T();
	}
	template<typename T>
	T read_field(const accessor::typed_ptr<T>& a) const {
		return read_field(a.as_ref());
	}

	template<typename T, typename Out>
	void read_field(const accessor::typed_ref<T>& a, Out& out) const {
		out = read_field(a);
	}
	// The string is valid until the field is written.
	void read_field(const accessor::typed_ref<std::string>& a, const char*& out) const {
		const auto* value = static_cast<const std::string*>(raw_read_field(a));
		out = value != nullptr ? value->c_str() : "";
	}
	template<typename T, typename Out>
	void read_field(const accessor::typed_ptr<T>& a, Out& out) const {
		read_field(a.as_ref(), out);
	}

	template<typename T, typename In>
	void write_field(const accessor::typed_ref<T>& a, const In& in) {
		const T value = in;
		raw_write_field(a, &value);
	}
	template<typename T, typename In>
	void write_field(const accessor::typed_ptr<T>& a, const In& in) {
		write_field(a.as_ref(), in);
	}

	// The address of the value; null if it was never written. The caller has checked the accessor's type.
	[[nodiscard]] virtual const void* raw_read_field(const accessor& a) const = 0;
	// Writes the value at `in`. The caller has checked the accessor's type.
	virtual void raw_write_field(const accessor& a, const void* in) = 0;
};

}  // namespace state
}  // namespace libsinsp
