// Tests utils.h and similar headers: utils CAPTURE FOLDER (both unused). Prints failures and a count.
#include "check.h"

#include <driver/ppm_flag_helpers.h>
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

}  // namespace

int main(int argc, char**) {
	if(argc != 3) {
		return 2;
	}
	const std::vector<test_case> tests = {{"names", names}, {"texts", texts}, {"numbers", numbers}, {"times", times}};
	return run_tests(tests);
}
