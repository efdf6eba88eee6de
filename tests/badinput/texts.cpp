// SPDX-License-Identifier: Apache-2.0
// Invalid filters, formats and fields, and library calls from within callbacks: every error must name the fault and, for a filter, the
// position.
//
//   texts CAPTURE
#include "check.h"

#include <libscap/linux/scap_linux_platform.h>
#include <libscap/scap_platform.h>
#include <libscap/scap_platform_api.h>
#include <libsinsp/capi.h>

#include <cstring>
#include <functional>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

using namespace badinput;

namespace {

struct filter_case {
	std::string text;
	// The expected part of the message.
	std::string part;
	// The expected offset, from 0; -1: not checked.
	int offset;
};

std::string message(const sinsp_error* error) {
	return std::string(libsinsp::detail::view(sinsp_error_message(error)));
}

void filters(sinsp& inspector) {
	const std::string deep(2000, '(');
	const std::vector<filter_case> cases = {
	        {"evt.num", "operator", 7},
	        {"evt.num =", "", 9},
	        {"evt.num = 3 and", "", 15},
	        {"evt.num = 3 evt.num = 4", "", 12},
	        {"(evt.num = 3", "", 12},
	        {"evt.num = 3)", "", 11},
	        {"not", "", -1},
	        {"evt.num in 3", "", -1},
	        {"evt.num in (3", "", -1},
	        {"evt.num in (3,,4)", "", -1},
	        {"evt.num = 'abc", "", -1},
	        {"no.such.field = 3", "no.such.field", 0},
	        {"evt.num = 1 and proc.nam = x", "proc.nam", 16},
	        {"evt.num = abc", "abc", -1},
	        {"evt.num contains 3", "", -1},
	        {"proc.name regex '('", "", -1},
	        {"proc.aname[x] = y", "", -1},
	        {"fd.sip = 1.2.3", "1.2.3", -1},
	        {"fd.net = 1.2.3.4/99", "99, in a comparison of field 'fd.net'", -1},
	        {"fd.net = ::/129", "129, in a comparison of field 'fd.net'", -1},
	        {"evt.num contains 3", "field 'evt.num' has type 'UINT64'", -1},
	        {"evt.type = nosuch", "nosuch, in a comparison of field 'evt.type'", -1},
	        {"evt.is_io = maybe", "maybe, in a comparison of field 'evt.is_io'", -1},
	        {"fd.sport = nosuchservice", "nosuchservice", -1},
	        {"evt.around[5] = x", "field 'evt.around'", -1},
	        {"evt.around[5] > 3", "evt.around", -1},
	        {"evt.buffer bcontains 4x", "hex", -1},
	        {"fd.types = file", "fd.types", -1},
	        {"proc.name = val(proc.pid)", "proc.pid", -1},
	        {"tolower(proc.pid) = 1", "proc.pid", -1},
	        {"join(proc.name, proc.name) = x", "join()", -1},
	        {"concat(proc.name) = x", "concat()", -1},
	        {"getopt(('-n'), 'n')[xy] = x", "getopt()", -1},
	        {"proc.name regex '[z-a]'", "[z-a]", -1},
	        {"proc.name regex '(a{1000}){1000}'", "size limit", -1},
	        {"proc.name = \"\\q\"", "escape", -1},
	        {"nosuch(proc.name) = x", "nosuch", -1},
	        {"toupper(proc.name = x", "", -1},
	        {deep + "evt.num = 1", "", -1},
	        {std::string("evt.num = 1\0x", 13), "", -1},
	        {"\xff\xfe", "", 0},
	};
	for(const filter_case& c: cases) {
		const std::string name = "filter '" + c.text.substr(0, 40) + "'";
		sinsp_filter_compiler compiler(&inspector, c.text);
		try {
			compiler.compile();
			check(false, name, "it was compiled");
		} catch(const sinsp_exception& e) {
			const std::string what = e.what();
			plain(what);
			check(!what.empty() && contains(what, c.part), name, "no '" + c.part + "' in: " + what);
		}
		sinsp_error* error = nullptr;
		sinsp_program* program = sinsp_program_compile(inspector.c_handle(), nullptr, {c.text.data(), c.text.size()}, &error);
		sinsp_position at = {};
		check(program == nullptr && error != nullptr && sinsp_error_position(error, &at), name, "no position");
		plain(message(error));
		if(c.offset >= 0) {
			check(at.offset == static_cast<uint32_t>(c.offset), name, "position " + std::to_string(at.offset));
		}
		check(at.offset <= c.text.size() && at.line >= 1 && at.column >= 1, name, "a position outside of the text");
		sinsp_error_free(error);
		sinsp_program_free(program);
	}
	// Any depth that the parser is set to accept, and any AST.
	for(const size_t depth: {size_t(100), size_t(100000), size_t(2000000)}) {
		const std::string text = std::string(depth, '(') + "evt.num = 1" + std::string(depth, ')');
		sinsp_error* error = nullptr;
		sinsp_ast* ast = sinsp_ast_parse({text.data(), text.size()}, SINSP_AST_FILTER, UINT32_MAX, &error);
		check((ast == nullptr) != (error == nullptr), "a filter with " + std::to_string(depth) + " parentheses");
		sinsp_ast_free(ast);
		sinsp_error_free(error);

		std::string nots;
		for(size_t i = 0; i < depth; i++) {
			nots += "not ";
		}
		nots += "evt.num = 1";
		error = nullptr;
		sinsp_program* program = sinsp_program_compile(inspector.c_handle(), nullptr, {nots.data(), nots.size()}, &error);
		check((program == nullptr) != (error == nullptr), "a filter with " + std::to_string(depth) + " nots");
		sinsp_program_free(program);
		sinsp_error_free(error);

		std::vector<sinsp_ast_node> nodes(depth, sinsp_ast_node{SINSP_AST_NOT, 1, {}, {}, false, {0, 1, 1}});
		sinsp_ast_node field = {SINSP_AST_FIELD, 0, libsinsp::detail::str("evt.num"), {}, false, {0, 1, 1}};
		sinsp_ast_node unary = {SINSP_AST_UNARY, 1, libsinsp::detail::str("exists"), {}, false, {0, 1, 1}};
		nodes.insert(nodes.begin(), {field, unary});
		error = nullptr;
		program = sinsp_program_compile_ast(inspector.c_handle(), nullptr, nodes.data(), nodes.size(), &error);
		check((program == nullptr) != (error == nullptr), "a tree of " + std::to_string(depth) + " nots");
		sinsp_program_free(program);
		sinsp_error_free(error);
		std::string set(PPM_EVENT_MAX, '\0');
		error = nullptr;
		sinsp_ast_codes(nodes.data(), nodes.size(), SINSP_CODES_EVENT, reinterpret_cast<uint8_t*>(&set[0]), set.size(), &error);
		sinsp_error_free(error);
	}
	// Malformed ASTs.
	const sinsp_ast_node none = {SINSP_AST_AND, 7, {}, {}, false, {0, 1, 1}};
	const sinsp_ast_node unknown = {77, 0, {}, {}, false, {0, 1, 1}};
	const sinsp_ast_node value = {SINSP_AST_VALUE, 0, libsinsp::detail::str("x"), {}, false, {0, 1, 1}};
	const sinsp_ast_node binary = {SINSP_AST_BINARY, 2, libsinsp::detail::str("= what"), {}, false, {0, 1, 1}};
	const std::vector<std::vector<sinsp_ast_node>> trees = {{none}, {unknown}, {value, value}, {value, value, binary}, {value}, {}};
	for(size_t i = 0; i < trees.size(); i++) {
		sinsp_error* error = nullptr;
		sinsp_program* program = sinsp_program_compile_ast(inspector.c_handle(), nullptr, trees[i].data(), trees[i].size(), &error);
		const bool refused = program == nullptr && error != nullptr && sinsp_error_message(error).len > 0;
		plain(message(error));
		check(refused, "tree " + std::to_string(i), "it was compiled");
		sinsp_program_free(program);
		sinsp_error_free(error);
	}
}

void formats(sinsp& inspector) {
	sinsp_filter_check_list checks;
	const std::vector<std::pair<std::string, std::string>> cases = {
	        {"%no.such.field", "no.such.field"}, {"%evt.num %proc.nam x", "proc.nam"}, {"%", ""}, {"x %", ""}, {"%nosuch(evt.num)", "nosuch"}, {"%toupper(proc.name", ""}, {"%\xff", ""},
	};
	for(const auto& [text, part]: cases) {
		try {
			sinsp_evt_formatter formatter(&inspector, text, checks);
			check(false, "format '" + text + "'", "it was accepted");
		} catch(const sinsp_exception& e) {
			plain(e.what());
			check(*e.what() != '\0' && contains(e.what(), part), "format '" + text + "'", e.what());
		}
	}
}

// The data of a callback that uses the objects which call it.
struct nested {
	sinsp_inspector* inspector;
	size_t calls;
};

bool visit(void* context, uint64_t thread) {
	auto& self = *static_cast<nested*>(context);
	// The visit stores thread ids only: even calls that advance the inspector are allowed.
	sinsp_thread scalars;
	check(sinsp_thread_get(self.inspector, thread, &scalars, sizeof(scalars)), "its scalars in a callback");
	check(sinsp_inspector_thread(self.inspector, scalars.tid) == thread, "a look-up in a callback");
	check(sinsp_thread_text(self.inspector, thread, SINSP_THREAD_CMDLINE).data != nullptr, "a text in a callback");
	sinsp_event event;
	const sinsp_status status = sinsp_inspector_next(self.inspector, &event, nullptr);
	check(status == SINSP_SUCCESS || status == SINSP_FILTERED_EVENT || status == SINSP_EOF, "next() in a callback");
	return self.calls++ < 3;
}

scap_platform* platform;
size_t entries;

int32_t entry(void*, char* error, int64_t, scap_threadinfo*, scap_fdinfo*, scap_threadinfo**) {
	int64_t pid = -1;
	// Called during a scan of this platform: any result is valid, but the call must return.
	scap_refresh_proc_table(platform);
	scap_getpid_global(platform, &pid);
	scap_get_machine_info(platform);
	scap_get_threadlist(platform, error);
	if(entries++ < 3) {
		return SCAP_SUCCESS;
	}
	std::snprintf(error, SCAP_LASTERR_SIZE, "enough of it");
	return SCAP_FAILURE;
}

void callbacks(sinsp& inspector) {
	nested context = {inspector.c_handle(), 0};
	sinsp_inspector_each_thread(inspector.c_handle(), visit, &context, nullptr);
	check(context.calls > 0, "threads were visited");

	const scap_proc_callbacks with = {nullptr, nullptr, entry, nullptr};
	platform = scap_linux_alloc_platform(with);
	scap_open_args args = {};
	char error[SCAP_LASTERR_SIZE] = "";
	const int32_t rc = scap_platform_init(platform, error, {nullptr}, &args);
	check(rc != SCAP_SUCCESS && contains(error, "enough of it"), "a callback that fails", error);
	scap_platform_close(platform);
	scap_platform_free(platform);
}

// Every call that opens a file names it, and the cause.
void files(sinsp& inspector) {
	const std::string name = "/nowhere/file";
	const std::vector<std::pair<std::string, std::function<void()>>> calls = {
	        {"open_savefile", [&] { sinsp().open_savefile(name); }},
	        {"set_log_file", [&] { inspector.set_log_file(name); }},
	        {"sinsp_dumper::open", [&] { sinsp_dumper().open(&inspector, name, false); }},
	};
	for(const auto& [call, act]: calls) {
		try {
			act();
			check(false, call + " of a file that is not there", "it was accepted");
		} catch(const std::exception& e) {
			plain(e.what());
			check(contains(e.what(), name) && contains(e.what(), "No such file or directory"), call + " of a file that is not there", e.what());
		}
	}
}

void descriptors(const char* capture) {
	scap_open_args args = {};
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_SUCCESS;
	scap_savefile_engine_params params = {};
	args.engine_params = &params;
	for(const int fd: {-1, -2147483647 - 1, 9999}) {
		params.fd = fd;
		check(scap_open(&args, &scap_savefile_engine, error, &rc) == nullptr && rc == SCAP_FAILURE && *error != '\0',
		      "descriptor " + std::to_string(fd), error);
	}
	// A descriptor that cannot be read.
	params.fd = open(capture, O_RDONLY | O_PATH);
	check(scap_open(&args, &scap_savefile_engine, error, &rc) == nullptr && contains(error, "Bad file descriptor"), "a descriptor of a path", error);
	params.fd = open("/dev/null", O_WRONLY);
	check(scap_open(&args, &scap_savefile_engine, error, &rc) == nullptr && contains(error, "Bad file descriptor"), "a descriptor to write to", error);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		return 2;
	}
	sinsp inspector;
	inspector.open_savefile(argv[1]);
	sinsp_evt* event = nullptr;
	while(inspector.next(&event) == SCAP_SUCCESS && event->get_num() < 30) {
	}
	filters(inspector);
	formats(inspector);
	callbacks(inspector);
	descriptors(argv[1]);
	files(inspector);
	return result();
}
