//! What filters and formats make of fields, beyond the values that they have.

use super::*;
use crate::filter::{Factory, Filter};
use crate::format::{Formatter, Output};

fn filter(factory: &Factory, text: &str) -> Filter {
    factory.compile_text(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn holds(case: &Case, text: &str) -> bool {
    case.with(|e| filter(&Factory::new(), text).run(e).unwrap())
}

fn shown(case: &Case, format: &str, output: Output) -> Option<String> {
    let mut formatter = Formatter::new(&Factory::new(), format.as_bytes()).unwrap();
    let mut out = Vec::new();
    case.with(|e| formatter.format(e, output, &mut out)).unwrap().then(|| String::from_utf8(out).unwrap())
}

fn read(data: &[u8]) -> Case {
    let params = [(data.len() as i64).into(), data.into(), 3i64.into(), 8u32.into()];
    case(EventType::SYSCALL_READ_X, &params).about(3)
}

#[test]
fn an_empty_buffer_is_an_empty_text() {
    // What another event had is not left over.
    let factory = Factory::new();
    let mut formatter =
        Formatter::new(&factory, b"[%evt.buffer] %evt.arg.data %b64(evt.buffer)|%len(evt.buffer)").unwrap();
    let mut show = |data: &[u8], output| {
        let mut out = Vec::new();
        assert!(read(data).with(|e| formatter.format(e, output, &mut out)).unwrap());
        String::from_utf8(out).unwrap()
    };
    assert_eq!(show(b"AAAA", Output::Text), "[AAAA] AAAA ...|4");
    assert_eq!(show(b"", Output::Text), "[] NULL |0");
    assert_eq!(show(b"AAAA", Output::Json), r#"{"evt.arg.data":"AAAA","evt.buffer":"AAAA"}"#);
    assert_eq!(show(b"", Output::Json), r#"{"evt.arg.data":"NULL","evt.buffer":""}"#);
}

#[test]
fn lengths_and_decoded_texts() {
    // Nothing follows what base64 stands for.
    let base64 = read(b"aGVsbG8=");
    assert!(holds(&base64, "b64(evt.buffer) = hello and len(b64(evt.buffer)) = 5 and len(b64(evt.arg.data)) = 5"));
    assert_eq!(shown(&base64, "%b64(evt.buffer) %len(b64(evt.buffer))", Output::Text).unwrap(), "hello 5");
    assert!(holds(&read(b""), "len(evt.buffer) = 0 and len(b64(evt.buffer)) = 0 and b64(evt.buffer) = ''"));
    assert_eq!(shown(&openat(3, 4, "b"), "%len(proc.name) %len(evt.asynctype)", Output::Text), None);
    assert_eq!(shown(&openat(3, 4, "b"), "*%len(proc.name) %len(evt.asynctype)", Output::Text).unwrap(), "6 <NA>");
    // What cannot be printed of a decoded text is shown as of others.
    let text = read(b"YQoBYg==");
    assert_eq!(shown(&text, "%b64(evt.arg.data)", Output::Text).unwrap(), "a\u{fffd}\u{fffd}b");
}

#[test]
fn bytes_of_a_parameter_are_compared_as_they_are() {
    let read = read(b"\x7fELF\0x");
    for text in [
        "evt.rawarg.data contains ELF",
        "evt.rawarg.data bcontains 7f454c4600",
        "evt.rawarg.data bstartswith 7f45",
        "evt.rawarg.data endswith x",
        "evt.rawarg.data != ELF",
        "evt.rawarg.data exists",
    ] {
        assert!(holds(&read, text), "{text}");
    }
    assert!(!holds(&read, "evt.rawarg.data contains .ELF") && !holds(&read, "evt.rawarg.data = ''"));
    assert!(holds(&self::read(b""), "evt.rawarg.data = '' and evt.rawarg.data exists"));
    assert_eq!(shown(&read, "%evt.rawarg.data", Output::Text).unwrap(), ".ELF.x");
}

#[test]
fn the_environment_of_one_ancestor() {
    let mut event = openat(3, 4, "b");
    event.state.threads.get_mut(10).unwrap().set_env(b"ONLY=bash\0");
    for text in [
        "proc.aenv[1] = 'ONLY=bash'",
        "proc.aenv[1] contains ONLY",
        "proc.aenv[1] icontains only",
        "proc.aenv[1] startswith ONLY",
        "proc.aenv[1] endswith bash",
        "proc.aenv[1] glob *LY*",
        "proc.aenv[1] in ('ONLY=bash', x)",
        "proc.aenv[1] != x",
        "proc.aenv[1] exists",
        "proc.aenv[2] contains 'A=1' and not proc.aenv[2] contains ONLY",
        "proc.aenv[0] contains 'A=1' and not proc.aenv[0] contains ONLY",
        "proc.aenv contains ONLY and proc.aenv contains 'A=1'",
        "not proc.aenv[9] exists and not proc.aenv[9] contains ONLY and not proc.aenv[9] != x",
    ] {
        assert!(holds(&event, text), "{text}");
    }
    assert_eq!(shown(&event, "%proc.aenv[1]", Output::Text).unwrap(), "ONLY=bash");
}

/// Several checks and formats of fields over time give the same for one event: none takes it away from another.
#[test]
fn fields_over_time_are_asked_by_many() {
    let factory = Factory::new();
    let mut formatter = Formatter::new(
        &factory,
        b"*%thread.cpu %thread.cpu %thread.cpu.user %thread.cpu.system %thread.exectime %thread.totexectime",
    )
    .unwrap();
    let twice = filter(&factory, "thread.cpu >= 0 and thread.cpu.user >= 0 and thread.cpu = 7");
    let switched = filter(&factory, "thread.exectime >= 0 and thread.totexectime >= 0 and thread.exectime = 50");
    let mut show = |event: &Case, num: u64, ts: u64| {
        let mut bytes = event.bytes.clone();
        bytes[..8].copy_from_slice(&ts.to_ne_bytes());
        let event = Case { bytes, state: system(), view: View::default(), ..*event };
        let mut out = [Vec::new(), Vec::new()];
        let answers = event.with(|e| {
            let e = EventContext { num, ..*e };
            let before = [twice.run(&e).unwrap(), switched.run(&e).unwrap()];
            assert!(formatter.format(&e, Output::Text, &mut out[0]).unwrap());
            assert!(formatter.format(&e, Output::Json, &mut out[1]).unwrap());
            assert_eq!([twice.run(&e).unwrap(), switched.run(&e).unwrap()], before);
            before
        });
        (answers, out.map(|text| String::from_utf8(text).unwrap()))
    };
    let info = |user: u64, system: u64| case(EventType::PROCINFO_E, &[user.into(), system.into()]);
    let switch = case(
        EventType::SCHEDSWITCH_6_E,
        &[31i64.into(), 0u64.into(), 0u64.into(), 0u32.into(), 0u32.into(), 0u32.into()],
    );
    assert_eq!(show(&info(10, 10), 1, 100).1[0], "0.0 0.0 0.0 0.0 0 0");
    let (answers, [text, json]) = show(&info(13, 14), 2, 200);
    assert_eq!((answers[0], &*text), (true, "7.0 7.0 3.0 4.0 0 0"));
    assert!(json.contains(r#""thread.cpu":7.0"#) && json.contains(r#""thread.cpu.user":3.0"#), "{json}");
    assert_eq!(show(&switch, 3, 300).1[0], "<NA> <NA> <NA> <NA> 0 0");
    let (answers, [text, json]) = show(&switch, 4, 350);
    assert_eq!((answers[1], &*text), (true, "<NA> <NA> <NA> <NA> 50 50"));
    assert!(json.contains(r#""thread.exectime":50"#) && json.contains(r#""thread.totexectime":50"#), "{json}");
}
