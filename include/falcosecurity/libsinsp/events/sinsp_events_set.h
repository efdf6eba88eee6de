// SPDX-License-Identifier: Apache-2.0
// Sets of event codes and of system-call codes.
#pragma once

#include <libsinsp/detail/standard.h>

#include <driver/ppm_events_public.h>
#include <libscap/scap.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace libsinsp {
namespace events {

// A set of codes of the enum T, with one byte per code: 1 if it contains the code, else 0.
template<typename T>
class set {
public:
	class iterator {
	public:
		using iterator_category = std::forward_iterator_tag;
		using difference_type = std::ptrdiff_t;
		using value_type = T;
		using pointer = const T*;
		using reference = const T&;

		iterator(const uint8_t* bytes, size_t index, size_t end): m_bytes(bytes), m_index(index), m_end(end) { settle(); }

		reference operator*() const { return m_value; }
		pointer operator->() const { return &m_value; }
		iterator& operator++() {
			m_index++;
			settle();
			return *this;
		}
		iterator operator++(int) {
			auto before = *this;
			++*this;
			return before;
		}
		friend bool operator==(const iterator& a, const iterator& b) {
			return a.m_bytes == b.m_bytes && a.m_index == b.m_index;
		}
		friend bool operator!=(const iterator& a, const iterator& b) { return !(a == b); }

	private:
		void settle() {
			while(m_index < m_end && m_bytes[m_index] == 0) {
				m_index++;
			}
			m_value = static_cast<T>(m_index);
		}

		const uint8_t* m_bytes;
		size_t m_index;
		size_t m_end;
		T m_value;
	};

	inline set();
	explicit set(T max): m_bytes(static_cast<size_t>(max) + 1), m_max(max) {}
	set(std::initializer_list<T> values): set(values.begin(), values.end()) {}

	template<typename Iterator>
	set(Iterator first, Iterator last): set() {
		insert(first, last);
	}

	template<typename Iterable, typename = decltype(std::declval<const Iterable&>().begin())>
	set(const Iterable& values): set(values.begin(), values.end()) {}

	set(set&&) noexcept = default;
	set(const set&) = default;
	set& operator=(set&&) noexcept = default;
	set& operator=(const set&) = default;

	template<typename Iterator>
	static set from(Iterator first, Iterator last) {
		return set(first, last);
	}

	template<typename Iterable>
	static set from(const Iterable& values) {
		return set(values.begin(), values.end());
	}

	// One byte for each code from 0 to the highest.
	const uint8_t* data() const noexcept { return m_bytes.data(); }

	iterator begin() const { return iterator(m_bytes.data(), 0, m_max); }
	iterator end() const { return iterator(m_bytes.data(), m_max, m_max); }

	// The following throw for a code above the highest.
	void insert(T value) { change(value, 1); }
	void remove(T value) { change(value, 0); }
	bool contains(T value) const { return m_bytes[index(value)] != 0; }

	template<typename Iterator>
	void insert(Iterator first, Iterator last) {
		for(; first != last; ++first) {
			insert(*first);
		}
	}

	void clear() {
		m_bytes.assign(m_bytes.size(), 0);
		m_size = 0;
	}

	bool empty() const { return m_size == 0; }
	size_t size() const { return m_size; }
	bool equals(const set& other) const { return m_bytes == other.m_bytes; }

	set merge(const set& other) const {
		return combine(other, "merge", [](bool a, bool b) { return a || b; });
	}
	set diff(const set& other) const {
		return combine(other, "diff", [](bool a, bool b) { return a && !b; });
	}
	set intersect(const set& other) const {
		return combine(other, "intersect", [](bool a, bool b) { return a && b; });
	}

	// Calls `consumer` for each code in ascending order until it returns false.
	void for_each(const std::function<bool(T)>& consumer) const {
		for(const auto value : *this) {
			if(!consumer(value)) {
				return;
			}
		}
	}

	set filter(const std::function<bool(T)>& predicate) const {
		set kept(m_max);
		for(const auto value : *this) {
			if(predicate(value)) {
				kept.insert(value);
			}
		}
		return kept;
	}

private:
	size_t index(T value) const {
		if(value > m_max) {
			throw sinsp_exception("invalid event type");
		}
		return static_cast<size_t>(value);
	}

	void change(T value, uint8_t to) {
		auto& byte = m_bytes[index(value)];
		m_size = m_size + to - byte;
		byte = to;
	}

	template<typename Rule>
	set combine(const set& other, const char* what, Rule rule) const {
		if(other.m_max != m_max) {
			throw sinsp_exception(std::string("cannot ") + what + " sets with different max size.");
		}
		set out(m_max);
		for(size_t i = 0; i < m_bytes.size(); i++) {
			if(rule(m_bytes[i] != 0, other.m_bytes[i] != 0)) {
				out.insert(static_cast<T>(i));
			}
		}
		return out;
	}

	std::vector<uint8_t> m_bytes;
	T m_max;
	size_t m_size = 0;
};

template<>
inline set<ppm_sc_code>::set(): set(PPM_SC_MAX) {}

template<>
inline set<ppm_event_code>::set(): set(PPM_EVENT_MAX) {}

template<typename T>
bool operator==(const set<T>& a, const set<T>& b) {
	return a.equals(b);
}

template<typename T>
bool operator!=(const set<T>& a, const set<T>& b) {
	return !a.equals(b);
}

template<typename T>
std::ostream& operator<<(std::ostream& out, const set<T>& values) {
	const char* before = "(";
	for(const auto value : values) {
		out << before << value;
		before = ", ";
	}
	return out << (values.empty() ? "()" : ")");
}

}  // namespace events
}  // namespace libsinsp
