use super::*;
use crate::state::{FdFlags, SockInfo};
use scap_sys::{FdDetail, FdInfo, L4Proto};
use std::net::{Ipv4Addr, Ipv6Addr};

const AF_UNIX: i64 = 1;
const AF_INET: i64 = 2;
const AF_INET6: i64 = 10;
const STREAM: u32 = 1;
const DGRAM: u32 = 2;

fn socket(w: &mut World, tid: i64, fd: i64, domain: i64, ty: u32, proto: u32) {
    let params = [num(fd), (domain as u32).into(), ty.into(), proto.into(), 0u32.into()];
    w.event(tid, EventType::SOCKET_SOCKET_X, &params);
}

fn v4(a: [u8; 4], port: u16) -> Vec<u8> {
    [&a[..], &port.to_ne_bytes()].concat()
}

fn addr4(a: [u8; 4], port: u16) -> Vec<u8> {
    [&[2][..], &v4(a, port)].concat()
}

fn tuple4(s: [u8; 4], sport: u16, d: [u8; 4], dport: u16) -> Vec<u8> {
    [&[2][..], &v4(s, sport), &v4(d, dport)].concat()
}

fn tuple6(s: &str, sport: u16, d: &str, dport: u16) -> Vec<u8> {
    let end = |ip: &str, port: u16| [&ip.parse::<Ipv6Addr>().unwrap().octets()[..], &port.to_ne_bytes()].concat();
    [vec![10], end(s, sport), end(d, dport)].concat()
}

fn unix_tuple(source: u64, destination: u64, path: &str) -> Vec<u8> {
    [&[1][..], &source.to_ne_bytes(), &destination.to_ne_bytes(), path.as_bytes(), &[0]].concat()
}

fn connect(w: &mut World, res: i64, tuple: &[u8], addr: &[u8]) {
    w.event(10, EventType::SOCKET_CONNECT_X, &[num(res), Value::Bytes(tuple), num(3), Value::Bytes(addr)]);
}

const HERE: [u8; 4] = [10, 0, 0, 1];
const THERE: [u8; 4] = [10, 0, 0, 2];

#[test]
fn sockets_know_their_protocol() {
    let mut w = World::new();
    for (domain, ty, proto, want) in [
        (AF_INET, STREAM | 0o4000, 0, L4Proto::Tcp),
        (AF_INET, DGRAM, 17, L4Proto::Udp),
        (AF_INET6, DGRAM, 0, L4Proto::Udp),
        (AF_INET, 3, 6, L4Proto::Raw),
        (AF_INET, DGRAM, 1, L4Proto::Icmp),
        (AF_INET, 3, 255, L4Proto::Raw),
        (AF_INET, 3, 0, L4Proto::Unknown),
    ] {
        socket(&mut w, 10, 3, domain, ty, proto);
        assert_eq!(w.fd(10, 3).sock().proto(), want, "{domain} {ty} {proto}");
    }
    socket(&mut w, 10, 3, 16, 3, 0);
    assert_eq!(w.fd(10, 3).type_name(), "netlink");
    socket(&mut w, 10, 3, 0, 0, 0);
    assert_eq!(w.fd(10, 3).type_char(), b'o');
}

#[test]
fn a_connection_is_named_by_its_ends() {
    let mut w = World::new();
    socket(&mut w, 10, 3, AF_INET, STREAM, 0);
    connect(&mut w, 0, &tuple4(HERE, 4000, THERE, 80), &addr4(THERE, 80));
    let fd = w.fd(10, 3);
    assert_eq!(text(fd.name()), "10.0.0.1:4000->10.0.0.2:80");
    assert!(fd.is_role_client() && fd.is_connected() && w.current().notes.fd_name_changed);
    assert_eq!(fd.l4proto(), L4Proto::Tcp);
}

#[test]
fn a_failed_connection_leads_nowhere_a_pending_one_does() {
    let mut w = World::new();
    socket(&mut w, 10, 3, AF_INET, STREAM, 0);
    let tuple = tuple4(HERE, 4000, THERE, 80);
    connect(&mut w, -111, &tuple, &addr4(THERE, 80));
    assert!(!w.fd(10, 3).is_connected() && w.fd_name(10, 3).is_empty());
    connect(&mut w, -115, &tuple, &addr4(THERE, 80));
    assert!(w.fd(10, 3).is_connected());
    w.inspector.set_connection_tracking(true);
    connect(&mut w, -115, &tuple, &addr4(THERE, 80));
    assert!(w.fd(10, 3).has_flags(FdFlags::CONNECTION_PENDING));
    let value = [&[1u8][..], &(-111i64).to_ne_bytes()].concat();
    let params = [num(0), num(3), 1u8.into(), 4u8.into(), Value::Bytes(&value), 4u32.into()];
    w.event(10, EventType::SOCKET_GETSOCKOPT_X, &params);
    assert!(w.fd(10, 3).has_flags(FdFlags::CONNECTION_FAILED) && w.current().notes.errno == -111);
}

#[test]
fn the_address_that_was_asked_for_counts() {
    let mut w = World::new();
    let asked = addr4([6, 6, 6, 6], 66);
    let enter = [num(3), Value::Bytes(&asked)];
    // The tuple repeats the changed memory of the program.
    socket(&mut w, 10, 3, AF_INET, DGRAM, 0);
    assert_eq!(w.event(10, EventType::SOCKET_CONNECT_E, &enter), Next::Filtered);
    connect(&mut w, 0, &tuple4(HERE, 4000, THERE, 80), &addr4(THERE, 80));
    assert_eq!(w.fd_name(10, 3), "10.0.0.1:4000->6.6.6.6:66");
    // The tuple has the destination of the kernel's socket.
    socket(&mut w, 10, 3, AF_INET, STREAM, 0);
    w.event(10, EventType::SOCKET_CONNECT_E, &enter);
    connect(&mut w, 0, &tuple4(HERE, 4000, [6, 6, 6, 6], 66), &addr4(THERE, 80));
    assert_eq!(w.fd_name(10, 3), "10.0.0.1:4000->6.6.6.6:66");
    // Only the enter event has a destination.
    socket(&mut w, 10, 3, AF_INET, STREAM, 0);
    w.event(10, EventType::SOCKET_CONNECT_E, &enter);
    connect(&mut w, 0, &[], &[]);
    let dip = Ipv4Addr::new(6, 6, 6, 6);
    assert!(matches!(w.fd(10, 3).sock(), SockInfo::Ipv4 { dip: d, dport: 66, .. } if d == dip));
}

#[test]
fn an_enter_event_for_another_socket_is_of_another_call() {
    let mut w = World::new();
    socket(&mut w, 10, 3, AF_INET, DGRAM, 0);
    socket(&mut w, 10, 4, AF_INET, DGRAM, 0);
    let other = addr4([6, 6, 6, 6], 66);
    w.event(10, EventType::SOCKET_CONNECT_E, &[num(4), Value::Bytes(&other)]);
    connect(&mut w, 0, &tuple4(HERE, 4000, THERE, 80), &addr4(THERE, 80));
    assert_eq!((w.fd_name(10, 3), w.fd_name(10, 4)), ("10.0.0.1:4000->10.0.0.2:80", ""));
    assert_eq!(w.current().notes.fd_num, 3);
    assert!(w.current().notes.enter.is_empty());
}

#[test]
fn unix_sockets_are_named_by_their_path() {
    let mut w = World::new();
    socket(&mut w, 10, 3, AF_UNIX, STREAM, 0);
    connect(&mut w, 0, &unix_tuple(0xabc, 0xdef, "/run/x"), &[]);
    assert_eq!(w.fd_name(10, 3), "abc->def /run/x");
    connect(&mut w, 0, &tuple4(HERE, 1, THERE, 2), &[]);
    assert_eq!(w.fd(10, 3).type_name(), "ipv4");
    w.event(10, EventType::SOCKET_SOCKETPAIR_X, &[num(0), num(5), num(6), num(1), num(2)]);
    assert!(w.fd(10, 5).is_unix_socket() && w.fd(10, 6).sock() == SockInfo::Unix { source: 1, destination: 2 });
}

#[test]
fn bound_sockets_are_servers() {
    let mut w = World::new();
    socket(&mut w, 10, 3, AF_INET, STREAM, 0);
    w.event(10, EventType::SOCKET_BIND_X, &[num(0), Value::Bytes(&addr4([0; 4], 80)), num(3)]);
    let fd = w.fd(10, 3);
    assert_eq!((text(fd.name()), fd.is_role_server(), fd.l4proto()), ("0.0.0.0:80", true, L4Proto::Tcp));
    socket(&mut w, 10, 4, AF_INET, STREAM, 0);
    w.event(10, EventType::SOCKET_BIND_X, &[num(0), Value::Bytes(&addr4(HERE, 0)), num(4)]);
    assert!(w.fd(10, 4).is_role_none() && w.fd_name(10, 4) == "10.0.0.1:0");
    w.event(10, EventType::SOCKET_BIND_X, &[num(0), Value::Bytes(&[2, 1]), num(4)]);
    assert_eq!(w.fd_name(10, 4), "10.0.0.1:0", "what is cut off names nothing");
}

#[test]
fn accepted_connections() {
    let mut w = World::new();
    let accept = |w: &mut World, fd: i64, tuple: &[u8]| {
        let params = [num(fd), Value::Bytes(tuple), 0u8.into(), 0u32.into(), 0u32.into(), 0x1000u32.into()];
        w.event(10, EventType::SOCKET_ACCEPT4_6_X, &params);
    };
    accept(&mut w, 4, &tuple4(THERE, 5000, HERE, 80));
    let fd = w.fd(10, 4);
    assert_eq!((text(fd.name()), fd.is_role_server(), fd.is_connected()), ("10.0.0.2:5000->10.0.0.1:80", true, true));
    assert!(fd.is_close_on_exec() && fd.is_tcp_socket());
    accept(&mut w, 5, &tuple6("::ffff:10.0.0.2", 1, "::ffff:10.0.0.1", 2));
    assert_eq!((w.fd_name(10, 5), w.fd(10, 5).type_name()), ("10.0.0.2:1->10.0.0.1:2", "ipv4"));
    accept(&mut w, 6, &tuple6("fe80::1", 1, "fe80::2", 2));
    assert_eq!((w.fd_name(10, 6), w.fd(10, 6).type_name()), ("fe80::1:1->fe80::2:2", "ipv6"));
    accept(&mut w, 7, &unix_tuple(1, 2, ""));
    assert_eq!(w.fd_name(10, 7), "1->2 ");
    accept(&mut w, -11, &[]);
    accept(&mut w, 8, &[2, 0]);
    assert!(!w.has_fd(10, 8) && w.current().notes.fd_num == 8);
}

fn sendto(w: &mut World, fd: i64, tuple: &[u8]) {
    let params = [num(1), Value::Bytes(b"x"), num(fd), 1u32.into(), Value::Bytes(tuple)];
    w.event(10, EventType::SOCKET_SENDTO_X, &params);
}

fn recvfrom(w: &mut World, fd: i64, tuple: &[u8]) {
    let params = [num(1), Value::Bytes(b"x"), Value::Bytes(tuple), num(fd), 1u32.into()];
    w.event(10, EventType::SOCKET_RECVFROM_X, &params);
}

#[test]
fn datagrams_name_their_socket() {
    let mut w = World::new();
    socket(&mut w, 10, 3, AF_INET, DGRAM, 0);
    sendto(&mut w, 3, &tuple4(HERE, 4000, THERE, 53));
    assert_eq!((w.fd_name(10, 3), w.fd(10, 3).is_role_client()), ("10.0.0.1:4000->10.0.0.2:53", true));
    // The reply belongs to the same connection.
    recvfrom(&mut w, 3, &tuple4(THERE, 53, HERE, 4000));
    assert_eq!((w.fd_name(10, 3), w.current().notes.fd_name_changed), ("10.0.0.1:4000->10.0.0.2:53", false));
    recvfrom(&mut w, 3, &tuple4([9, 9, 9, 9], 53, HERE, 4000));
    assert_eq!((w.fd_name(10, 3), w.current().notes.fd_name_changed), ("10.0.0.1:4000->9.9.9.9:53", true));
}

#[test]
fn a_server_of_datagrams_is_the_second_end() {
    let mut w = World::new();
    socket(&mut w, 10, 3, AF_INET, DGRAM, 0);
    w.event(10, EventType::SOCKET_BIND_X, &[num(0), Value::Bytes(&addr4([0; 4], 53)), num(3)]);
    recvfrom(&mut w, 3, &tuple4(THERE, 5000, HERE, 53));
    assert_eq!((w.fd_name(10, 3), w.fd(10, 3).l4proto()), ("10.0.0.2:5000->10.0.0.1:53", L4Proto::Udp));
    sendto(&mut w, 3, &tuple4(HERE, 53, [9, 9, 9, 9], 6000));
    assert_eq!(w.fd_name(10, 3), "9.9.9.9:6000->10.0.0.1:53");
}

#[test]
fn a_socket_that_was_never_seen_is_inferred_from_what_is_sent() {
    let mut w = World::new();
    sendto(&mut w, 9, &tuple4(HERE, 4000, THERE, 53));
    assert_eq!((w.fd_name(10, 9), w.fd(10, 9).is_udp_socket()), ("10.0.0.1:4000->10.0.0.2:53", true));
    sendto(&mut w, 8, &[]);
    assert!(!w.has_fd(10, 8));
}

#[test]
fn the_own_address_is_filled_in_from_the_interfaces() {
    let mut w = World::new();
    w.inspector.state_mut().interfaces.push(scap_sys::Interface {
        name: b"eth0".to_vec(),
        address: scap_sys::InterfaceAddress::V4 {
            addr: HERE.into(),
            netmask: Ipv4Addr::new(255, 255, 255, 0),
            broadcast: Ipv4Addr::UNSPECIFIED,
        },
        link_speed: 0,
    });
    socket(&mut w, 10, 3, AF_INET, DGRAM, 0);
    sendto(&mut w, 3, &tuple4([0; 4], 4000, THERE, 53));
    assert_eq!(w.fd_name(10, 3), "10.0.0.1:4000->10.0.0.2:53");
}

#[test]
fn a_tcp_connection_keeps_its_name() {
    let mut w = World::new();
    socket(&mut w, 10, 3, AF_INET, STREAM, 0);
    connect(&mut w, 0, &tuple4(HERE, 4000, THERE, 80), &[]);
    recvfrom(&mut w, 3, &tuple4([9, 9, 9, 9], 1, [8, 8, 8, 8], 2));
    assert_eq!(w.fd_name(10, 3), "10.0.0.1:4000->10.0.0.2:80");
}

#[test]
fn numbers_of_passed_files_are_read_with_suspicion() {
    use crate::parsers::sockets::PassedFds;
    let message = |len: u64, kind: i32, data: &[u8]| {
        let mut m = [&len.to_ne_bytes()[..], &1i32.to_ne_bytes(), &kind.to_ne_bytes(), data].concat();
        m.resize(m.len().next_multiple_of(8), 0);
        m
    };
    let fds = |m: &[u8]| PassedFds::new(m).collect::<Vec<_>>();
    let one = message(20, 1, &7i32.to_ne_bytes());
    assert_eq!(fds(&one), [7]);
    assert_eq!(fds(&[message(24, 2, &[0; 8]), one.clone()].concat()), [7], "other messages are passed over");
    assert_eq!(fds(&[one.clone(), one.clone()].concat()), [7, 7]);
    for lie in [message(15, 1, &[0; 4]), message(u64::MAX, 1, &[0; 4]), message(21, 1, &[0; 5]), one[..15].to_vec()] {
        assert_eq!(fds(&lie), [] as [i64; 0]);
    }
}

/// A socket that the scan found without addresses, and what later calls make of it.
#[test]
fn sockets_that_were_made_before_the_capture() {
    let (four, six) = (Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED);
    let bare4 = |proto| (FdType::Ipv4Sock, FdDetail::Ipv4 { sip: four, dip: four, sport: 0, dport: 0, proto });
    let bare6 = |proto| (FdType::Ipv6Sock, FdDetail::Ipv6 { sip: six, dip: six, sport: 0, dport: 0, proto });
    let mut w = World::new();
    let mut scan = |(ty, detail)| w.inspector.state_mut().fd(10, FdInfo { fd: 3, ino: 9, ty, detail });
    scan(bare4(L4Proto::Tcp));
    connect(&mut w, 0, &tuple4(HERE, 4000, THERE, 80), &addr4(THERE, 80));
    let fd = w.fd(10, 3);
    assert_eq!(
        (text(fd.name()), fd.l4proto(), fd.is_role_client()),
        ("10.0.0.1:4000->10.0.0.2:80", L4Proto::Tcp, true)
    );

    let mut scan = |(ty, detail)| w.inspector.state_mut().fd(10, FdInfo { fd: 3, ino: 9, ty, detail });
    scan(bare6(L4Proto::Tcp));
    connect(&mut w, 0, &tuple6("::1", 4000, "::2", 80), &[]);
    let fd = w.fd(10, 3);
    assert_eq!((text(fd.name()), fd.type_name(), fd.l4proto()), ("::1:4000->::2:80", "ipv6", L4Proto::Tcp));

    let mut scan = |(ty, detail)| w.inspector.state_mut().fd(10, FdInfo { fd: 3, ino: 9, ty, detail });
    scan(bare4(L4Proto::Tcp));
    w.event(10, EventType::SOCKET_BIND_X, &[num(0), Value::Bytes(&addr4(HERE, 80)), num(3)]);
    let fd = w.fd(10, 3);
    assert_eq!((text(fd.name()), fd.ty.get(), fd.l4proto()), ("10.0.0.1:80", FdType::Ipv4ServSock, L4Proto::Tcp));
}
