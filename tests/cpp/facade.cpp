// Tests libsinsp's C++ API: facade CAPTURE FOLDER. The capture is of a workload that opens files, starts programs and connects; FOLDER is for
// files. Prints failures and a count.
#include "check.h"

#include <libsinsp/sinsp.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace ast = libsinsp::filter::ast;

namespace {

std::string capture;
// A folder for files.
std::string scratch;

// Opens the capture and calls `look` for each event. Returns the number of events.
size_t read_all(sinsp& inspector,
                const std::function<void(sinsp_evt&)>& look = [](sinsp_evt&) {},
                const std::string& file = capture) {
	inspector.open_savefile(file);
	size_t seen = 0;
	for(;;) {
		sinsp_evt* evt = nullptr;
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_EOF) {
			return seen;
		}
		if(rc == SCAP_TIMEOUT || rc == SCAP_FILTERED_EVENT) {
			continue;
		}
		if(rc != SCAP_SUCCESS) {
			throw std::logic_error(inspector.getlasterr());
		}
		seen++;
		look(*evt);
	}
}

void events() {
	sinsp inspector;
	uint64_t last_num = 0;
	size_t execs = 0;
	const auto seen = read_all(inspector, [&](sinsp_evt& evt) {
		CHECK(evt.get_num() > last_num);
		last_num = evt.get_num();
		CHECK(inspector.get_num_events() == last_num);
		CHECK(evt.get_type() < PPM_EVENT_MAX && *evt.get_name() != '\0');
		CHECK(evt.get_info() == &g_infotables.m_event_info[evt.get_type()]);
		CHECK(evt.get_ts() > 1'600'000'000'000'000'000 && evt.get_tid() > 0);
		CHECK(evt.get_num_params() <= evt.get_info()->nparams);
		CHECK((evt.get_direction() == SCAP_ED_OUT) == PPME_IS_EXIT(evt.get_type()));
		if(evt.get_type() != PPME_SYSCALL_EXECVE_19_X) {
			return;
		}
		execs++;
		auto* thread = evt.get_thread_info();
		CHECK(thread != nullptr && thread->m_tid == evt.get_tid() && thread->is_main_thread());
		CHECK(evt.get_category() == EC_PROCESS && evt.is_syscall_event());
		CHECK(evt.get_syscall_return_value() == 0 && evt.get_param(0)->as<int64_t>() == 0);
		CHECK(evt.get_param_by_name("exe")->as<std::string>() == thread->get_exe());
		CHECK(evt.get_param_by_name("exe")->as<std::string_view>() == thread->m_exe);
		CHECK(evt.get_param_by_name("args")->as<std::vector<std::string>>().size() >= thread->m_args.size());
		CHECK(evt.get_param_by_name("nothing") == nullptr);
		CHECK(throws<sinsp_exception>("expected length 2, found 8", [&] { evt.get_param(0)->as<uint16_t>(); }));
		CHECK(throws<std::out_of_range>("", [&] { evt.get_param(99); }));
	});
	CHECK(seen > 100 && execs > 2);
}

void files() {
	sinsp inspector;
	size_t opened = 0, named = 0;
	read_all(inspector, [&](sinsp_evt& evt) {
		const auto* fd = evt.get_fd_info();
		if(fd == nullptr || evt.get_type() != PPME_SYSCALL_OPENAT_2_X) {
			return;
		}
		opened++;
		named += fd->m_name.find("/") == 0;
		CHECK(fd->m_fd == evt.get_fd_num() && fd->m_fd == evt.get_syscall_return_value());
		CHECK(fd->is_file() || fd->is_directory() || fd->m_type == SCAP_FD_FILE);
		CHECK(fd->get_typechar() == (fd->is_directory() ? CHAR_FD_DIRECTORY : CHAR_FD_FILE));
		CHECK(evt.get_thread_info()->get_fd(fd->m_fd) == fd);
		CHECK(evt.get_thread_info()->get_fd(100'000) == nullptr);
		CHECK(evt.get_thread_info()->get_fd_opencount() >= 1);
	});
	CHECK(opened > 5 && named == opened);
}

void threads() {
	sinsp inspector;
	size_t most = 0;
	read_all(inspector, [&](sinsp_evt& evt) {
		auto* threads = inspector.m_thread_manager->get_threads();
		if(threads->size() <= most) {
			return;
		}
		most = threads->size();
		std::set<int64_t> ids;
		CHECK(threads->const_loop([&](const sinsp_threadinfo& t) {
			ids.insert(t.m_tid);
			std::string cmdline, args;
			sinsp_threadinfo::populate_cmdline(cmdline, &t);
			sinsp_threadinfo::populate_args(args, &t);
			CHECK(cmdline == (args.empty() ? t.get_comm() : t.get_comm() + " " + args));
			CHECK(t.m_comm == t.get_comm() && t.m_comm.size() == t.get_comm().size());
			CHECK(t.get_main_thread() == nullptr || t.get_main_thread()->m_tid == t.m_pid);
			size_t fds = 0;
			t.loop_fds([&](int64_t number, const sinsp_fdinfo& fd) {
				fds++;
				return number == fd.m_fd;
			});
			CHECK(fds == t.get_fd_opencount());
			return true;
		}));
		CHECK(ids.size() == most && inspector.m_thread_manager->get_thread_count() == most);
		CHECK(threads->get(evt.get_tid()) == evt.get_thread_info());
		CHECK(threads->get(4'000'000'000) == nullptr);
	});
	CHECK(most > 2);

	auto* threads = inspector.m_thread_manager->get_threads();
	size_t calls = 0;
	CHECK(!threads->const_loop([&](const sinsp_threadinfo&) { return ++calls == 0; }) && calls == 1);
	CHECK(throws<std::runtime_error>("mine", [&] {
		threads->const_loop([](const sinsp_threadinfo&) -> bool { throw std::runtime_error("mine"); });
	}));
	// The library reads what the program writes to members.
	threads->loop([](sinsp_threadinfo& t) {
		t.m_uid = 4711;
		return true;
	});
	threads->const_loop([](const sinsp_threadinfo& t) {
		CHECK(t.m_uid == 4711);
		return true;
	});
	// The inspector may read the next event during a visit.
	threads->const_loop([&](const sinsp_threadinfo&) {
		sinsp_evt* evt = nullptr;
		CHECK(inspector.next(&evt) == SCAP_EOF && evt->get_num() == inspector.get_num_events());
		return false;
	});
}

void filters() {
	const std::string text = "evt.type in (openat, connect) and not proc.name startswith zz";
	size_t ran = 0;
	{
		sinsp inspector;
		sinsp_filter_compiler compiler(&inspector, text);
		CHECK(compiler.get_filter_ast() == nullptr);
		auto filter = compiler.compile();
		CHECK(compiler.get_filter_ast() != nullptr);
		read_all(inspector, [&](sinsp_evt& evt) { ran += filter->run(&evt); });
	}
	CHECK(ran > 5);
	sinsp inspector;
	inspector.set_filter(text);
	CHECK(inspector.get_filter() == text);
	CHECK(read_all(inspector) == ran);
	CHECK(throws<sinsp_exception>("once", [&] { inspector.set_filter("evt.num > 0"); }));

	// The same filter, built from checks.
	sinsp by_hand;
	auto list = std::make_unique<sinsp_filter_check_list>();
	auto factory = std::make_shared<sinsp_filter_factory>(&by_hand, *list);
	std::vector<std::unique_ptr<ast::expr>> both;
	both.push_back(ast::binary_check_expr::create(ast::field_expr::create("evt.type"),
	                                              "in",
	                                              ast::list_expr::create({"openat", "connect"})));
	both.push_back(ast::not_expr::create(ast::binary_check_expr::create(ast::field_expr::create("proc.name"),
	                                                                    "startswith",
	                                                                    ast::value_expr::create("zz"))));
	auto tree = ast::and_expr::create(both);
	by_hand.set_filter(sinsp_filter_compiler(factory, tree.get()).compile());
	CHECK(read_all(by_hand) == ran);

	CHECK(throws<sinsp_exception>("filter error at index 9, line 1, column 10: ", [&] {
		sinsp_filter_compiler(factory, "evt.type=").compile();
	}));
	CHECK(throws<sinsp_exception>("nothing.there", [&] { sinsp_filter_compiler(factory, "nothing.there=1").compile(); }));
	tree->children.clear();
	tree->children.push_back(ast::value_expr::create("a value is no check"));
	CHECK(throws<sinsp_exception>("", [&] { sinsp_filter_compiler(factory, tree.get()).compile(); }));
}

void trees() {
	const std::string text =
	        "a.b[x] = 1 or (not c.d exists and tolower(e.f) in (x, 'y z')) or g.h = anyof (1, 2) or macro or i.j = val(k.l)";
	libsinsp::filter::parser parser(text);
	const auto parsed = parser.parse();
	CHECK(parser.get_pos().idx == text.size());
	CHECK(parsed->is_equal(ast::clone(parsed.get()).get()));
	CHECK(!parsed->is_equal(libsinsp::filter::parser("a.b = 1").parse().get()));

	struct : ast::const_base_expr_visitor {
		using const_base_expr_visitor::visit;
		void visit(const ast::field_expr* e) override { fields.push_back(e->field + (e->arg ? "+" + *e->arg : "")); }
		void visit(const ast::binary_check_expr* e) override {
			ops.push_back(e->op);
			const_base_expr_visitor::visit(e);
		}
		std::vector<std::string> fields, ops;
	} visitor;
	parsed->accept(&visitor);
	CHECK((visitor.fields == std::vector<std::string>{"a.b+x", "c.d", "e.f", "g.h", "i.j", "k.l"}));
	CHECK((visitor.ops == std::vector<std::string>{"=", "in", "= anyof", "="}));

	libsinsp::filter::parser wrong("a.b = 1\nand (");
	CHECK(throws<sinsp_exception>("", [&] { wrong.parse(); }));
	CHECK(wrong.get_pos().line == 2);
	libsinsp::filter::parser prefix("proc.name = cat) more");
	prefix.set_parse_partial(true);
	CHECK(prefix.parse() != nullptr && prefix.get_pos().idx == 15);
	libsinsp::filter::parser deep(std::string(200, '(') + "a.b=1" + std::string(200, ')'));
	CHECK(throws<sinsp_exception>("", [&] { deep.parse(); }));

	const auto scs = ast::ppm_sc_codes(libsinsp::filter::parser("evt.type in (openat, getppid)").parse().get());
	CHECK(scs == (libsinsp::events::set<ppm_sc_code>{PPM_SC_OPENAT, PPM_SC_GETPPID}));
	CHECK(ast::ppm_event_codes(libsinsp::filter::parser("evt.type=openat").parse().get()).contains(PPME_SYSCALL_OPENAT_2_X));
}

void formatters() {
	sinsp inspector;
	sinsp_filter_check_list list;
	sinsp_evt_formatter all(&inspector, "%evt.num %evt.type", list);
	sinsp_evt_formatter strict(&inspector, "%proc.name|%fd.name", list);
	sinsp_evt_formatter lenient(&inspector, "*%proc.name|%fd.name", list);
	size_t with_fd = 0, strictly = 0;
	std::string out, strict_out, lenient_out;
	const auto seen = read_all(inspector, [&](sinsp_evt& evt) {
		CHECK(all.tostring(&evt, out));
		CHECK(out.find(std::to_string(evt.get_num()) + " ") == 0);
		const bool shown = strict.tostring(&evt, strict_out);
		CHECK(lenient.tostring(&evt, lenient_out));
		strictly += shown;
		with_fd += lenient_out.find("<NA>") == std::string::npos;
		CHECK(!shown || strict_out == lenient_out);
		CHECK(all.tostring_withformat(&evt, out, sinsp_evt_formatter::OF_JSON));
		CHECK(out.front() == '{' && out.find("\"evt.num\":" + std::to_string(evt.get_num())) != std::string::npos);
	});
	CHECK(strictly == with_fd && strictly > 10 && strictly < seen);
	CHECK(!all.tostring(nullptr, static_cast<std::string*>(nullptr)));
	CHECK(throws<sinsp_exception>("", [&] { sinsp_evt_formatter(&inspector, "%nothing.there", list); }));
	CHECK(throws<sinsp_exception>("", [&] { sinsp_evt_formatter(&inspector, "", list); }));
	inspector.set_buffer_format(sinsp_evt::PF_JSON);
	CHECK(sinsp_evt_formatter(&inspector, "%evt.num", list).get_output_format() == sinsp_evt_formatter::OF_JSON);
}

// Filters and formatters may outlive their inspector.
void lifetimes() {
	sinsp_filter_check_list list;
	std::unique_ptr<sinsp_filter> filter;
	std::unique_ptr<sinsp_evt_formatter> formatter;
	sinsp inspector;
	{
		sinsp gone;
		filter = sinsp_filter_compiler(&gone, "evt.num > 0").compile();
		formatter = std::make_unique<sinsp_evt_formatter>(&gone, "%evt.num", list);
		gone.set_filter(sinsp_filter_compiler(&gone, "evt.num > 10").compile());
		read_all(gone);
	}
	bool refused = false;
	read_all(inspector, [&](sinsp_evt& evt) {
		if(evt.get_num() == 1) {
			sinsp_evt other;
			std::string out;
			refused = throws<sinsp_exception>("", [&] { filter->run(&other); }) &&
			          throws<sinsp_exception>("", [&] { formatter->tostring(&other, out); });
		}
	});
	CHECK(refused);
	// An inspector can be opened again.
	const auto first = read_all(inspector);
	inspector.close();
	CHECK(read_all(inspector) == first);
}

// A thread that left its inspector keeps its group and its main thread. A closed inspector has no threads, and accepts another filter.
void left_threads() {
	std::shared_ptr<sinsp_threadinfo> main_thread, worker;
	{
		sinsp inspector;
		inspector.open_savefile(capture);
		const auto add = [&](int64_t tid, const char* name, uint32_t flags) {
			auto thread = inspector.get_threadinfo_factory().create();
			thread->m_tid = tid;
			thread->m_pid = 500001;
			thread->m_ptid = 1;
			thread->m_comm = name;
			thread->m_flags |= flags;
			thread->set_args(std::vector<std::string>{"-a", "b"});
			return inspector.m_thread_manager->add_thread(std::move(thread), true);
		};
		main_thread = add(500001, "boss", 0);
		main_thread->m_env = {"A=1"};
		worker = add(500002, "worker", PPM_CL_CLONE_THREAD | PPM_CL_CLONE_FILES);
		CHECK(worker->m_cmd_line == "worker -a b" && &worker->get_fdtable() != &main_thread->get_fdtable());
		inspector.m_thread_manager->remove_thread(500002);
		CHECK(worker->get_num_threads() == 1 && worker->get_main_thread() == main_thread.get() && worker->get_env("A") == "1");
		inspector.set_filter("evt.type=open");
		inspector.close();
		CHECK(inspector.m_thread_manager->get_thread_count() == 0);
		inspector.set_filter("evt.type=read");
	}
	const std::shared_ptr<thread_group_info> group = worker->m_tginfo;
	const std::weak_ptr<thread_group_info> weak = main_thread->m_tginfo;
	CHECK(group == main_thread->m_tginfo && nullptr != main_thread->m_tginfo && weak.lock() == group);
	CHECK(group->get_tgroup_pid() == 500001 && group->get_thread_count() == 1 && group->get_first_thread() == main_thread.get());
	CHECK(worker->get_main_thread() == main_thread.get() && worker->get_env().size() == 1);
	const sinsp_fdinfo none = {};
	CHECK(none.m_fd == -1);
}

void fields() {
	sinsp_filter_check_list list;
	std::vector<const filter_check_info*> classes;
	list.get_all_fields(classes);
	size_t fields = 0, suggested = 0;
	bool name = false;
	for(const auto* of_class : classes) {
		CHECK(!of_class->m_name.empty() && of_class->m_nfields > 0);
		for(int32_t i = 0; i < of_class->m_nfields; i++) {
			const auto& field = of_class->m_fields[i];
			fields++;
			suggested += field.is_format_suggested();
			name |= field.m_name == "proc.name" && field.m_type == PT_CHARBUF && !field.is_list() && !field.m_description.empty();
		}
	}
	CHECK(classes.size() >= 7 && fields > 200 && name && suggested < fields);
	filter_check_list none;
	classes.clear();
	none.get_all_fields(classes);
	CHECK(classes.empty());
	none.add_filter_check(sinsp::new_generic_filtercheck());
	none.get_all_fields(classes);
	CHECK(classes.size() == 1 && classes[0]->m_name == "evt");
}

void sets() {
	using libsinsp::events::set;
	const set<ppm_sc_code> a = {PPM_SC_OPEN, PPM_SC_CLOSE}, b = {PPM_SC_CLOSE, PPM_SC_READ};
	CHECK(a.merge(b).size() == 3 && a.intersect(b).size() == 1 && a.diff(b).contains(PPM_SC_OPEN));
	CHECK(a != b && a.diff(a).empty() && set<ppm_sc_code>().empty());
	CHECK(throws<sinsp_exception>("", [&] { (void)a.contains(static_cast<ppm_sc_code>(PPM_SC_MAX + 1)); }));
	size_t counted = 0;
	for(const auto code : a) {
		counted += a.contains(code);
	}
	CHECK(counted == 2);
	const auto state = libsinsp::events::sinsp_state_sc_set();
	CHECK(state.contains(PPM_SC_CLONE) && !state.contains(PPM_SC_GETPPID));
	CHECK(libsinsp::events::all_sc_set().intersect(state) == state);
	CHECK(libsinsp::events::sinsp_repair_state_sc_set({PPM_SC_OPENAT}).contains(PPM_SC_CLOSE));
	CHECK(libsinsp::events::io_sc_set().contains(PPM_SC_READ));
	CHECK((libsinsp::events::sc_set_to_sc_names(a) == std::unordered_set<std::string>{"open", "close"}));
	CHECK(libsinsp::events::sc_names_to_sc_set({"open", "close", "no such call"}) == a);
	CHECK(libsinsp::events::event_names_to_sc_set({"getppid"}).contains(PPM_SC_GETPPID));
	const auto opens = libsinsp::events::sc_set_to_event_set({PPM_SC_OPENAT});
	CHECK(opens.contains(PPME_SYSCALL_OPENAT_2_X));
	CHECK(libsinsp::events::event_set_to_sc_set(opens).contains(PPM_SC_OPENAT));
	CHECK(concat_set_in_order(std::unordered_set<std::string>{"b", "a"}) == "a, b");
}

void tables() {
	using namespace libsinsp::state;
	sinsp inspector;
	std::set<std::string> names;
	read_all(inspector, [&](sinsp_evt& evt) {
		if(!names.empty() || evt.get_fd_info() == nullptr) {
			return;
		}
		auto* table = inspector.get_table_registry()->tables().at("threads");
		CHECK(table->key_type() == SS_PLUGIN_ST_INT64 && std::string(type_name(table->key_type())) == "int64");
		sinsp_table_owner owner;
		CHECK(table->get_size(&owner) == inspector.m_thread_manager->get_thread_count());
		uint32_t count = 0;
		const auto* fields = table->list_fields(&owner, &count);
		for(uint32_t i = 0; i < count; i++) {
			names.insert(fields[i].name);
			CHECK(table->get_field(&owner, fields[i].name, fields[i].field_type) != nullptr);
		}
		CHECK(table->get_field(&owner, "tid", SS_PLUGIN_ST_STRING) == nullptr);

		ss_plugin_state_data key = {}, value = {};
		key.s64 = evt.get_tid();
		auto* entry = table->get_entry(&owner, &key);
		const auto read = [&](base_table& from, ss_plugin_table_entry_t* of, const char* name, ss_plugin_state_type type) {
			CHECK(from.read_entry_field(&owner, of, from.get_field(&owner, name, type), &value) == SS_PLUGIN_SUCCESS);
		};
		read(*table, entry, "tid", SS_PLUGIN_ST_INT64);
		CHECK(value.s64 == evt.get_tid());
		read(*table, entry, "comm", SS_PLUGIN_ST_STRING);
		CHECK(evt.get_thread_info()->get_comm() == value.str);
		read(*table, entry, "file_descriptors", SS_PLUGIN_ST_TABLE);
		table_input_adapter fds(value.table);
		CHECK(std::string(fds.name()) == "file_descriptors");
		CHECK(fds.get_size(&owner) == evt.get_thread_info()->get_fd_opencount());
		key.s64 = evt.get_fd_num();
		read(fds, fds.get_entry(&owner, &key), "name", SS_PLUGIN_ST_STRING);
		CHECK(evt.get_fd_info()->m_name == value.str);
		key.s64 = -5;
		CHECK(table->get_entry(&owner, &key) == nullptr);
		CHECK(table->read_entry_field(&owner, nullptr, nullptr, &value) == SS_PLUGIN_FAILURE);
	});
	CHECK(names.count("comm") == 1 && names.size() > 30);
}

// A dumped capture has the same events and threads. The events for users and groups at its start shift the numbers.
void dumps() {
	const std::string format = "%evt.time %thread.tid %evt.type %evt.args";
	for(const bool compress : {false, true}) {
		const std::string file = scratch + (compress ? "/dump.scap.gz" : "/dump.scap");
		sinsp_filter_check_list list;
		std::vector<std::string> written, read;
		sinsp inspector;
		sinsp_evt_formatter formatter(&inspector, format, list);
		sinsp_dumper dumper;
		CHECK(!dumper.is_open());
		inspector.open_savefile(capture);
		CHECK(throws<sinsp_exception>("/no/such/folder", [&] { dumper.open(&inspector, "/no/such/folder/x", compress); }));
		inspector.close();
		inspector.set_filter("evt.num > 0");
		std::string line;
		read_all(inspector, [&](sinsp_evt& evt) {
			if(!dumper.is_open()) {
				dumper.open(&inspector, file, compress);
			}
			dumper.dump(&evt);
			formatter.tostring(&evt, line);
			written.push_back(line);
		});
		CHECK(dumper.written_events() == written.size());
		CHECK(throws<sinsp_exception>("null event", [&] { dumper.dump(nullptr); }));
		dumper.flush();
		CHECK(dumper.written_bytes() > 1000);
		dumper.close();
		CHECK(!dumper.is_open());
		CHECK(throws<sinsp_exception>("not opened", [&] { dumper.dump(nullptr); }));
		sinsp again;
		sinsp_evt_formatter formatter_again(&again, format, list);
		read_all(
		        again,
		        [&](sinsp_evt& evt) {
			        formatter_again.tostring(&evt, line);
			        read.push_back(line);
		        },
		        file);
		CHECK(read.size() == written.size());
		for(size_t i = 0; i < read.size(); i++) {
			CHECK(read[i] == written[i]);
		}
	}
}

void refusals() {
	sinsp inspector;
	CHECK(throws<scap_open_exception>("/no/such/file", [&] { inspector.open_savefile("/no/such/file"); }));
	CHECK(throws<scap_open_exception>("path", [&] { inspector.open_savefile(""); }));
	CHECK(throws<scap_open_exception>("", [&] { inspector.open_savefile("/etc/passwd"); }));
	CHECK(throws<scap_open_exception>("a buffer of 1000 bytes", [&] { inspector.open_kmod(1000); }));
	// Where no module is loaded, the error says what to load.
	if(access("/sys/module/scap", F_OK) != 0) {
		CHECK(throws<scap_open_exception>("load the kernel module scap", [&] { inspector.open_kmod(); }));
	}
	CHECK(throws<sinsp_exception>("plugin", [&] { inspector.register_plugin("some.so"); }));
	CHECK(throws<sinsp_exception>("not open", [&] { inspector.start_capture(); }));
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_FAILURE && evt == nullptr && !inspector.getlasterr().empty());
	scap_stats stats;
	inspector.get_capture_stats(&stats);
	CHECK(stats.n_evts == 0);
	CHECK(!inspector.check_current_engine("savefile"));
	inspector.set_snaplen(120);
	inspector.set_fullcapture_port_range(80, 443);
	libsinsp::detail::error error;
	CHECK(sinsp_inspector_set_option(inspector.c_handle(), SINSP_OPTION_SNAPLEN, UINT64_MAX, error.out()) ==
	      SINSP_ILLEGAL_INPUT);
	CHECK(error.message().find("too big") != std::string::npos);
	inspector.open_savefile(capture);
	CHECK(inspector.dynamic_snaplen(true) == SCAP_NOT_SUPPORTED);
	CHECK(inspector.check_current_engine("savefile") && inspector.is_capture() && !inspector.is_live());
	CHECK(throws<sinsp_exception>("inexistent", [&] { inspector.mark_ppm_sc_of_interest(PPM_SC_MAX); }));

	// The C functions return errors for null.
	CHECK(sinsp_inspector_next(nullptr, nullptr, nullptr) == SINSP_ILLEGAL_INPUT);
	CHECK(sinsp_program_compile(nullptr, nullptr, {nullptr, 0}, nullptr) == nullptr);
	CHECK(sinsp_formatter_new(nullptr, nullptr, {nullptr, 0}, nullptr) == nullptr);
	CHECK(sinsp_program_run(nullptr, nullptr, nullptr, nullptr) == -1);
	CHECK(sinsp_thread_text(nullptr, 1, SINSP_THREAD_COMM).len == 0 && sinsp_thread_main(nullptr, 1) == SINSP_NO_THREAD);
	CHECK(sinsp_thread_fd_text(nullptr, 1, 0, SINSP_FD_NAME).len == 0 && sinsp_inspector_thread(nullptr, 1) == SINSP_NO_THREAD);
	CHECK(sinsp_inspector_thread_table(nullptr) == nullptr);
	sinsp_inspector_free(nullptr);
	sinsp_program_free(nullptr);
	sinsp_formatter_free(nullptr);
	sinsp_ast_free(nullptr);
}

std::vector<std::string> logged;

// The effects of close(), and options that engines without live events ignore.
void closing() {
	sinsp inspector;
	const size_t all = read_all(inspector);
	CHECK(inspector.m_thread_manager->get_thread_count() > 0 && inspector.get_num_events() >= all);
	const auto held = inspector.m_thread_manager->find_thread(1, true);
	inspector.set_snaplen(100);
	inspector.set_dropfailed(true);
	inspector.start_dropping_mode(4);
	inspector.stop_dropping_mode();
	inspector.close();
	inspector.stop_capture();
	CHECK(inspector.m_thread_manager->get_thread_count() == 0 && inspector.get_num_events() == 0);
	CHECK(held == nullptr || held->m_tid == 1);

	inspector.set_filter("evt.num < 0");
	CHECK(read_all(inspector) == 0 && inspector.get_num_events() >= all);
	inspector.close();
	CHECK(read_all(inspector) == all);
	inspector.close();
	inspector.set_filter("evt.num > 0");
	CHECK(read_all(inspector) == all);

	sinsp closed;
	sinsp_dumper dumper;
	// The capture that such a file holds stays in it.
	const std::string kept = scratch + "/kept.scap";
	std::ofstream(kept) << "kept";
	CHECK(throws<sinsp_exception>("not open", [&] { dumper.open(&closed, kept, false); }));
	closed.open_savefile(capture);
	closed.close();
	CHECK(throws<sinsp_exception>("not open", [&] { dumper.open(&closed, kept, true); }));
	std::string content;
	CHECK(std::getline(std::ifstream(kept), content) && content == "kept");

	sinsp_filter_check_list checks;
	sinsp_evt_formatter none(&inspector, checks);
	sinsp_evt_formatter lacking(&inspector, "%evt.num %fs.path.name", checks);
	std::string out;
	read_all(inspector, [&](sinsp_evt& evt) {
		CHECK(none.tostring(&evt, out) && out.empty());
		lacking.tostring_withformat(&evt, out, sinsp_evt_formatter::OF_JSON);
		CHECK(out.front() == '{' && out.back() == '}');
	});
}

void helpers() {
	auto* logger = libsinsp_logger();
	logger->add_callback_log([](std::string&& line, sinsp_logger::severity) { logged.push_back(line); });
	logger->disable_timestamps();
	logger->add_encoded_severity();
	logger->log("shown", sinsp_logger::SEV_WARNING);
	logger->log("hidden", sinsp_logger::SEV_DEBUG);
	logger->format(sinsp_logger::SEV_ERROR, "%d", 7);
	CHECK(logged.size() == 2 && logged[1] == "SEV_ERR 7");
	sinsp_logger::severity severity;
	CHECK(sinsp_logger::decode_severity(logged[0], severity) == 8 && severity == sinsp_logger::SEV_WARNING);
	CHECK(sinsp_logger::decode_severity("no severity", severity) == 0);
	logger->reset();

	std::string time;
	sinsp_utils::ts_to_iso_8601(1'588'262'409'999'999'999, &time);
	CHECK(time == "2020-04-30T16:00:09.999999999+0000");
	CHECK((sinsp_split("a,,b,", ',') == std::vector<std::string>{"a", "", "b", ""}) && sinsp_split("", ',').empty());
	CHECK(sinsp_version("1.2.3") < sinsp_version(1, 10, 0) && !sinsp_version("1.x").is_valid());
	CHECK(sinsp_version("1.2.3").compatible_with(sinsp_version("1.1.9")));
	CHECK(sinsp_version::of_library().major() == sinsp_abi_version() >> 16 && sinsp_version::of_library().minor() == (sinsp_abi_version() & 0xffff));
	CHECK(sinsp_version::of_reference() == sinsp_version(0, 25, 4));
	CHECK(g_infotables.m_event_info[PPME_SYSCALL_OPENAT_2_X].name == std::string("openat"));
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 3) {
		std::fprintf(stderr, "usage: facade CAPTURE FOLDER\n");
		return 2;
	}
	capture = argv[1];
	scratch = argv[2];
	const std::vector<test_case> tests = {{"events", events},
	                           {"files", files},
	                           {"threads", threads},
	                           {"filters", filters},
	                           {"trees", trees},
	                           {"formatters", formatters},
	                           {"lifetimes", lifetimes},
	                           {"left threads", left_threads},
	                           {"fields", fields},
	                           {"sets", sets},
	                           {"tables", tables},
	                           {"dumps", dumps},
	                           {"refusals", refusals},
	                           {"closing", closing},
	                           {"helpers", helpers}};
	return run_tests(tests);
}
