// SPDX-License-Identifier: Apache-2.0
// Calls every exported function with null for each pointer in turn and for all pointers at once, the other arguments being valid. Each call
// runs in a process of its own, so that a crash is attributed to it.
//
// FUNCTIONS is a file with a line CALL(name) for each function that the libraries export, HEADERS one that includes all headers.
//
//   nulls CAPTURE
#include "check.h"

#include HEADERS

#include <csignal>
#include <cstdarg>
#include <cstring>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace badinput;

namespace {

const char* capture_path;

// The call in progress: its null pointers, and the objects made for it.
struct call {
	// Bit i: pointer i is null.
	unsigned null = 0;
	unsigned next = 0;
	bool null_handle = false;
	sinsp_error* error = nullptr;
	bool has_error = false;
};

// Memory for any output, and a string of NULs for any input.
alignas(64) char scratch[1 << 20];

scap_t* open_capture() {
	scap_savefile_engine_params params = {};
	params.fname = capture_path;
	scap_open_args args = {};
	args.engine_params = &params;
	char error[SCAP_LASTERR_SIZE];
	int32_t rc;
	scap_t* handle = scap_open(&args, &scap_savefile_engine, error, &rc);
	if(handle == nullptr) {
		std::_Exit(70);
	}
	return handle;
}

scap_evt* an_event() {
	scap_evt* event;
	uint16_t device;
	uint32_t flags;
	if(scap_next(open_capture(), &event, &device, &flags) != SCAP_SUCCESS) {
		std::_Exit(71);
	}
	return event;
}

struct inspected {
	sinsp_inspector* inspector;
	sinsp_event event;
};

inspected& open_inspector() {
	static inspected i = [] {
		inspected i = {sinsp_inspector_new(SINSP_ABI_VERSION, nullptr), {}};
		const sinsp_str path = {capture_path, std::strlen(capture_path)};
		sinsp_status status = sinsp_inspector_open_savefile(i.inspector, path, 0, nullptr);
		while(status == SINSP_SUCCESS && (i.event.thread == SINSP_NO_THREAD || i.event.fd_owner == SINSP_NO_THREAD)) {
			status = sinsp_inspector_next(i.inspector, &i.event, nullptr);
		}
		if(status != SINSP_SUCCESS) {
			std::_Exit(72);
		}
		return i;
	}();
	return i;
}

sinsp_str text(const char* s) {
	return {s, std::strlen(s)};
}

// A plugin with a field.
const plugin_api& a_plugin() {
	static const plugin_api api = [] {
		plugin_api api = {};
		api.get_required_api_version = [] { return PLUGIN_API_VERSION_STR; };
		api.get_version = [] { return "0.1.0"; };
		api.get_name = api.get_description = api.get_contact = [] { return "nulls"; };
		api.init = [](const ss_plugin_init_input*, ss_plugin_rc* rc) -> ss_plugin_t* {
			*rc = SS_PLUGIN_SUCCESS;
			return scratch;
		};
		api.destroy = [](ss_plugin_t*) {};
		api.get_last_error = [](ss_plugin_t*) { return ""; };
		api.get_fields = [] { return R"([{"type": "uint64", "name": "nulls.one", "desc": "a number"}])"; };
		api.extract_fields = [](ss_plugin_t*, const ss_plugin_event_input*, const ss_plugin_field_extract_input*) {
			return SS_PLUGIN_FAILURE;
		};
		return api;
	}();
	return api;
}

template<typename R, typename... A>
auto no_op(R (*)(A...)) -> R (*)(A...) {
	return +[](A...) -> R { return R(); };
}

template<typename T, typename = void>
struct is_complete: std::false_type {};
template<typename T>
struct is_complete<T, std::void_t<decltype(sizeof(T))>>: std::true_type {};

// A valid argument of each type; null for a pointer selected by `call::null`.
template<typename T>
struct argument {
	static T good(call& c) {
		if constexpr(std::is_pointer_v<T>) {
			const bool null = c.null >> c.next++ & 1;
			// A va_list is not tested with null, even where it is a pointer type.
			if(null && !std::is_same_v<T, std::decay_t<va_list>>) {
				return nullptr;
			}
			using to = std::remove_cv_t<std::remove_pointer_t<T>>;
			if constexpr(std::is_function_v<to>) {
				return no_op(T());
			} else {
				return static_cast<T>(pointer(c, static_cast<to*>(nullptr)));
			}
		} else if constexpr(std::is_same_v<T, uint64_t>) {
			// Of the numbers, only a thread's id must be valid.
			return open_inspector().event.thread;
		} else {
			return T{};
		}
	}

private:
	static void* pointer(call&, void*) { return scratch; }
	static void* pointer(call&, const void*) { return scratch; }
	template<typename To>
	static To* pointer(call& c, To*) {
		if constexpr(std::is_same_v<To, scap_t>) {
			return open_capture();
		} else if constexpr(std::is_same_v<To, scap_evt>) {
			return an_event();
		} else if constexpr(std::is_same_v<To, scap_dumper_t>) {
			return scap_write_proclist_begin();
		} else if constexpr(std::is_same_v<To, scap_vtable>) {
			return const_cast<scap_vtable*>(&scap_savefile_engine);
		} else if constexpr(std::is_same_v<To, sinsp_inspector>) {
			return open_inspector().inspector;
		} else if constexpr(std::is_same_v<To, sinsp_event>) {
			return &open_inspector().event;
		} else if constexpr(std::is_same_v<To, sinsp_program>) {
			return sinsp_program_compile(open_inspector().inspector, nullptr, text("evt.num > 0"), nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_formatter>) {
			return sinsp_formatter_new(open_inspector().inspector, nullptr, text("%evt.num"), nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_extractor>) {
			return sinsp_extractor_new(open_inspector().inspector, nullptr, text("evt.num"), nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_values>) {
			return sinsp_values_new();
		} else if constexpr(std::is_same_v<To, sinsp_constants>) {
			return sinsp_constants_new(text("exists"), PT_INT64, false, nullptr, 0, nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_plugin_ref>) {
			return sinsp_inspector_add_plugin(open_inspector().inspector, &a_plugin(), nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_pool>) {
			return sinsp_pool_new(1);
		} else if constexpr(std::is_same_v<To, scap_convert_buffer>) {
			return scap_convert_alloc_buffer();
		} else if constexpr(std::is_same_v<To, sinsp_registry> || std::is_same_v<To, sinsp_task>) {
			// A task is passed to a pool of the program.
			return nullptr;
		} else if constexpr(std::is_same_v<To, scap_platform>) {
			return scap_generic_alloc_platform({nullptr, nullptr, nullptr, nullptr});
		} else if constexpr(std::is_same_v<To, sinsp_suppressed>) {
			return sinsp_suppressed_new(open_inspector().inspector, nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_dump>) {
			return sinsp_dump_open(open_inspector().inspector, text("/dev/null"), false, nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_dump_series>) {
			return sinsp_dump_series_new(text("/dev/null"), nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_selection>) {
			return sinsp_inspector_selection(open_inspector().inspector, nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_users>) {
			return sinsp_users_new(open_inspector().inspector, false, nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_ast>) {
			return sinsp_ast_parse(text("evt.num > 0"), SINSP_AST_FILTER, 0, nullptr);
		} else if constexpr(std::is_same_v<To, sinsp_error>) {
			sinsp_error* error = nullptr;
			sinsp_ast_parse(text("("), SINSP_AST_FILTER, 0, &error);
			return error;
		} else if constexpr(std::is_same_v<To, sinsp_error*>) {
			c.has_error = true;
			return &c.error;
		} else {
			static_assert(is_complete<To>::value, "an object of the library needs a function that makes it");
			return reinterpret_cast<To*>(scratch);
		}
	}
};

template<typename T>
constexpr bool is_handle = std::is_same_v<std::remove_cv_t<std::remove_pointer_t<T>>, sinsp_inspector> ||
                           std::is_same_v<std::remove_cv_t<std::remove_pointer_t<T>>, sinsp_formatter>;

// The result of a call: the exit status of the process that made it.
enum verdict { FINE = 0, NO_ERROR_TEXT = 80, NO_ERROR = 81, FOREIGN_WORD = 82 };

template<typename R, typename F, typename... A>
int make(F function, unsigned null) {
	call c;
	c.null = null;
	// Braces: the arguments are made from left to right.
	std::tuple<A...> arguments{argument<A>::good(c)...};
	constexpr bool handles[] = {(std::is_pointer_v<A> && is_handle<A>)..., false};
	unsigned pointer = 0;
	size_t i = 0;
	for(const bool is_pointer: {std::is_pointer_v<A>..., false}) {
		if(is_pointer) {
			// What is asked about an event needs no inspector: the event may belong to none.
			c.null_handle |= handles[i] && pointer == 0 && (null & 1);
			pointer++;
		}
		i++;
	}
	if constexpr(std::is_same_v<R, sinsp_status>) {
		const sinsp_status status = std::apply(function, arguments);
		if(c.null_handle && status == SINSP_SUCCESS) {
			return NO_ERROR;
		}
		const bool failed = status != SINSP_SUCCESS && status != SINSP_TIMEOUT && status != SINSP_EOF && status != SINSP_FILTERED_EVENT;
		if(c.has_error && failed && sinsp_error_message(c.error).len == 0) {
			return NO_ERROR_TEXT;
		}
	} else if constexpr(std::is_pointer_v<R>) {
		// Some objects can be made without an inspector: null without an error is the fault.
		if(std::apply(function, arguments) == nullptr && c.has_error && c.null_handle && sinsp_error_message(c.error).len == 0) {
			return NO_ERROR_TEXT;
		}
	} else {
		std::apply(function, arguments);
		if(c.has_error && c.null_handle && sinsp_error_message(c.error).len == 0) {
			return NO_ERROR_TEXT;
		}
	}
	if(c.has_error && !foreign_word(std::string(libsinsp::detail::view(sinsp_error_message(c.error)))).empty()) {
		return FOREIGN_WORD;
	}
	return FINE;
}

template<typename R, typename F, typename... A>
void each_null(const char* name, F function) {
	const unsigned pointers = (0u + ... + (std::is_pointer_v<A> ? 1 : 0));
	if(pointers == 0) {
		return;
	}
	std::vector<unsigned> nulls;
	for(unsigned i = 0; i < pointers; i++) {
		nulls.push_back(1u << i);
	}
	if(pointers > 1) {
		nulls.push_back((1u << pointers) - 1);
	}
	for(const unsigned null: nulls) {
		std::fflush(stdout);
		const pid_t pid = fork();
		if(pid == 0) {
			const int nowhere = open("/dev/null", O_WRONLY);
			dup2(nowhere, STDOUT_FILENO);
			alarm(20);
			std::_Exit(make<R, F, A...>(function, null));
		}
		int status = 0;
		waitpid(pid, &status, 0);
		const std::string what = std::string(name) + ", null pointers " + std::to_string(null);
		std::string how;
		if(WIFSIGNALED(status)) {
			how = std::string("signal ") + strsignal(WTERMSIG(status));
		} else if(WEXITSTATUS(status) == NO_ERROR_TEXT) {
			how = "an error without a text";
		} else if(WEXITSTATUS(status) == NO_ERROR) {
			how = "success with a null handle";
		} else if(WEXITSTATUS(status) == FOREIGN_WORD) {
			how = "an error text that is not in words of C and C++";
		} else {
			how = "exit code " + std::to_string(WEXITSTATUS(status));
		}
		check(status == 0, what, how);
	}
}

template<typename R, typename... A>
void try_all(const char* name, R (*function)(A...)) {
	each_null<R, decltype(function), A...>(name, function);
}

template<typename R, typename... A>
void try_all(const char* name, R (*function)(A..., ...)) {
	each_null<R, decltype(function), A...>(name, function);
}

// What some of these return, which programs rely on.
void what_they_return() {
	scap_open_args args = {};
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_SUCCESS;
	scap_evt* event = nullptr;
	uint16_t device = 0;
	uint32_t flags = 0;
	check(std::strcmp(scap_getlasterr(nullptr), "null scap handle") == 0, "the error of a null capture");
	check(scap_next(nullptr, &event, &device, &flags) == SCAP_FAILURE, "scap_next of a null capture");
	check(scap_start_capture(nullptr) == SCAP_FAILURE, "scap_start_capture of a null capture");
	check(scap_open(nullptr, &scap_savefile_engine, error, &rc) == nullptr && rc != SCAP_SUCCESS && error[0] != '\0', "scap_open without arguments");
	check(scap_open(&args, nullptr, error, &rc) == nullptr && rc != SCAP_SUCCESS, "scap_open without an engine");
	check(scap_open(&args, &scap_savefile_engine, error, &rc) == nullptr && rc != SCAP_SUCCESS, "scap_open without parameters of the engine");
	check(sinsp_inspector_engine(nullptr).len == 0, "the engine of a null inspector");
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		return 2;
	}
	capture_path = argv[1];
#define CALL(name) try_all(#name, name);
#include FUNCTIONS
#undef CALL
	what_they_return();
	return result();
}
