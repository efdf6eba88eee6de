// SPDX-License-Identifier: Apache-2.0
// The file of a capture that is written: dumper CAPTURE FOLDER [SMALL]. After the program was killed, after the disk was full, and the offset that
// a running dumper returns. SMALL is a folder on a file system of a few megabytes.
#include "../cpp/check.h"
#include "target.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <random>

#include <csignal>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

using namespace dumper;

namespace {

std::string capture, folder, small;

std::string path(const char* name) {
	return folder + "/" + name;
}

bool contains(const std::string& text, const std::string& part) {
	return text.find(part) != std::string::npos;
}

[[noreturn]] void fail(const std::string& why) {
	throw std::logic_error(why);
}

// The memory in which a child reports while it runs.
struct progress {
	volatile bool opened;
	volatile uint64_t size_at_open;
	volatile uint64_t events;
	volatile uint64_t last_ts;
	volatile int64_t told;
};

progress* shared() {
	static auto* const memory = static_cast<progress*>(
	        mmap(nullptr, sizeof(progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	return memory;
}

// Runs `act` in a process of its own; returns its pid.
pid_t start(const std::function<void()>& act) {
	fflush(stdout);
	const pid_t pid = fork();
	if(pid != 0) {
		return pid;
	}
	try {
		act();
		_exit(0);
	} catch(const std::exception& e) {
		printf("FAILED: %s\n", e.what());
		fflush(stdout);
		_exit(1);
	}
}

int status_of(pid_t pid) {
	int status = -1;
	waitpid(pid, &status, 0);
	return status;
}

// Writes events until it is killed.
[[noreturn]] void write_forever(const kind& kind, const std::string& file) {
	const events events(capture);
	auto to = open(kind, file);
	shared()->size_at_open = file_size(file);
	shared()->opened = true;
	for(uint64_t i = 0;; i++) {
		auto* event = events.at(i);
		to->dump(event);
		shared()->told = to->told();
		shared()->last_ts = event->ts;
		shared()->events = i + 1;
		if(i % 16 == 0) {
			usleep(100);
		}
	}
}

// The events before the last second of event time are in the file; in a plain file all but those in a buffer.
void holds(const kind& kind, const std::string& what, const std::string& file, const outcome& got, uint64_t last_ts, int64_t told) {
	if(!got.opened || (got.code != SCAP_EOF && !contains(got.error, "truncated"))) {
		fail(what + ": " + got.error);
	}
	if(last_ts != 0 && got.last_ts + SECOND <= last_ts) {
		fail(what + ": more than the last second is missing");
	}
	if(!kind.gzip && told - file_size(file) > BUFFER + static_cast<int64_t>(MAX_EVENT)) {
		fail(what + ": " + std::to_string(told - file_size(file)) + " bytes are missing");
	}
}

void killed(const kind& kind) {
	std::mt19937 random(1);
	std::uniform_int_distribution<unsigned> moment(0, 15000);
	const std::string file = path("killed.scap");
	for(int i = 0; i < 50; i++) {
		*shared() = {};
		unlink(file.c_str());
		const pid_t child = start([&] { write_forever(kind, file); });
		while(!shared()->opened) {
			usleep(100);
			int status = 0;
			if(waitpid(child, &status, WNOHANG) == child) {
				fail("the child ended with " + std::to_string(status));
			}
		}
		usleep(moment(random));
		kill(child, SIGKILL);
		CHECK(WTERMSIG(status_of(child)) == SIGKILL);
		const std::string what = std::string(kind.name) + ", killed after " + std::to_string(shared()->events) + " events";
		const outcome got = read(file);
		holds(kind, what, file, got, shared()->last_ts, shared()->told);
		// An event that was being dumped may be there as well.
		CHECK(got.events <= shared()->events + 1);
		CHECK(shared()->size_at_open > 0 && file_size(file) >= static_cast<int64_t>(shared()->size_at_open));
		sinsp inspector;
		inspector.open_savefile(file);
		CHECK(!kind.of_inspector || inspector.m_thread_manager->get_thread_count() > 1);
	}
}

void a_killed_program_leaves_what_it_dumped() {
	for(const kind& kind: KINDS) {
		killed(kind);
	}
}

// Dumps until there is no room; returns the text of the error.
std::string fill(const kind& kind, const std::string& file, bool limited, uint64_t* last_ts, int64_t* told) {
	const events events(capture);
	auto to = open(kind, file);
	if(limited) {
		const auto most = static_cast<rlim_t>(file_size(file) + 200000);
		const rlimit limit = {most, most};
		CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	}
	for(uint64_t i = 0; i < 2000000; i++) {
		auto* event = events.at(i);
		try {
			to->dump(event);
		} catch(const std::exception& e) {
			const std::string text = e.what();
			const std::string again = "any more: " + last_word(text);
			if(!throws<std::exception>(again, [&] { to->dump(event); })) {
				fail(std::string(kind.name) + ": it goes on after: " + text);
			}
			CHECK(file_size(file) == to->offset());
			return text;
		}
		*last_ts = event->ts;
		*told = to->told();
	}
	fail("there is room for everything");
}

void full(const kind& kind, const std::string& file, bool limited, const std::string& why) {
	uint64_t last_ts = 0;
	int64_t told = 0;
	const std::string text = fill(kind, file, limited, &last_ts, &told);
	const std::string what = std::string(kind.name) + ", " + text;
	if(!contains(text, "cannot write " + (kind.by_fd ? std::string("the capture on the file descriptor ") : file)) || last_word(text) != why) {
		fail(what + ": another text was expected, with " + why);
	}
	const outcome got = read(file);
	CHECK(got.events > 0);
	holds(kind, what, file, got, last_ts, told);
	unlink(file.c_str());
}

void a_full_disk_is_an_error_with_its_name() {
	for(const kind& kind: KINDS) {
		const pid_t child = start([&] {
			signal(SIGXFSZ, SIG_IGN);
			full(kind, path("limited.scap"), true, "File too large");
		});
		CHECK(status_of(child) == 0);
		if(!small.empty()) {
			full(kind, small + "/full.scap", false, "No space left on device");
		}
		const std::string name = kind.by_fd ? "file descriptor" : "/dev/full";
		CHECK(throws<std::exception>(name, [&] { open(kind, "/dev/full"); }) &&
		      throws<std::exception>(": No space left on device", [&] { open(kind, "/dev/full"); }));
	}
}

// Events are not written one by one, and the offsets that a dumper returns are right at every moment.
void the_numbers_are_those_of_the_file() {
	const events events(capture);
	for(const kind& kind: KINDS) {
		const std::string file = path("numbers.scap");
		unlink(file.c_str());
		auto to = open(kind, file);
		const int64_t at_open = file_size(file);
		CHECK(at_open > (kind.of_inspector ? 1000 : 20) && to->offset() == at_open);
		CHECK(kind.of_inspector || kind.gzip || to->told() == at_open);
		int64_t size = at_open, written = 0;
		const uint64_t count = 20000;
		for(uint64_t i = 0; i < count; i++) {
			to->dump(events.at(i));
			CHECK(to->offset() == file_size(file));
			written += to->offset() != size;
			size = to->offset();
			CHECK(kind.gzip || kind.of_inspector || (to->told() >= size && to->told() - size < BUFFER + static_cast<int64_t>(MAX_EVENT)));
		}
		const int64_t seconds = static_cast<int64_t>(count * STEP / SECOND);
		if(written < seconds || written > size / BUFFER + seconds + 2) {
			fail(std::string(kind.name) + ": " + std::to_string(written) + " writes of " + std::to_string(size) + " bytes");
		}
		to->dump(events.at(count));
		to->flush();
		CHECK(to->offset() == file_size(file) && (kind.gzip || kind.of_inspector || to->told() == to->offset()));
		CHECK(read(file).events == count + 1);
		to.reset();
		const outcome got = read(file);
		CHECK(got.code == SCAP_EOF && got.events == count + 1);
	}
}

// A file that is not empty: offsets count from its start.
void a_capture_may_start_within_a_file() {
	char error[SCAP_LASTERR_SIZE] = "";
	const int fd = ::open(path("within").c_str(), O_CREAT | O_TRUNC | O_RDWR, 0600);
	CHECK(write(fd, "ten bytes.", 10) == 10);
	scap_dumper_t* dumper = scap_dump_open_fd(nullptr, fd, SCAP_COMPRESSION_NONE, true, error);
	CHECK(dumper != nullptr && scap_dump_get_offset(dumper) == file_size(path("within")));
	CHECK(scap_dump_ftell(dumper) == scap_dump_get_offset(dumper) - 10);
	scap_dump_close(dumper);
}

// Memory has every event that fits completely, and their end is returned.
void memory_has_what_fits() {
	const events events(capture);
	std::vector<uint8_t> memory(100000);
	char error[SCAP_LASTERR_SIZE] = "";
	scap_dumper_t* dumper = scap_memory_dump_open(nullptr, memory.data(), memory.size(), error);
	CHECK(dumper != nullptr && scap_get_memorydumper_curpos(dumper) - memory.data() == scap_dump_get_offset(dumper));
	uint64_t count = 0;
	while(scap_dump(dumper, events.at(count), 0, 0) == SCAP_SUCCESS) {
		count++;
		CHECK(scap_get_memorydumper_curpos(dumper) - memory.data() == scap_dump_get_offset(dumper));
		CHECK(scap_dump_ftell(dumper) == scap_dump_get_offset(dumper));
	}
	CHECK(contains(scap_dump_getlasterr(dumper), "cannot write the capture in memory") && contains(scap_dump_getlasterr(dumper), "do not fit"));
	const auto size = scap_get_memorydumper_curpos(dumper) - memory.data();
	CHECK(size == scap_dump_get_offset(dumper) && memory.size() - static_cast<size_t>(size) <= MAX_EVENT);
	scap_dump_close(dumper);
	write_file(path("memory.scap"), {memory.begin(), memory.begin() + size});
	const outcome got = read(path("memory.scap"));
	CHECK(got.code == SCAP_EOF && got.events == count && count > 100);

	// Memory of the library's own has room for all.
	dumper = scap_managedbuf_dump_create();
	int64_t before = 0;
	for(uint64_t i = 0; i < 1000; i++) {
		CHECK(scap_dump(dumper, events.at(i), 0, 0) == SCAP_SUCCESS && scap_dump_get_offset(dumper) > before);
		before = scap_dump_get_offset(dumper);
		CHECK(scap_dump_ftell(dumper) == before);
	}
	scap_dump_close(dumper);
}

// An inspector's capture begins with events for its users and groups, at the time of the last event.
void users_and_groups_are_events_too() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* event = nullptr;
	uint64_t events = 0, last_ts = 0;
	int32_t rc = SCAP_SUCCESS;
	while((rc = inspector.next(&event)) != SCAP_EOF) {
		events += rc == SCAP_SUCCESS;
		last_ts = event->get_ts();
	}
	const auto* users = inspector.m_usergroup_manager->get_userlist("");
	const auto* groups = inspector.m_usergroup_manager->get_grouplist("");
	CHECK(events > 0 && users != nullptr && !users->empty() && groups != nullptr && !groups->empty());
	const std::string file = path("users.scap");
	sinsp_dumper dumper;
	dumper.open(&inspector, file, false);
	dumper.close();
	std::vector<uint16_t> types;
	const outcome got = read(file, [&](const scap_evt* event) {
		types.push_back(event->type);
		CHECK(event->ts == last_ts && event->tid == static_cast<uint64_t>(-1));
	});
	CHECK(got.code == SCAP_EOF && got.accounts == users->size() + groups->size() && types.size() == got.accounts);
	CHECK(std::is_partitioned(types.begin(), types.end(), [](uint16_t type) { return type == PPME_USER_ADDED_E; }));
	CHECK(types.front() == PPME_USER_ADDED_E && types.back() == PPME_GROUP_ADDED_E);
	sinsp copy;
	copy.open_savefile(file);
	CHECK(copy.m_usergroup_manager->get_userlist("")->size() == users->size());
	CHECK(copy.next(&event) == SCAP_EOF);
}

// A capture without events, or without one that passes the filter, can be opened.
void a_capture_may_have_no_event() {
	for(const kind& kind: KINDS) {
		const std::string file = path("none.scap");
		open(kind, file).reset();
		CHECK(read(file).opened && read(file).code == SCAP_EOF && read(file).events == 0);
		sinsp inspector;
		inspector.open_savefile(file);
		sinsp_evt* event = nullptr;
		CHECK(inspector.next(&event) == SCAP_EOF && inspector.next(&event) == SCAP_EOF);
	}
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 3) {
		return 2;
	}
	capture = argv[1];
	folder = argv[2];
	small = argc > 3 ? argv[3] : "";
	return run_tests({
	        {"a killed program leaves what it dumped", a_killed_program_leaves_what_it_dumped},
	        {"a full disk is an error with its name", a_full_disk_is_an_error_with_its_name},
	        {"the numbers are those of the file", the_numbers_are_those_of_the_file},
	        {"a capture may start within a file", a_capture_may_start_within_a_file},
	        {"memory has what fits", memory_has_what_fits},
	        {"users and groups are events, too", users_and_groups_are_events_too},
	        {"a capture may have no event", a_capture_may_have_no_event},
	});
}
