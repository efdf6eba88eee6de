// What programs write and print of events: capture files in a series, rejected events, times, and parameters as texts.
#include "machine.h"

#include <libsinsp/parsers.h>
#include <libsinsp/sinsp_cycledumper.h>

#include <cstring>
#include <fstream>

namespace {

std::string folder;

// The system calls of the events of a capture, with a '-' before those that its reader does not return.
std::string content(const std::string& path) {
	sinsp inspector;
	inspector.open_savefile(path);
	std::string names;
	for(;;) {
		sinsp_evt* evt = nullptr;
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_EOF) {
			return names;
		}
		CHECK(names.size() < 1000 && (rc == SCAP_SUCCESS || rc == SCAP_FILTERED_EVENT) && evt != nullptr && evt->is_filtered_out() == (rc != SCAP_SUCCESS));
		names += std::string(names.empty() ? "" : " ") + (rc == SCAP_SUCCESS ? "" : "-") + evt->get_name();
	}
}

bool is_file(const std::string& path) {
	return std::ifstream(path).good();
}

void rejected_events_are_returned() {
	machine made;
	made.close(20, 3);
	made.chdir(20, "/tmp");
	sinsp inspector;
	inspector.open_test_input(&made.data);
	inspector.set_filter("evt.type = close");
	CHECK(inspector.m_firstevent_ts == 0);
	sinsp_evt* evt = next(inspector);
	bool dropped = true;
	CHECK(!evt->is_filtered_out() && evt->get_dump_flags(&dropped) == SCAP_DF_NONE && !dropped);
	CHECK(inspector.m_firstevent_ts == evt->get_ts());
	CHECK(inspector.next(&evt) == SCAP_FILTERED_EVENT && evt != nullptr && evt->is_filtered_out() && evt->get_type() == PPME_SYSCALL_CHDIR_X);
	CHECK(shown(inspector, evt, "%evt.type %evt.arg.path") == "chdir /tmp");
	CHECK(evt->get_dump_flags(&dropped) == SCAP_DF_NONE && dropped);
	inspector.set_fatfile_dump_mode(true);
	CHECK(inspector.is_fatfile_enabled() && evt->get_dump_flags(&dropped) == SCAP_DF_STATE_ONLY && !dropped);
	evt->set_filtered_out(false);
	CHECK(evt->get_dump_flags(&dropped) == SCAP_DF_NONE && !dropped);
}

void events_of_suppressed_threads_are_not_returned() {
	machine made;
	made.idle(20);
	sinsp inspector;
	CHECK(inspector.suppress_events_tid(20));
	inspector.open_test_input(&made.data);
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_FILTERED_EVENT && evt == nullptr);
}

void captures_have_the_state_of_rejected_events() {
	for(const bool fat : {false, true}) {
		machine made;
		made.close(20, 3);
		made.chdir(20, "/tmp");
		made.close(20, 4);
		sinsp inspector;
		inspector.set_fatfile_dump_mode(fat);
		inspector.open_test_input(&made.data);
		inspector.set_filter("evt.type = close");
		const auto path = folder + "/fat.scap";
		sinsp_dumper dumper;
		dumper.open(&inspector, path, false);
		for(sinsp_evt* evt = nullptr;;) {
			const int32_t rc = inspector.next(&evt);
			if(rc != SCAP_SUCCESS && rc != SCAP_FILTERED_EVENT) {
				break;
			}
			CHECK(evt != nullptr);
			dumper.dump(evt);
		}
		CHECK(dumper.written_events() == (fat ? 3 : 2));
		dumper.close();
		CHECK(content(path) == (fat ? "close -chdir close" : "close close"));
	}
}

void a_series_of_files() {
	machine made;
	for(int i = 0; i < 5; i++) {
		made.idle(20);
	}
	made.close(20, 3);
	sinsp inspector;
	inspector.open_test_input(&made.data);
	const auto base = folder + "/series.scap";
	int opened = 0, closed = 0;
	sinsp_cycledumper dumper(&inspector, base, 0, 0, 2, 2, false);
	dumper.set_callbacks({[&] { opened++; }}, {[&] { closed++; }});
	CHECK(!inspector.is_dumping());
	for(sinsp_evt* evt = nullptr; inspector.next(&evt) == SCAP_SUCCESS;) {
		dumper.dump(evt);
		CHECK(inspector.is_dumping());
	}
	dumper.close();
	CHECK(!inspector.is_dumping() && opened == 3 && closed == 4);
	CHECK(content(base + "0") == "chdir close" && content(base + "1") == "chdir chdir" && !is_file(base + "2"));
	CHECK(throws<sinsp_exception>("null event", [&] { dumper.dump(nullptr); }));

	sinsp_cycledumper nowhere(&inspector, folder + "/no/folder/", 0, 0, 0, 0, false);
	uint8_t bytes[sizeof(scap_evt)];
	scap_evt header = {};
	header.len = sizeof(header);
	header.type = PPME_DROP_E;
	std::memcpy(bytes, &header, sizeof(header));
	sinsp_evt own(&inspector);
	own.init_from_raw(bytes, 0);
	CHECK(throws<sinsp_exception>("no/folder", [&] { nowhere.dump(&own); }));
	CHECK(throws<sinsp_exception>("no capture file is open", [&] { nowhere.dump(&own); }));
}

void times_in_the_form_that_is_set() {
	machine made;
	made.idle(20);
	made.idle(20);
	sinsp inspector;
	inspector.open_test_input(&made.data);
	CHECK(inspector.get_time_output_mode() == 'h' && throws<sinsp_exception>("no form of times", [&] { inspector.set_time_output_mode('x'); }));
	sinsp_filter_check_list checks;
	sinsp_evt_formatter times(&inspector, "%evt.outputtime", checks);
	const auto text = [&](char mode, sinsp_evt* evt) {
		inspector.set_time_output_mode(mode);
		std::string out;
		CHECK(times.tostring(evt, out));
		return out;
	};
	auto* evt = next(inspector);
	CHECK(text('a', evt) == "0.000001001" && text('r', evt) == "0.000000000" && text('d', evt) == "0.000000000");
	CHECK(text('D', evt) == "0.000000000");
	evt = next(inspector);
	CHECK(text('D', evt) == "0.000000001" && text('r', evt) == "0.000000001" && text('h', evt).size() == std::strlen("12:00:00.000000000"));
	inspector.close();
	inspector.open_test_input(&made.data);
	CHECK(inspector.m_firstevent_ts == 0);
}

void parameters_as_texts() {
	machine made;
	made.open(20, 7, "tmp");
	made.close(20, 3);
	sinsp inspector;
	inspector.open_test_input(&made.data);
	auto* evt = next(inspector);
	const char* meaning = nullptr;
	CHECK(std::string(evt->get_param_as_str(2, &meaning)) == "tmp" && std::string(meaning) == "/tmp");
	CHECK(std::string(evt->get_param_value_str("ino", &meaning)) == "0" && std::string(meaning).empty());
	CHECK(evt->get_param_value_str("nosuch", &meaning) == nullptr && meaning == nullptr);
	CHECK(throws<std::out_of_range>("", [&] { evt->get_param_as_str(9, &meaning); }));
	evt = next(inspector);
	CHECK(std::string(evt->get_param_as_str(1, &meaning)) == "3" && std::string(meaning) == "<f>/dev/null");
	CHECK(std::string(evt->get_param_as_str(1, &meaning, sinsp_evt::PF_SIMPLE)) == "3" && std::string(meaning) == "<>/dev/null");
	CHECK(evt->get_paramstr_storage().size() == 2);

	const auto* own = evt->get_info();
	ppm_event_info other = *own;
	evt->set_info(&other);
	CHECK(evt->get_info() == &other);
	evt->init();
	CHECK(evt->get_info() == own);
}

void settings() {
	sinsp inspector;
	CHECK(inspector.get_parser() != nullptr && !inspector.get_parser()->get_track_connection_status());
	inspector.get_parser()->set_track_connection_status(true);
	CHECK(inspector.get_track_connection_status());
	inspector.set_large_envs(true);
	CHECK(!inspector.large_envs_enabled() && inspector.get_quantization_interval() == -1);
	inspector.set_quantization_interval(5);
	CHECK(inspector.get_quantization_interval() == 5 && inspector.get_new_ts() > 1000);
	inspector.set_lastevent_ts(9);
	CHECK(inspector.get_new_ts() == 9);
}

// A process of this machine with an environment of more than 4096 bytes.
void large_environments_are_read() {
	CHECK(setenv("LARGE_ENVIRONMENT", std::string(9000, 'x').c_str(), 1) == 0);
	const std::string file = folder + "/child";
	if(std::system(("sleep 100 & echo $! >" + file).c_str()) != 0) {
		throw std::logic_error("no process was started");
	}
	int pid = 0;
	std::ifstream(file) >> pid;
	for(const bool large : {false, true}) {
		sinsp inspector;
		inspector.set_large_envs(large);
		inspector.open_nodriver(true);
		const auto child = inspector.m_thread_manager->find_thread(pid, true);
		CHECK(child != nullptr && (child->get_env("LARGE_ENVIRONMENT").size() == 9000) == large);
	}
	CHECK(unsetenv("LARGE_ENVIRONMENT") == 0 && std::system(("kill " + std::to_string(pid)).c_str()) == 0);
}

}  // namespace

int main(int, char** argv) {
	folder = argv[2];
	return run_tests({{"rejected events are returned", rejected_events_are_returned},
	                  {"events of suppressed threads are not returned", events_of_suppressed_threads_are_not_returned},
	                  {"captures have the state of rejected events", captures_have_the_state_of_rejected_events},
	                  {"a series of files", a_series_of_files},
	                  {"times in the form that is set", times_in_the_form_that_is_set},
	                  {"parameters as texts", parameters_as_texts},
	                  {"settings", settings},
	                  {"large environments are read", large_environments_are_read}});
}
