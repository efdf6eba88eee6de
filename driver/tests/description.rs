//! Tests that errors of the description name their row, and that the programs are generated as expected.

#[allow(dead_code)]
#[path = "../build/bpf.rs"]
mod bpf;
#[allow(dead_code)]
#[path = "../build/schema.rs"]
mod schema;
#[allow(dead_code)]
#[path = "../build/source.rs"]
mod source;

use schema::Schema;
use source::Vocabulary;

const HELPERS: &str = "\
object task struct task_struct
object file struct file
program sys_exit: s64 ret, task task
program sched_process_exit: task task
path(u64) -> text
file(s64) -> file
dev(file) -> u32
pid(task) -> s32
";

/// The programs of these events, or the error.
fn generate(events: &str, helpers: &str) -> Result<bpf::Generated, String> {
    generate_for("sc 1 one x86_64=7 events=ONE\n", events, helpers)
}

fn generate_for(calls: &str, events: &str, helpers: &str) -> Result<bpf::Generated, String> {
    let schema = Schema::parse(events, "table t PPM_\n    A 1\n", &format!("sc 0 unknown\n{calls}"))?;
    bpf::generate(&schema, &Vocabulary::parse(helpers)?, "x86_64")
}

const HEAD: &str = "event 0 ONE_E one FILE,SYSCALL OLD_VERSION\nevent 1 ONE_X one FILE,SYSCALL -\n";
/// Uses every helper that the parameter under test does not use.
const REST: &str =
    "    rest UINT64 dec <- pid(task)\n    p FSPATH na <- path(arg 0)\n    d UINT32 hex <- dev(file(ret))\n";

#[track_caller]
fn fails(param: &str, why: &str) {
    let error = generate(&format!("{HEAD}    {param}\n{REST}"), HELPERS).expect_err("it should be wrong");
    assert!(error.starts_with("events.txt:3: "), "{error}");
    assert!(error.contains(why), "{error}");
    assert!(error.contains(param.trim()), "the row is quoted: {error}");
}

#[test]
fn mistakes_in_a_source_name_the_row() {
    fails("x ERRNO dec <- nothing(ret)", "there is no helper `nothing`");
    fails("x FSPATH na <- path(arg 0, arg 1)", "helper `path` takes 1 arguments, not 2");
    fails("x UINT32 hex <- dev(ret)", "argument 1 of helper `dev` has the wrong type");
    fails("x UINT32 dec <- arg 0", "the source has 8 bytes, a UINT32 only 4");
    fails("x UINT32 dec <- path(arg 0)", "the source writes text, a UINT32 is a number");
    fails("x BYTEBUF na <- path(arg 0)", "the source writes text, which is no value of a BYTEBUF");
    fails("x FSPATH na <- ret", "the source is a number (s64), a FSPATH is none");
    fails("x UINT64 na <- file(ret)", "the source is a file");
    fails("x ERRNO dec <- arg 6", "`arg` wants the number of an argument");
    fails("x ERRNO dec <- ret ret", "`ret` is too much");
    fails("x UINT32 dec <- dev(file(ret)", "is not closed");
    fails("x ERRNO dec <- ret + 1", "`+`");
    fails("x ERRNO dec <-", "a source is missing");
    fails("x ERRNO dec <- length p", "`p` is no earlier parameter of variable length");
    fails("x ERRNO dec <- ret | sched_process_exit: 0", "program `sched_process_exit` does not make ONE_X");
    fails("x ERRNO dec <- ret | 0", "only the first source may go without the name of its program");
    fails("x ERRNO dec", "parameter `x` of ONE_X has no source, others have");
}

#[test]
fn mistakes_in_a_directive_name_the_row() {
    fails("@from sched_process_none", "there is no program `sched_process_none`");
    fails("@only file(ret)", "a number is wanted here");
    fails("@drops never", "there is no kind of drops `never`");
    fails("@when ret", "expected `@from PROGRAM");
}

impl std::fmt::Display for bpf::Generated {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.programs)
    }
}

#[test]
fn a_tracepoint_has_no_arguments() {
    let events = format!("{HEAD}    @from sched_process_exit\n    x UINT64 dec <- arg 0\n");
    let error = generate(&events, HELPERS).expect_err("it should be wrong");
    assert!(error.contains("events.txt:4: program `sched_process_exit` sees no arguments"), "{error}");
}

#[test]
fn an_old_version_of_an_event_is_not_made() {
    let events = format!("{HEAD}{REST}")
        .replace("event 1 ONE_X one FILE,SYSCALL -", "event 1 ONE_X one FILE,SYSCALL OLD_VERSION");
    let error = generate(&events, HELPERS).expect_err("it should be wrong");
    assert!(error.starts_with("events.txt:2: the event is an old version"), "{error}");
}

#[test]
fn mistakes_in_the_vocabulary_name_the_row() {
    let fails = |row: &str, why: &str| {
        let error = generate(HEAD, &format!("{HELPERS}{row}\n")).expect_err("it should be wrong");
        assert!(error.starts_with("helpers.txt:9: ") && error.contains(why), "{error}");
    };
    fails("pid(task) -> s32", "helper `pid` is described twice");
    fails("ret(s64) -> s64", "`ret` is something that a program is given");
    fails("other(sock) -> s32", "there is no type `sock`");
    fails("other -> s32", "expected `NAME(TYPE");
    fails("program p: nothing x", "there is no type `nothing`");
    let events = format!("{HEAD}{REST}");
    let error = generate(&events, &format!("{HELPERS}vain(s64) -> s64\n")).expect_err("it should be wrong");
    assert!(error.starts_with("helpers.txt:9: no event uses helper `vain`"), "{error}");
}

#[test]
fn an_event_of_known_size_is_written_in_place() {
    let events =
        format!("{HEAD}    res ERRNO dec <- ret\n    fd FD dec <- arg 0 s32\n    d UINT32 hex <- dev(file(ret))\n");
    let helpers = HELPERS.replace("path(u64) -> text\n", "").replace("pid(task) -> s32\n", "");
    let c = generate(&events, &helpers).unwrap().programs;
    // 26 bytes of header, three lengths, 8 + 8 + 4 bytes of values.
    assert!(c.contains("u8 *buf = reserve(52, 0, 7);"), "{c}");
    assert!(c.contains("store_at(buf, 32, s64, ret);"), "{c}");
    assert!(c.contains("u64 arg_0 = call_arg(regs, compat, 0);"), "{c}");
    assert!(c.contains("store_at(buf, 40, s64, (s32)arg_0);"), "the sign is kept: {c}");
    assert!(c.contains("set_length(buf, 2, 4);"), "{c}");
    assert!(c.find("v_dev(").unwrap() < c.find("reserve(").unwrap(), "nothing is computed while room is held: {c}");
    assert!(!c.contains("my_scratch"), "{c}");
}

#[test]
fn what_two_parameters_need_is_computed_once() {
    let events =
        format!("{HEAD}{REST}    d2 UINT32 hex <- dev(file(ret))\n    d3 UINT32 hex <- dev(file(arg 1 s32))\n");
    let c = generate(&events, HELPERS).unwrap().programs;
    assert_eq!(c.matches("v_file(").count(), 2, "{c}");
    assert_eq!(c.matches("v_dev(").count(), 2, "{c}");
    assert!(c.contains("my_scratch"), "{c}");
}

#[test]
fn a_repeated_event_is_made_once_for_each_index() {
    let helpers = HELPERS.replace("task task\nprogram", "task task, u32 index\nprogram");
    let events = format!("{HEAD}    @repeat ret\n    i UINT32 dec <- index\n{REST}");
    let c = generate(&events, &helpers).unwrap().programs;
    assert!(c.contains("static noinline_ int x_one_once(u64 *ctx, u32 index)"), "{c}");
    assert!(c.contains("for (; index < REPEAT_MAX && index < count; index++)\n\t\tx_one_once(ctx, index);"), "{c}");
}

#[test]
fn a_system_call_is_served_by_the_program_of_its_event() {
    let generated = generate(&format!("{HEAD}{REST}"), HELPERS).unwrap();
    assert!(generated.rust.contains("(7, \"x_one\"),"), "{}", generated.rust);
    assert_eq!(generated.exits, "EXIT_PROGRAM(7, x_one)\n", "the same for the module");
    assert!(generated.programs.contains("\nPROGRAM(x_one, sys_exit)"));
}

/// The only call of a program is a constant there, a program of no call counts for a code without a number, and the tables agree.
#[test]
fn drops_are_counted_by_call_and_by_tracepoint() {
    let exit = "event 2 GONE_E gone PROCESS,TRACEPOINT -\n    @from sched_process_exit\n    p INT64 dec <- pid(task)\n\
                event 3 GONE_X gone PROCESS,TRACEPOINT UNUSED\n";
    let generated = generate(&format!("{HEAD}{REST}{exit}"), HELPERS).unwrap();
    assert!(generated.programs.contains("emit(&o, 0, 7);"), "{}", generated.programs);
    assert!(generated.programs.contains("u8 *buf = reserve(36, 0, SYSCALL_MAX + 0);"), "{}", generated.programs);
    assert!(generated.rust.contains("pub static DROP_TRACEPOINTS: &[Sc] = &[Sc(0)];"), "{}", generated.rust);
    let two_calls = "sc 1 one x86_64=7 events=ONE\nsc 2 two x86_64=8 events=ONE\n";
    let several = generate_for(two_calls, &format!("{HEAD}{REST}"), HELPERS).unwrap();
    assert!(several.programs.contains("emit(&o, 0, nr);"), "{}", several.programs);
}

#[test]
fn a_helper_that_a_driver_has_not_is_an_error() {
    let vocabulary = Vocabulary::parse("dev(u64) -> u32\npath(u64) -> text\n").unwrap();
    let c = "inline_ u32 v_dev(u64 file)\n{\n}\n\ninline_ void p_path(struct out *o, u64 address)\n";
    assert_eq!(vocabulary.check_defined("kmod", c), Ok(()));
    let error = vocabulary.check_defined("kmod", &c.replace("p_path", "p_paths")).expect_err("it should be wrong");
    assert!(error.starts_with("helpers.txt:2: "), "{error}");
    assert!(error.contains("`p_path`") && error.contains("driver/kmod/"), "{error}");
}

#[test]
fn an_unknown_architecture_is_an_error() {
    let schema = Schema::default();
    let error = bpf::generate(&schema, &Vocabulary::default(), "vax").expect_err("it should be wrong");
    assert_eq!(error, "the probe does not know the architecture vax");
}

/// Also compiles them for every architecture: other builds compile the C for their own only.
#[test]
fn every_architecture_of_the_description_gets_its_programs() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = Schema::read(&root.join("schema")).unwrap();
    let helpers = std::fs::read_to_string(root.join("schema/helpers.txt")).unwrap();
    let vocabulary = Vocabulary::parse(&helpers).unwrap();
    for arch in schema::ARCHES {
        let generated = bpf::generate(&schema, &vocabulary, arch).unwrap();
        assert!(generated.rust.contains("x_syscall_openat_2"), "{arch}");
        let forks = generated.rust.contains("sched_process_fork");
        assert_eq!(forks, !matches!(arch, "x86_64" | "ppc64le"), "{arch}");

        let out = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(arch);
        std::fs::create_dir_all(&out).unwrap();
        std::fs::write(out.join("constants.h"), &generated.constants).unwrap();
        std::fs::write(out.join("programs.h"), &generated.programs).unwrap();
        let target = if arch == "ppc64le" { "powerpc64" } else { arch };
        for object in ["probe", "iterators"] {
            bpf::compile(object, &root.join("bpf"), &out, target, arch == "s390x")
                .unwrap_or_else(|e| panic!("{arch}: {e}"));
        }
        let object = std::fs::read(out.join("probe.o")).unwrap();
        assert!(object.len() > 10_000, "{arch}");
        let place = out.to_str().unwrap().as_bytes();
        assert!(!object.windows(place.len()).any(|w| w == place), "{arch}: the object names the folder of the build");
    }
}
