use super::*;
use crate::context::{BufferFormat, Display};
use crate::filter::sample::Sample;
use crate::format::render;
use driver::EventType;

fn formatter(format: &str) -> Formatter {
    Formatter::new(&Factory::new(), format.as_bytes()).unwrap_or_else(|e| panic!("{format}: {e}"))
}

fn shown(format: &str, output: Output) -> Option<String> {
    let mut formatter = formatter(format);
    let mut out = Vec::new();
    Sample::new().chdir(7, |e| formatter.format(e, output, &mut out)).unwrap().then(|| String::from_utf8(out).unwrap())
}

fn text(format: &str) -> String {
    shown(format, Output::Text).unwrap_or_else(|| panic!("{format}: not shown"))
}

fn json(format: &str) -> String {
    shown(format, Output::Json).unwrap_or_else(|| panic!("{format}: not shown"))
}

#[test]
fn literal_text_and_fields() {
    assert_eq!(text("plain"), "plain");
    assert_eq!(text("%evt.num"), "7");
    assert_eq!(text("(%proc.name[%proc.pid]) %evt.type."), "(Bash[42]) chdir.");
    assert_eq!(text("%evt.num%evt.cpu"), "73");
    assert_eq!(text("%proc.name.x"), "Bash.x");
    assert_eq!(text("%proc.env[HOME]:%proc.aname[1]x"), "/root:initx");
    assert_eq!(text("%proc.cwd"), "/root\u{fffd}/");
}

#[test]
fn each_field_is_in_a_line_as_it_is_by_itself() {
    let fields = crate::fields::classes().iter().flat_map(|class| class.fields);
    for name in fields.map(|field| field.name).filter(|name| Field::parse(name).is_ok()) {
        let factory = Factory::new();
        let ast = Parser::new(name.as_bytes()).parse_field_or_transformer().unwrap();
        let alone = factory.extractor(&ast, ast.root(), Form::Shown).unwrap();
        let mut formatter = Formatter::new(&factory, format!("*\u{1}%evt.num %{name} %evt.num").as_bytes()).unwrap();
        let (shape, hidden) = (alone.shape(), matches!(name, "fd.ip" | "fd.port" | "fd.net" | "evt.around"));
        Sample::new().chdir(7, |e| {
            let (mut text, mut line) = (Vec::new(), Vec::new());
            let (ty, format) = alone.type_for(e);
            let found =
                alone.extract(e, |values| render::all(values, shape.list, ty, format, Display::NORMAL, &mut text));
            if hidden || found.unwrap() != Some(true) {
                text = NOT_AVAILABLE.to_vec();
            }
            assert!(formatter.format(e, Output::Text, &mut line).unwrap());
            let (text, line) = (String::from_utf8_lossy(&text), String::from_utf8_lossy(&line));
            assert_eq!(line, format!("\u{1}7 {text} 7"), "{name}");
        });
    }
}

#[test]
fn widths() {
    assert_eq!(text("|%6proc.name|%2proc.name|%0proc.name|"), "|Bash  |Ba|Bash|");
    assert_eq!(text("*|%6fd.name|%2fd.name|"), "|<NA>  |<N|");
    assert!(Formatter::new(&Factory::new(), b"%99999999999999999999proc.name").is_err());
}

#[test]
fn transformed_fields() {
    assert_eq!(text("%toupper(proc.name)!"), "BASH!");
    assert_eq!(text("%len(proc.name) %basename(proc.exepath)"), "4 Bash");
    assert_eq!(text("%join('-', (proc.name, proc.pid))."), "Bash-42.");
    assert_eq!(text("%getopt(('-n', '-t', '5'), 'nt:')"), "(n,t,5)");
}

#[test]
fn what_an_event_lacks() {
    assert_eq!(shown("%proc.name %fd.name", Output::Text), None);
    assert_eq!(text("*%proc.name %fd.name"), "Bash <NA>");
    assert_eq!(shown("%proc.name %fd.name", Output::Json), None);
    assert_eq!(json("*%proc.name %fd.name"), r#"{"fd.name":null,"proc.name":"Bash"}"#);
    assert_eq!(text("*%fd.ip"), "<NA>");
    // What is written of an event that is not shown: the fields before the missing one.
    for (format, written) in [("%proc.pid %fd.num %evt.num", r#"{"proc.pid":42}"#), ("%fd.num %proc.pid", "null")] {
        let mut out = Vec::new();
        let mut formatter = formatter(format);
        assert!(!Sample::new().chdir(7, |e| formatter.format(e, Output::Json, &mut out)).unwrap());
        assert_eq!(out, written.as_bytes());
    }
}

#[test]
fn json_has_each_field_once_in_order() {
    assert_eq!(json("%proc.pid %evt.num text %proc.pid"), r#"{"evt.num":7,"proc.pid":42}"#);
    assert_eq!(json("plain"), "null");
    assert_eq!(json("%evt.is_io"), r#"{"evt.is_io":false}"#);
    assert_eq!(json("%proc.env[HOME]"), r#"{"proc.env[HOME]":"/root"}"#);
    assert_eq!(json("%proc.cwd"), r#"{"proc.cwd":"/root\ufffd/"}"#);
}

#[test]
fn json_has_times_as_numbers() {
    assert_eq!(
        json("%evt.time %evt.rawtime.ns %evt.datetime"),
        r#"{"evt.datetime":7000000000,"evt.rawtime.ns":0,"evt.time":7000000000}"#
    );
}

#[test]
fn tokens() {
    let mut formatter = formatter("*%proc.name %toupper(tolower(proc.exe)) %fd.num");
    let names = |f: &Formatter| f.field_names().map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&formatter), ["proc.name", "proc.exe", "toupper(tolower(proc.exe))", "fd.num"]);
    let mut resolve = || {
        let mut seen = Vec::new();
        assert!(
            Sample::new()
                .chdir(1, |e| formatter.resolve(e, |n, t| seen.push(format!("{n}={}", BStr::new(t)))))
                .unwrap()
        );
        formatter.show_transformed(true);
        seen
    };
    assert_eq!(resolve(), ["proc.name=Bash", "proc.exe=bash", "fd.num=<NA>"]);
    assert_eq!(resolve(), ["proc.name=Bash", "proc.exe=bash", "toupper(tolower(proc.exe))=BASH", "fd.num=<NA>"]);
    let mut out = Vec::new();
    Sample::new().chdir(1, |e| formatter.format(e, Output::Json, &mut out)).unwrap();
    assert!(String::from_utf8(out).unwrap().ends_with(r#""toupper(tolower(proc.exe))":"BASH"}"#));
}

#[test]
fn malformed_formats() {
    for (format, message) in [
        ("", "empty formatting token"),
        ("%evt.num %", "formatting cannot end with a %"),
        ("%5", "formatting cannot end with a number"),
        ("%nosuch.field", "unknown filter: 'nosuch.field' at index 1: "),
        ("x %evt.num %proc.nam y", "unknown filter: 'proc.nam' at index 12: "),
        ("%%", "unknown filter: "),
        ("% evt.num", "unknown filter: "),
        ("%tolower(proc.pid)", "unknown filter: "),
    ] {
        let error = Formatter::new(&Factory::new(), format.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(message), "{format}: {error}");
    }
}

#[test]
fn an_argument_that_is_not_acceptable_is_no_text() {
    for (field, cause) in [
        ("proc.aname[4294967296]", "4294967296 is not a valid number from -2147483648 to 2147483647"),
        ("proc.aname[x]", "x is not a valid number"),
        ("proc.aname[]", "expected a valid field argument"),
        ("proc.aname[", "expected a valid field argument"),
        ("proc.aname[1", "expected a ']'"),
        ("proc.aexe[x]", "x is not a valid number"),
        ("proc.aexepath[x]", "x is not a valid number"),
        ("proc.acmdline[x]", "x is not a valid number"),
        ("proc.apid[x]", "x is not a valid number"),
        ("proc.args[x]", "x is not a valid number"),
        ("proc.aargs[x]", "x is not a valid number"),
        ("proc.env[]", "expected a valid field argument"),
        ("proc.env[9999999999]", "9999999999 is not a valid number"),
        ("proc.aenv[9999999999]", "9999999999 is not a valid number"),
        ("fd.types[x]", "x is not a valid number"),
        ("evt.arg[x]", "x is not a valid number"),
        ("evt.arg[4294967296]", "4294967296 is not a valid number"),
        ("evt.arg.nosuch", "unknown event argument nosuch"),
        ("evt.rawarg[0]", "needs the name of a parameter"),
        ("evt.type.is", "needs the name or the number of a type"),
        ("evt.type.is.nosuch", "there is no type of event 'nosuch'"),
        ("thread.cgroup", "needs a name after a dot"),
    ] {
        for before in ["", "*", "x %evt.num ", "%evt.num%8"] {
            let start = before.trim_end_matches('8').trim_end_matches('%');
            let sign = if before.ends_with('8') { "%8" } else { "%" };
            for after in ["", " and %proc.name", " ]"] {
                let format = format!("{start}{sign}{field}{after}");
                let error = Formatter::new(&Factory::new(), format.as_bytes()).unwrap_err().to_string();
                let at = format!("at index {}: ", start.len() + sign.len());
                assert!(error.contains(&at) && error.contains(field) && error.contains(cause), "{format}: {error}");
            }
        }
        let transformed = format!("%toupper({field})");
        assert!(Formatter::new(&Factory::new(), transformed.as_bytes()).is_err(), "{transformed}");
    }
    // No field that takes an argument stands before these brackets.
    assert_eq!(
        text("[%proc.name][%proc.name[x] %proc.aname[1][x] %evt.type[ %evt.type.issue"),
        "[Bash][Bash[x] init[x] chdir[ chdir.issue"
    );
}

/// Filters and formatters of one factory share values, but not those that only one of them wants so.
#[test]
fn filters_do_not_depend_on_how_data_is_shown() {
    let factory = Factory::new();
    let filter = factory
        .compile_text(
            b"evt.arg.data = gi.i and evt.arg[1] startswith gi and toupper(evt.arg.data) = GI.I and len(evt.arg.data) = 4 and \
              evt.args contains 'data=gi.i' and evt.info contains 'data=gi.i' and evt.buffer bcontains 6769 and \
              evt.arg.data = val(evt.arg[1]) and concat(evt.arg.data, 'x') = gi.ix and not evt.arg.data contains Z",
        )
        .unwrap();
    let mut formatter =
        Formatter::new(&factory, b"%evt.arg.data %toupper(evt.arg.data) %len(evt.arg.data) %evt.buffer").unwrap();
    let mut sample = Sample::new();
    let params = [4i64.into(), (b"gi\0i").into(), 3i64.into(), 4u32.into()];
    let display = |buffers, max_buffer_text| Display { buffers, max_buffer_text };
    let mut number = 0;
    for (display, shown) in [
        (Display::NORMAL, "gi.i GI.I 4 gi.i"),
        (display(BufferFormat::Dots, 2), "gi GI 2 gi"),
        (display(BufferFormat::Simple, 0), "gi.i GI.I 4 gi.i"),
        (
            display(BufferFormat::Hex, 0),
            "\u{fffd}\u{fffd}0x0000: 6769 0069\u{fffd} \u{fffd}\u{fffd}0X0000: 6769 0069\u{fffd} 20 \n\t0x0000: 6769 0069\n",
        ),
        (display(BufferFormat::Base64, 0), "Z2kAaQ== Z2KAAQ== 8 Z2kAaQ=="),
    ] {
        sample.display(display);
        for filter_first in [true, false] {
            number += 1;
            let answers = sample.event(number, EventType::SYSCALL_READ_X, &params, |e| {
                let mut text = Vec::new();
                let before = filter_first.then(|| filter.run(e).unwrap());
                assert!(formatter.format(e, Output::Text, &mut text).unwrap());
                (before.unwrap_or_else(|| filter.run(e).unwrap()), String::from_utf8(text).unwrap())
            });
            assert_eq!(answers, (true, shown.to_string()), "{display:?}");
        }
    }
}
