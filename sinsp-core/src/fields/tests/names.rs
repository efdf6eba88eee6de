//! The names of addresses, which the system's resolver has: those of numbers and of this machine need no network.

use super::*;
use crate::filter::Factory;

fn read(fd: i64) -> Case {
    case(EventType::SYSCALL_READ_X, &[0i64.into(), (b"").into(), fd.into(), 8u32.into()]).about(fd)
}

#[test]
fn an_address_is_compared_with_those_of_names() {
    let connection = read(5);
    let thread = connection.state.threads.get(30).unwrap();
    connection.state.threads.fd(thread, 5).unwrap().flags.set(crate::state::FdFlags::ROLE_CLIENT);
    let factory = Factory::new();
    let holds = |filter: &str| {
        let filter = factory.compile_text(filter.as_bytes()).unwrap_or_else(|e| panic!("{filter}: {e}"));
        connection.with(|e| filter.run(e).unwrap())
    };
    connection.check(&[("fd.sip.name", "-")]);
    assert!(!holds("fd.rip.name exists"));
    for (filter, expected) in [
        ("fd.sip.name = 8.8.8.8", true),
        ("fd.rip.name = ::ffff:8.8.8.8", true),
        ("fd.sip.name = 8.8.4.4", false),
        ("fd.sip.name != 8.8.4.4", true),
        ("fd.sip.name != 8.8.8.8", false),
        ("fd.cip.name in (localhost, 10.0.0.5)", true),
        ("fd.lip.name in (localhost, no-such-host.invalid)", false),
    ] {
        assert_eq!(holds(filter), expected, "{filter}");
    }
    let named = factory.compile_text(b"fd.sip.name = 8.8.8.8").unwrap();
    connection.check(&[("fd.sip.name", "8.8.8.8"), ("fd.rip.name", "8.8.8.8"), ("fd.cip.name", "-")]);
    assert!(holds("fd.rip.name exists"));
    drop(named);
}

#[test]
fn other_events_have_no_names() {
    let file = read(3);
    let filter = Factory::new().compile_text(b"fd.sip.name != localhost").unwrap();
    assert!(!file.with(|e| filter.run(e).unwrap()));
}

#[test]
fn other_operators_are_refused() {
    let error = Factory::new().compile_text(b"fd.sip.name contains google").map(drop).unwrap_err().to_string();
    assert!(error.contains("fd.sip.name") && error.contains("'=', '!=' and 'in'"), "{error}");
}

#[test]
fn ports_are_shown_by_their_names() {
    let mut connection = read(5);
    let thread = connection.state.threads.get(30).unwrap();
    connection.state.threads.fd(thread, 5).unwrap().flags.set(crate::state::FdFlags::ROLE_CLIENT);
    connection.state.services = Some(crate::state::Services::load());
    let named = crate::state::Ports::by(connection.state.services.as_ref()).shown(53, L4Proto::Udp).to_string();
    connection.check(&[("fd.sproto", &named), ("fd.rproto", &named), ("fd.cproto", "40000"), ("fd.sport", "53")]);
}
