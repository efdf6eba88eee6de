// SPDX-License-Identifier: Apache-2.0
// Conversions between C++ and the C ABI: strings, errors as exceptions, owning handles. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/capi.h>
#include <libsinsp/sinsp_exception.h>

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace libsinsp {
namespace detail {

inline sinsp_str str(std::string_view text) {
	return sinsp_str{text.data(), text.size()};
}

inline std::string_view view(sinsp_str text) {
	return text.len == 0 ? std::string_view() : std::string_view(text.data, text.len);
}

inline std::string text(sinsp_str text) {
	return std::string(view(text));
}

// The strings of a list of NUL-terminated strings.
inline std::vector<std::string> texts(sinsp_str list) {
	std::vector<std::string> all;
	for(auto rest = view(list); !rest.empty();) {
		const auto end = rest.find('\0');
		all.emplace_back(rest.substr(0, end));
		rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
	}
	return all;
}

// Carries an exception of a program's callback through the library to the caller.
class thrown {
public:
	// Stores the current exception. Returns its message, valid until the next call.
	static sinsp_str keep() {
		s_kept = std::current_exception();
		try {
			throw;
		} catch(const std::exception& e) {
			s_message = e.what();
		} catch(...) {
			s_message = "an exception that is no std::exception";
		}
		return str(s_message);
	}

	// Rethrows the stored exception if its message is `message`; drops it in any case.
	static void rethrow(std::string_view message) {
		const auto kept = std::exchange(s_kept, nullptr);
		if(kept != nullptr && message.find(s_message) != std::string_view::npos) {
			std::rethrow_exception(kept);
		}
	}

private:
	static inline thread_local std::exception_ptr s_kept;
	static inline thread_local std::string s_message;
};

// The error of a function of the C ABI.
class error {
public:
	error() = default;
	// Owns an error that a function returned; null: none.
	explicit error(sinsp_error* left): m_error(left) {}
	error(const error&) = delete;
	error& operator=(const error&) = delete;
	~error() {
		if(m_error != nullptr) {
			sinsp_error_free(m_error);
		}
	}

	sinsp_error** out() { return &m_error; }
	sinsp_status status() const { return sinsp_error_status(m_error); }
	std::string message() const { return text(sinsp_error_message(m_error)); }
	bool position(sinsp_position& at) const { return sinsp_error_position(m_error, &at); }

	// Throws the exception of a callback if that caused the error, else a sinsp_exception with the message.
	[[noreturn]] inline void raise() const;

	// Throws unless the status is success.
	void check(sinsp_status status) const {
		if(status != SINSP_SUCCESS) {
			raise();
		}
	}

private:
	sinsp_error* m_error = nullptr;
};

inline void error::raise() const {
	const std::string why = message();
	thrown::rethrow(why);
	throw sinsp_exception(why);
}

// Throws the error that a function returned. Not inlined, so that callers are small.
[[noreturn, gnu::noinline]] inline void raise(sinsp_error* left) {
	const error taken(left);
	taken.raise();
}

// Converts a result of 1, 0 or -1 (an error) to bool; throws for -1.
inline bool truth(int32_t answer, const error& error) {
	if(answer < 0) {
		error.raise();
	}
	return answer != 0;
}

template<typename T, void (*Free)(T*)>
struct releaser {
	void operator()(T* handle) const { Free(handle); }
};

template<typename T, void (*Free)(T*)>
using handle = std::unique_ptr<T, releaser<T, Free>>;

// A C++ function as a C callback. An exception ends the visit and is rethrown by rethrow().
template<typename Object, typename Function>
class visitor {
public:
	explicit visitor(Function& function): m_function(function) {}

	template<typename Pointer>
	static bool call(void* context, Pointer* object) {
		auto& self = *static_cast<visitor*>(context);
		try {
			return self.m_function(*reinterpret_cast<Object*>(object));
		} catch(...) {
			self.m_thrown = std::current_exception();
			return false;
		}
	}

	void rethrow() const {
		if(m_thrown) {
			std::rethrow_exception(m_thrown);
		}
	}

private:
	Function& m_function;
	std::exception_ptr m_thrown;
};

}  // namespace detail
}  // namespace libsinsp
