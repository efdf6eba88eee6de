// Prints the table of docs/errors.md: what goes wrong, and the message. messages CAPTURE FOLDER: FOLDER is empty, and writable.
#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_savefile_api.h>
#include <libsinsp/capi.h>
#include <libsinsp/dumper.h>
#include <libsinsp/filter.h>
#include <libsinsp/plugin_manager.h>
#include <libsinsp/sinsp.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

std::string capture;
std::string folder;
int wrong = 0;

// The paths of this run as words.
std::string as_in_the_page(std::string text) {
	for(const auto& [path, word] : {std::pair<std::string, std::string>{folder, "DIR"}, {capture, "CAPTURE"}}) {
		for(size_t at; (at = text.find(path)) != std::string::npos;) {
			text.replace(at, path.size(), word);
		}
	}
	std::string out;
	for(const char c : text) {
		out += c == '|' ? std::string("\\|") : c == '\n' ? std::string("<br>") : std::string(1, c);
	}
	return out;
}

void row(const std::string& what, const std::string& message) {
	std::cout << "| " << as_in_the_page(what) << " | " << as_in_the_page(message) << " |\n";
}

// A call that throws.
void refused(const std::string& what, const std::function<void()>& call) {
	try {
		call();
		std::cerr << "FAILED: accepted: " << what << '\n';
		wrong++;
	} catch(const std::exception& e) {
		row(what, e.what());
	}
}

void filter(const std::string& text) {
	refused("the filter `" + text + "`", [&] {
		sinsp inspector;
		sinsp_filter_compiler(&inspector, text).compile();
	});
}

void format(const std::string& text) {
	refused("the format `" + text + "`", [&] {
		sinsp inspector;
		sinsp_filter_check_list list;
		sinsp_evt_formatter formatter(&inspector, text, list);
	});
}

std::string file(const std::string& name, const std::string& bytes) {
	std::ofstream(folder + "/" + name, std::ios::binary) << bytes;
	return folder + "/" + name;
}

void open(const std::string& what, const std::string& path) {
	refused(what, [&] {
		sinsp inspector;
		inspector.open_savefile(path);
		sinsp_evt* event;
		int32_t rc;
		while((rc = inspector.next(&event)) == SCAP_SUCCESS) {
		}
		if(rc == SCAP_EOF) {
			return;
		}
		throw sinsp_exception(inspector.getlasterr());
	});
}

// A C function that stores an error.
void c_error(const std::string& what, const std::function<void(sinsp_error**)>& call) {
	sinsp_error* error = nullptr;
	call(&error);
	if(error == nullptr) {
		std::cerr << "FAILED: accepted: " << what << '\n';
		wrong++;
		return;
	}
	const sinsp_str text = sinsp_error_message(error);
	row(what, std::string(text.data, text.len));
	sinsp_error_free(error);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 3) {
		return 2;
	}
	capture = argv[1];
	folder = argv[2];

	filter("proc.nam = cat");
	filter("prc.name = cat");
	filter("proc.name cat");
	filter("proc.name startwith ca");
	filter("evt.type = opennat");
	filter("evt.num = many");
	filter("fd.sip = 1.2.3");
	filter("fd.snet = 10.0.0.0/40");
	filter("proc.name = ");
	filter("proc.name = 'cat");
	filter("(proc.name = cat");
	filter("proc.name = cat and");
	filter("proc.name in (cat, dog");
	filter("proc.name regex '('");
	filter("lower(proc.name) = cat");
	filter("tolower(proc.pid) = 1");
	filter("proc.aname[x] = sshd");
	filter("evt.arg = 1");
	filter("proc.name[1] = cat");
	filter("container.id exists");
	filter("evt.is_open_write = yes");
	filter("fd.name > /etc");
	filter("");

	format("%proc.nam");
	format("%fd.name %evt.arg");
	format("%proc.aname[");
	format("100%");
	format("%container.id");
	format("%tolower(proc.name");

	open("a capture file that does not exist", folder + "/none.scap");
	open("a folder as capture file", folder);
	open("an empty capture file", file("empty.scap", ""));
	open("a text as capture file", file("text.scap", "This is a text, and a rather long one at that: it has no events.\n"));
	open("a file of network packets", file("packets.pcap", std::string("\xd4\xc3\xb2\xa1\x02\x00\x04\x00\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0", 24)));
	{
		std::ifstream in(capture, std::ios::binary);
		std::string bytes((std::istreambuf_iterator<char>(in)), {});
		open("a capture file that is cut in the middle", file("cut.scap", bytes.substr(0, bytes.size() / 2)));
	}

	refused("`next` without `open`", [] {
		sinsp inspector;
		sinsp_evt* event;
		if(inspector.next(&event) != SCAP_SUCCESS) {
			throw sinsp_exception(inspector.getlasterr());
		}
	});
	refused("`set_filter` of a wrong filter", [] {
		sinsp inspector;
		inspector.set_filter("evt.type = execv");
	});
	refused("a dump of an inspector that is not open", [] {
		sinsp inspector;
		sinsp_dumper dumper;
		dumper.open(&inspector, folder + "/new.scap", false);
	});
	refused("a dump into a folder that does not exist", [] {
		sinsp inspector;
		inspector.open_savefile(capture);
		sinsp_dumper dumper;
		dumper.open(&inspector, folder + "/none/new.scap", false);
	});
	refused("`open_modern_bpf` with a ring of 1000 bytes", [] {
		sinsp inspector;
		inspector.open_modern_bpf(1000);
	});
	refused("`grow_buffer` of a capture file", [] {
		sinsp inspector;
		inspector.open_savefile(capture);
		inspector.grow_buffer(0, 16 << 20);
	});
	refused("`open_kmod` where the module is not loaded", [] {
		sinsp inspector;
		inspector.open_kmod();
	});
	refused("`get_drops_by_sc` of a capture file", [] {
		sinsp inspector;
		inspector.open_savefile(capture);
		inspector.get_drops_by_sc();
	});
	refused("a plugin that does not exist", [] {
		sinsp inspector;
		inspector.register_plugin(folder + "/libnone.so");
	});
	refused("a text as plugin", [] {
		sinsp inspector;
		inspector.register_plugin(file("libtext.so", "This is no shared object.\n"));
	});
	refused("a library as plugin", [] {
		sinsp inspector;
		inspector.register_plugin("libm.so.6");
	});
	refused("`open_plugin` of a plugin that is not registered", [] {
		sinsp inspector;
		inspector.open_plugin("dummy", "", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	});

	c_error("`sinsp_inspector_new` of a later ABI", [](sinsp_error** error) { sinsp_inspector_free(sinsp_inspector_new(0x20000, error)); });
	c_error("`sinsp_inspector_next` of a null inspector", [](sinsp_error** error) {
		sinsp_event event;
		sinsp_inspector_next(nullptr, &event, error);
	});
	{
		char text[SCAP_LASTERR_SIZE] = "";
		int32_t rc = 0;
		scap_t* handle = scap_open(nullptr, &scap_savefile_engine, text, &rc);
		row("`scap_open` without arguments", handle == nullptr ? text : "");
	}
	return wrong == 0 ? 0 : 1;
}
