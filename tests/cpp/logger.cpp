// Tests the logger: logger CAPTURE FOLDER (CAPTURE is not used). Prints failures and a count.
#include "check.h"

#include <libsinsp/sinsp.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

namespace {

std::string scratch;

std::mutex mutex;
std::vector<std::pair<std::string, sinsp_logger::severity>> messages;

void keep(std::string&& text, sinsp_logger::severity sev) {
	const std::lock_guard<std::mutex> lock(mutex);
	messages.emplace_back(std::move(text), sev);
}

sinsp_logger& fresh(sinsp_logger::callback_t callback = keep) {
	auto& logger = *libsinsp_logger();
	logger.reset();
	logger.disable_timestamps();
	logger.add_callback_log(callback);
	messages.clear();
	return logger;
}

void severities() {
	auto& logger = fresh();
	logger.set_severity(sinsp_logger::SEV_WARNING);
	CHECK(throws<sinsp_exception>("severity", [&] { logger.set_severity(static_cast<sinsp_logger::severity>(0)); }));
	CHECK(logger.get_severity() == sinsp_logger::SEV_WARNING && !logger.is_enabled(sinsp_logger::SEV_NOTICE));
	logger.log("information");
	logger.add_encoded_severity();
	logger.log("trouble", sinsp_logger::SEV_ERROR);
	CHECK(messages.size() == 1 && messages[0].first == "SEV_ERR trouble");
	sinsp_logger::severity sev = sinsp_logger::SEV_TRACE;
	CHECK(sinsp_logger::decode_severity(messages[0].first, sev) == 8 && sev == sinsp_logger::SEV_ERROR);
	CHECK(sinsp_logger::decode_severity("SEV_X", sev) == 0 && sev == sinsp_logger::SEV_ERROR);
	logger.reset();
	CHECK(!logger.has_output() && logger.get_severity() == sinsp_logger::SEV_INFO);
}

int evaluated = 0;

const char* costly() {
	evaluated++;
	return "costly";
}

void macros() {
	auto& logger = fresh();
	SINSP_INFO("%s %d", costly(), 1);
	SINSP_DEBUG("%s", costly());
	SINSP_STR_WARNING(std::string("text %d"));
	DBG_SINSP_INFO("only in debug builds");
	CHECK(evaluated == 1 && messages.size() == 2);
	CHECK(messages[0].first == "costly 1" && messages[1].first == "text %d");
	CHECK(messages[1].second == sinsp_logger::SEV_WARNING);
	const std::string told = logger.format_and_return(sinsp_logger::SEV_TRACE, "no. %d", 7);
	CHECK(told == "no. 7" && messages.size() == 2);
}

void files() {
	auto& logger = fresh();
	CHECK(throws<sinsp_exception>("/nowhere/x", [&] { logger.add_file_log("/nowhere/x"); }));
	const std::string name = scratch + "/messages";
	logger.add_file_log(name);
	logger.log("for the callback");
	logger.remove_callback_log();
	logger.log("for the file");
	std::string line;
	std::ifstream file(name);
	CHECK(std::getline(file, line) && line == "for the file" && !std::getline(file, line));
	logger.reset();
}

void thrown() {
	auto& logger = fresh([](std::string&& text, sinsp_logger::severity) { throw std::runtime_error("cannot take " + text); });
	CHECK(throws<std::runtime_error>("cannot take it", [&] { logger.log("it"); }));
	sinsp inspector;
	CHECK(throws<std::runtime_error>("opened nodriver", [&] { inspector.open_nodriver(); }) && inspector.is_nodriver());
	inspector.set_log_callback(nullptr);
	logger.log("nobody throws");
	inspector.set_log_callback(keep);
	inspector.set_min_log_severity(sinsp_logger::SEV_ERROR);
	logger.log("not this");
	CHECK(messages.empty() && logger.get_severity() == sinsp_logger::SEV_ERROR);
	inspector.set_log_stderr();
	CHECK((logger.get_log_output_type() & sinsp_logger::OT_STDERR) != 0);
	logger.reset();
}

sinsp* inspected = nullptr;
std::atomic<size_t> known{0};

// A callback that logs, changes the logger and reads the inspector.
void within(std::string&& text, sinsp_logger::severity) {
	if(text.rfind("opened ", 0) == 0) {
		known = inspected->m_thread_manager->get_thread_count();
		libsinsp_logger()->log("inner");
		libsinsp_logger()->remove_callback_log();
	}
}

void callbacks_use_all() {
	fresh(within);
	sinsp inspector;
	inspected = &inspector;
	inspector.open_nodriver();
	CHECK(known > 0 && known == inspector.m_thread_manager->get_thread_count());
	CHECK((libsinsp_logger()->get_log_output_type() & sinsp_logger::OT_CALLBACK) == 0);
}

void many_threads() {
	auto& logger = fresh();
	std::atomic<bool> stop{false};
	std::thread changes([&] {
		while(!stop) {
			logger.remove_callback_log();
			logger.add_callback_log(keep);
			logger.set_severity(sinsp_logger::SEV_INFO);
		}
	});
	std::vector<std::thread> writers;
	for(int i = 0; i < 3; i++) {
		writers.emplace_back([&] {
			for(int n = 0; n < 300; n++) {
				logger.format("%d", n);
				SINSP_DEBUG("%d", n);
			}
		});
	}
	for(auto& writer : writers) {
		writer.join();
	}
	stop = true;
	changes.join();
	CHECK(messages.size() <= 900);
	logger.log("the last");
	CHECK(messages.back().first == "the last");
	logger.reset();
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 3) {
		return 2;
	}
	scratch = argv[2];
	const std::vector<test_case> tests = {{"severities", severities},
	                           {"macros", macros},
	                           {"files", files},
	                           {"thrown", thrown},
	                           {"callbacks use all", callbacks_use_all},
	                           {"many threads", many_threads}};
	return run_tests(tests);
}
