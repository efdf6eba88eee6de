// Tests utils.h and similar headers: utils CAPTURE FOLDER (both unused). Prints failures and a count.
#include "check.h"

#include <driver/ppm_flag_helpers.h>
#include <libsinsp/memmem.h>
#include <libsinsp/mpsc_priority_queue.h>
#include <libsinsp/prefix_search.h>
#include <libsinsp/procfs_utils.h>
#include <libsinsp/sinsp_errno.h>
#include <libsinsp/sinsp_signal.h>
#include <libsinsp/token_bucket.h>
#include <libsinsp/utils.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/socket.h>

namespace {

void names() {
	CHECK(SE_ENOENT == ENOENT && SE_ECANCELED == ECANCELED && SE_SIGKILL == SIGKILL && SE_SIGSYS == SIGSYS);
	CHECK(std::strcmp(sinsp_utils::errno_to_str(-SE_ENOENT), "ENOENT") == 0 && *sinsp_utils::errno_to_str(7777) == '\0');
	CHECK(std::strcmp(sinsp_utils::signal_to_str(SE_SIGKILL), "SIGKILL") == 0 && sinsp_utils::signal_to_str(200) == nullptr);
	CHECK(std::strcmp(param_type_to_string(PT_CHARBUF), "CHARBUF") == 0);
	CHECK(std::strcmp(param_type_to_string(PT_MAX), "<NA>") == 0);
	CHECK(std::strcmp(print_format_to_string(PF_10_PADDED_DEC), "10_PADDED_DEC") == 0);
	CHECK(sinsp_utils::caps_to_string(3) == "CAP_CHOWN CAP_DAC_OVERRIDE" && sinsp_utils::get_max_caps() == (1ULL << 41) - 1);
	CHECK(socket_family_to_scap(AF_INET6) == PPM_AF_INET6 && socket_family_to_scap(200) == PPM_AF_UNSPEC);
}

void texts() {
	std::string storage;
	const std::string clean = "caf\xc3\xa9", odd = "a\x01z";
	CHECK(sanitize_string(clean, storage).data() == clean.data() && sanitize_string("", storage).empty());
	CHECK(sanitize_string(odd, storage) == "a\xEF\xBF\xBDz" && storage.size() == 5);
	CHECK(sinsp_utils::concatenate_paths("/a/b/", "../c//d/") == "/a/c/d");
	CHECK(sinsp_utils::startswith("abc", "ab") && !sinsp_utils::startswith("abc", "") && sinsp_utils::endswith("abc", "bc", 3, 2));
	CHECK(sinsp_utils::glob_match("*.CPP", "x.cpp", true) && !sinsp_utils::glob_match("*.CPP", "x.cpp"));
	std::string text = " \t a b \n";
	CHECK(ltrim_sv(text) == "a b \n" && rtrim_sv(text) == " \t a b" && trim(text) == "a b" && trim_sv("  ").empty());
	CHECK(replace("aXbX", "X", "YX") == "aYXbYX" && replace("aa", "a", "").empty() && replace("a", "", "b") == "a");
}

void numbers() {
	CHECK(sinsp_numparser::parseu8("255") == 255 && sinsp_numparser::parsed8("-1") == -1);
	CHECK(sinsp_numparser::parseu32("-1") == UINT32_MAX && sinsp_numparser::parsed64("-9") == -9);
	CHECK(throws<sinsp_exception>("x1 is not a valid number", [] { sinsp_numparser::parseu64("x1"); }));
	uint32_t n = 5;
	CHECK(!sinsp_numparser::tryparseu32("12 ", &n) && n == 5 && sinsp_numparser::tryparseu32("12", &n) && n == 12);
}

void times() {
	std::string text;
	sinsp_utils::ts_to_string(1588262409999999999, &text, true, true);
	CHECK(text.size() == 29 && text.substr(text.size() - 12) == "09.999999999");
	sinsp_utils::ts_to_string(1588262409999999999, &text, false, false);
	CHECK(text.size() == 8);
	CHECK(sinsp_utils::get_current_time_ns() > 1700000000000000000);
	token_bucket bucket([]() -> uint64_t { return 22; });
	CHECK(bucket.get_last_seen() == 22 && bucket.claim() && !bucket.claim());
	bucket.init(2, 10, 1);
	CHECK(bucket.claim(5, 1000000001) && bucket.get_tokens() == 5 && bucket.claim(7, 2000000001) && !bucket.claim(3, 3000000001));
	CHECK(bucket.get_tokens() == 2 && bucket.get_last_seen() == 3000000001);
}

void prefixes() {
	path_prefix_map<int> map;
	CHECK(map.match("/") == nullptr && map.as_string(true).empty());
	int one = 1, two = 2, three = 3, four = 4;
	map.add_search_path("/usr/lib", one);
	map.add_search_path(std::string("/var/*/log"), two);
	map.add_search_path("/var/run", three);
	CHECK(*map.match("/usr/lib/x/y") == 1 && map.match("/usr") == nullptr && map.match("/usr/libx") == nullptr);
	CHECK(*map.match("/var/a/log") == 2 && *map.match("/var/run/log") == 3 && map.match("/var/a/b") == nullptr);
	CHECK(map.as_string(true) == "root ->\n    usr ->\n        lib -> v=1\n    var ->\n        run -> v=3\n        * ->\n            log -> v=2\n");
	map.add_search_path("/usr", four);
	map.add_search_path("/usr/lib", one);
	CHECK(*map.match("/usr/lib") == 4);
	// Of several patterns that match a part, the one that leads to a value.
	path_prefix_map<int> patterns;
	patterns.add_search_path("/a*/x", one);
	patterns.add_search_path("/*a/y", two);
	CHECK(*patterns.match("/aa/x") == 1 && *patterns.match("/aa/y") == 2 && patterns.match("/aa/z") == nullptr);
	path_prefix_search set;
	set.add_search_path("/");
	CHECK(set.match("/any") && set.as_string() == "root ->\n");
}

struct by_value {
	bool operator()(int a, int b) const { return a <= b; }
};

void queues() {
	mpsc_priority_queue<std::unique_ptr<int>, by_value> queue(3);
	std::unique_ptr<int> out;
	CHECK(queue.empty() && !queue.try_pop(out));
	const auto* first = new int(5);
	CHECK(queue.push(std::unique_ptr<int>(const_cast<int*>(first))) && queue.push(std::make_unique<int>(5)));
	CHECK(queue.push(std::make_unique<int>(7)) && !queue.push(std::make_unique<int>(9)) && !queue.set_capacity(2));
	CHECK(!queue.try_pop_if(out, [](const int& n) { return n < 7; }) && queue.try_pop(out) && *out == 7);
	CHECK(queue.try_pop(out) && out.get() == first && queue.try_pop(out) && *out == 5 && queue.empty() && queue.set_capacity(0));
}

void namespaces() {
	using namespace libsinsp::procfs_utils;
	std::istringstream ranges("  1 5 1\n  0  1000  1\n"), none("1 2 3\nx\n");
	CHECK(get_userns_root_uid(ranges) == 1000 && get_userns_root_uid(none) == NO_MATCH);
	const std::string here, nowhere = "/no/such/root";
	const ns_helper helper(here), missing(nowhere);
	CHECK(helper.can_read_host_init_ns_mnt() && !missing.can_read_host_init_ns_mnt() && !missing.in_own_ns_mnt(1));
	CHECK(!helper.in_own_ns_mnt(-1) && helper.get_pid_root(7) == "/proc/7/root");
	CHECK(memmem("abc", 3, "bc", 2) != nullptr);
}

}  // namespace

int main(int argc, char**) {
	if(argc != 3) {
		return 2;
	}
	const std::vector<test_case> tests = {{"names", names}, {"texts", texts}, {"numbers", numbers}, {"times", times},
	                                      {"prefixes", prefixes}, {"queues", queues}, {"namespaces", namespaces}};
	return run_tests(tests);
}
