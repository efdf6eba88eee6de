//! The data of events: their values, and their text in the form to compare and the form to show.

use super::*;
use crate::context::{BufferFormat, Display};

#[test]
fn data_that_calls_move() {
    let params = [3i64.into(), (b"a\0b").into(), 3i64.into(), 3u32.into()];
    let read = case(EventType::SYSCALL_READ_X, &params).about(3);
    read.check(&[
        ("evt.buffer", "a\0b"),
        ("evt.buflen", "3"),
        ("evt.buflen.in", "3"),
        ("evt.buflen.out", "-"),
        ("evt.buflen.file", "3"),
        ("evt.buflen.net", "-"),
        ("evt.is_io", "true"),
        ("evt.is_io_write", "false"),
        ("evt.io_dir", "read"),
        ("evt.category", "file"),
        ("evt.is_syslog", "false"),
        ("evt.arg.data", "a.b"),
    ]);
    let address = [&[0][..], &0x0807_0605_0403_0201u64.to_ne_bytes()].concat();
    let signal: &[u8] = &[1, 9];
    let trace = [0i64.into(), address[..].into(), signal.into(), 0u16.into(), 30i64.into()];
    case(EventType::SYSCALL_PTRACE_X, &trace).check(&[
        ("evt.buffer", "-"),
        ("evt.arg.addr", "807060504030201"),
        ("evt.arg.data", "SIGKILL"),
    ]);
    assert_eq!(case(EventType::SYSCALL_READ_X, &params).about(5).ask("evt.category"), "net");
    assert_eq!(case(EventType::SYSCALL_READ_X, &params).ask("evt.category"), "unknown");
}

fn shown(case: &Case, field: &str) -> String {
    case.values(&parsed(field).shown()).concat()
}

#[test]
fn display_settings_change_what_is_shown_alone() {
    let params = [3i64.into(), (b"a\0b").into(), 3i64.into(), 3u32.into()];
    let mut read = case(EventType::SYSCALL_READ_X, &params).about(3);
    let args = read.ask("evt.args");
    read.view.display = Display { buffers: BufferFormat::Base64, max_buffer_text: 0 };
    read.check(&[("evt.arg.data", "a.b"), ("evt.arg[1]", "a.b"), ("evt.args", &args), ("evt.buffer", "a\0b")]);
    assert_eq!((shown(&read, "evt.arg.data"), shown(&read, "evt.arg[1]")), ("YQBi".into(), "YQBi".into()));
    assert!(shown(&read, "evt.args").contains("data=YQBi") && shown(&read, "evt.info").contains("data=YQBi"));
    read.view.display = Display { max_buffer_text: 2, ..Display::NORMAL };
    assert_eq!((read.ask("evt.arg.data"), shown(&read, "evt.arg.data")), ("a.b".into(), "a.".into()));
    read.view.display.buffers = BufferFormat::Simple;
    assert_eq!((read.ask("evt.arg.fd"), shown(&read, "evt.arg.fd")), ("<f>/tmp/a.txt".into(), "<>/tmp/a.txt".into()));
}
