//! Hand-made blocks of every old version, and events as in old captures.

mod support;

use driver::EventType as E;
use scap_sys::capture::Snapshot;
use scap_sys::encode::{self, Value};
use scap_sys::engine::{Engine, Status, savefile::SavefileEngine};
use scap_sys::*;
use std::io::Cursor;
use std::net::{Ipv4Addr, Ipv6Addr};
use support::*;

#[derive(Default, Clone)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn n<const N: usize>(mut self, bytes: [u8; N]) -> Bytes {
        self.0.extend_from_slice(&bytes);
        self
    }
    fn u8(self, n: u8) -> Bytes {
        self.n([n])
    }
    fn u16(self, n: u16) -> Bytes {
        self.n(n.to_ne_bytes())
    }
    fn u32(self, n: u32) -> Bytes {
        self.n(n.to_ne_bytes())
    }
    fn u64(self, n: u64) -> Bytes {
        self.n(n.to_ne_bytes())
    }
    fn text(self, t: &str) -> Bytes {
        let mut b = self.u16(t.len() as u16);
        b.0.extend_from_slice(t.as_bytes());
        b
    }
    fn and(mut self, other: &Bytes) -> Bytes {
        self.0.extend_from_slice(&other.0);
        self
    }
    /// The bytes with their length in front; `inclusive` says whether the length includes itself.
    fn entry(self, inclusive: bool) -> Bytes {
        Bytes::default().u32(self.0.len() as u32 + if inclusive { 4 } else { 0 }).and(&self)
    }
}

fn bytes() -> Bytes {
    Bytes::default()
}

/// A block of the present format with an event; a capture needs at least one.
fn an_event() -> Vec<u8> {
    let event = encode::event(1, 2, E::SYSCALL_UNLINK_2_X, &[0i64.into(), "x".into()]).unwrap();
    let mut body = vec![0, 0];
    body.extend_from_slice(&event);
    block(0x216, &body)
}

/// The system description in a capture with one block before its event.
fn system(ty: u32, body: Bytes) -> Result<Snapshot> {
    let mut system = Snapshot::default();
    let capture = [section(), block(ty, &body.0), an_event()].concat();
    SavefileEngine::from_reader(Cursor::new(capture), &mut system)?;
    Ok(system)
}

/// An entry of a thread list of this version, without its length, and the thread that it describes.
fn process(version: u8) -> (Bytes, ThreadInfo) {
    let mut b = bytes().u64(11).u64(10).u64(9);
    let mut t = ThreadInfo { tid: 11, pid: 10, ptid: 9, ..ThreadInfo::default() };
    if version >= 6 {
        b = b.u64(8);
        t.sid = 8;
    }
    if version >= 8 {
        b = b.u64(7);
        t.vpgid = 7;
    }
    b = b.text("comm").text("exe\0 behind the end");
    (t.comm, t.exe) = (b"comm".to_vec(), b"exe".to_vec());
    if version >= 7 {
        b = b.text("/bin/exe");
        t.exepath = b"/bin/exe".to_vec();
    }
    b = b.text("-a\0-b").text("/cwd").u64(1024).u32(3).u32(1000).u32(1001);
    (t.args, t.cwd) = (b"-a\0-b\0".to_vec(), b"/cwd".to_vec());
    (t.fdlimit, t.flags, t.uid, t.gid) = (1024, 3, 1000, 1001);
    if version >= 2 {
        b = b.u32(21).u32(22).u32(23).u64(24).u64(25);
        (t.vmsize_kb, t.vmrss_kb, t.vmswap_kb, t.pfmajor, t.pfminor) = (21, 22, 23, 24, 25);
    }
    if version >= 3 {
        b = b.text("A=1\0");
        t.env = b"A=1\0".to_vec();
    }
    if version >= 4 {
        b = b.u64(31).u64(32).text("cpu=/\0");
        (t.vtid, t.vpid, t.cgroups) = (31, 32, b"cpu=/\0".to_vec());
    }
    if version >= 5 {
        b = b.text("/root");
        t.root = b"/root".to_vec();
    }
    (b, t)
}

#[test]
fn process_lists_of_every_version() {
    let types = [
        (1, 0x202),
        (1, 0x8000_abcd),
        (2, 0x207),
        (2, 0x8013_abcd),
        (3, 0x209),
        (3, 0x8014_abcd),
        (4, 0x210),
        (5, 0x211),
        (6, 0x212),
        (7, 0x213),
        (8, 0x214),
    ];
    for (version, ty) in types {
        let (b, thread) = process(version);
        let system = system(ty, b.clone().and(&b)).unwrap();
        assert_eq!(system.threads, [thread.clone(), thread], "version {version}");
    }
}

#[test]
fn the_length_of_an_entry_says_which_fields_it_has() {
    let list = |b: &Bytes| system(0x215, b.clone().entry(true).and(&b.clone().entry(true)));
    let (base, thread) = process(9);
    // 0.9 had no fields after the capabilities, and lacked two before them.
    let old = base.clone().u32(1001).u8(1).u64(1).u64(2).u64(3);
    let want = ThreadInfo {
        loginuid: 1001,
        exe_writable: true,
        cap_inheritable: 1,
        cap_permitted: 2,
        cap_effective: 3,
        ..thread.clone()
    };
    assert_eq!(list(&old).unwrap().threads, [want.clone(), want.clone()]);
    let loginuid = base.clone().u32(1001);
    assert_eq!(list(&loginuid).unwrap().threads[1], ThreadInfo { loginuid: 1001, ..thread.clone() });
    assert_eq!(list(&base).unwrap().threads, [thread.clone(), thread.clone()]);

    let new = base.clone().u64(77).u32(78).u32(1001).u8(1).u64(1).u64(2).u64(3).u8(1).u64(4).u64(5).u64(6);
    let want = ThreadInfo {
        pidns_init_start_ts: 77,
        tty: 78,
        exe_upper_layer: true,
        exe_ino: 4,
        exe_ino_ctime: 5,
        exe_ino_mtime: 6,
        ..want
    };
    assert_eq!(list(&new).unwrap().threads, [want.clone(), want.clone()]);
    let newer = new.u8(1).u8(1).u64(9).text("of a version to come");
    let want = ThreadInfo { exe_from_memfd: true, exe_lower_layer: true, pgid: 9, ..want };
    assert_eq!(list(&newer).unwrap().threads, [want.clone(), want]);

    // An entry of length 0 has no optional fields.
    assert_eq!(system(0x215, bytes().u32(0).and(&base)).unwrap().threads, [thread]);
}

#[test]
fn an_entry_that_does_not_hold_together() {
    let (base, _) = process(9);
    for len in [1, 3, 5, 60, 100_000, u32::MAX] {
        let Err(e) = system(0x215, bytes().u32(len).and(&base)) else { panic!("{len}") };
        assert!(matches!(e, Error::Corrupt { .. }), "{len}: {e}");
    }
    let long_text = bytes().u64(1).u64(1).u64(1).u16(60_000).u64(0);
    assert!(matches!(system(0x202, long_text), Err(Error::Corrupt { .. })));
    assert!(matches!(system(0x205, bytes().u16(9).u16(0).u64(0)), Err(Error::Corrupt { .. })));
}

#[test]
fn fd_lists_of_both_versions() {
    let fd = |n: u64, ty: u8| bytes().u64(n).u64(n + 100).u8(ty);
    let v4 = Ipv4Addr::new(1, 2, 3, 4);
    let v6 = Ipv6Addr::from([7; 16]);
    let name = |n: &str| FdDetail::Name(n.into());
    let entries = [
        (fd(0, 1).text("/f"), FdType::File, name("/f")),
        (
            fd(1, 3).n([1, 2, 3, 4]).n([1, 2, 3, 4]).u16(5).u16(6).u8(2),
            FdType::Ipv4Sock,
            FdDetail::Ipv4 { sip: v4, dip: v4, sport: 5, dport: 6, proto: L4Proto::Tcp },
        ),
        (
            fd(2, 4).n([7; 16]).n([7; 16]).u16(5).u16(6).u8(99),
            FdType::Ipv6Sock,
            FdDetail::Ipv6 { sip: v6, dip: v6, sport: 5, dport: 6, proto: L4Proto::Unknown },
        ),
        (
            fd(3, 5).n([1, 2, 3, 4]).u16(5).u8(3),
            FdType::Ipv4ServSock,
            FdDetail::Ipv4Server { ip: v4, port: 5, proto: L4Proto::Udp },
        ),
        (
            fd(4, 6).n([7; 16]).u16(5).u8(3),
            FdType::Ipv6ServSock,
            FdDetail::Ipv6Server { ip: v6, port: 5, proto: L4Proto::Udp },
        ),
        (
            fd(5, 8).u64(1).u64(2).text("/s"),
            FdType::UnixSock,
            FdDetail::Unix { source: 1, destination: 2, name: b"/s".to_vec() },
        ),
        (
            fd(6, 16).u32(3).text("/v2"),
            FdType::FileV2,
            FdDetail::File { open_flags: 3, name: b"/v2".to_vec(), mount_id: 0, dev: 0 },
        ),
        (fd(7, 0), FdType::Unknown, name("")),
        (fd(8, 21).text("pidfd"), FdType::PidFd, name("pidfd")),
        (fd(9, 99), FdType::Unsupported, name("unknown-type:[99]")),
    ];
    let want: Vec<FdInfo> = entries
        .iter()
        .enumerate()
        .map(|(n, (_, ty, detail))| FdInfo { fd: n as i64, ino: n as u64 + 100, ty: *ty, detail: detail.clone() })
        .collect();
    let flat = entries.iter().fold(bytes().u64(42), |b, e| b.and(&e.0));
    for ty in [0x203, 0x8001_abcd] {
        assert_eq!(system(ty, flat.clone()).unwrap().fds, [(42, want.clone())]);
    }
    // With lengths, an entry may have more than is known, and a file its device.
    let sized = entries.iter().fold(bytes().u64(42), |b, e| {
        let e = if e.1 == FdType::FileV2 { e.0.clone().u32(5) } else { e.0.clone() };
        b.and(&e.u64(0xfeed).entry(true))
    });
    let mut with_dev = want;
    with_dev[6].detail = FdDetail::File { open_flags: 3, name: b"/v2".to_vec(), mount_id: 0, dev: 5 };
    assert_eq!(system(0x218, sized).unwrap().fds, [(42, with_dev)]);
}

#[test]
fn interface_lists_of_both_versions() {
    let a4 = [10, 0, 0, 1];
    let a6 = [6; 16];
    let old = |ty: u16| bytes().u16(ty).u16(4);
    let v4 = old(1).n(a4).n(a4).n(a4).u64(100).n(*b"eth0");
    let v4_slow = old(3).n(a4).n(a4).n(a4).n(*b"eth1");
    let v6 = old(2).n(a6).n(a6).n(a6).u64(200).n(*b"eth2");
    let v6_slow = old(4).n(a6).n(a6).n(a6).n(*b"eth3");
    let all = [v4, v4_slow, v6, v6_slow];
    let interface = |name: &str, v6: bool, link_speed| {
        let (a, b) = (Ipv4Addr::from(a4), Ipv6Addr::from(a6));
        let address = if v6 {
            InterfaceAddress::V6 { addr: b, netmask: b, broadcast: b }
        } else {
            InterfaceAddress::V4 { addr: a, netmask: a, broadcast: a }
        };
        Interface { name: name.into(), address, link_speed }
    };
    let want = [
        interface("eth0", false, 100),
        interface("eth1", false, 0),
        interface("eth2", true, 200),
        interface("eth3", true, 0),
    ];
    let flat = all.iter().fold(bytes(), |b, e| b.and(e));
    for ty in [0x205, 0x8011_abcd] {
        assert_eq!(system(ty, flat.clone()).unwrap().interfaces, want);
    }
    let sized = all.iter().fold(bytes(), |b, e| b.and(&e.clone().u32(1).entry(false)));
    assert_eq!(system(0x219, sized).unwrap().interfaces, want);
}

#[test]
fn user_lists_of_both_versions() {
    let user = bytes().u8(0).u32(1).u32(2).text("u").text("/home/u").text("/bin/sh");
    let group = bytes().u8(1).u32(2).text("g");
    let want = UserList {
        users: vec![UserInfo {
            uid: 1,
            gid: 2,
            name: b"u".to_vec(),
            homedir: b"/home/u".to_vec(),
            shell: b"/bin/sh".to_vec(),
        }],
        groups: vec![GroupInfo { gid: 2, name: b"g".to_vec() }],
    };
    for ty in [0x206, 0x8012_abcd] {
        assert_eq!(system(ty, user.clone().and(&group)).unwrap().users, want);
    }
    let sized = user.u64(0).entry(true).and(&group.u8(0).entry(true));
    assert_eq!(system(0x220, sized).unwrap().users, want);
}

#[test]
fn the_machine() {
    let mut name = [0; 128];
    name[..4].copy_from_slice(b"host");
    let body = bytes().u32(8).u64(1 << 34).u64(32768).n(name).u64(5).u64(6).u64(0).u64(0);
    for ty in [0x201, 0x8002_abcd] {
        let machine = system(ty, body.clone()).unwrap().machine.unwrap();
        assert_eq!((machine.num_cpus, machine.max_pid, &machine.hostname[..]), (8, 32768, &b"host"[..]));
        assert_eq!((machine.boot_ts, machine.flags), (5, 6));
    }
    assert!(system(0x201, bytes().u32(8)).is_err());
}

fn events(blocks: &[Vec<u8>], convert: bool) -> (Vec<Seen>, Result<Status>) {
    let capture = [section(), blocks.concat()].concat();
    let mut engine = SavefileEngine::from_reader(Cursor::new(capture), &mut NoSink).unwrap();
    engine.set_conversion(convert);
    drain(&mut engine)
}

/// An event in the layout of the first block version, whose header has no parameter count.
fn uncounted(event: &[u8]) -> Vec<u8> {
    let mut old = event.to_vec();
    old.drain(22..26);
    let len = (old.len() as u32).to_ne_bytes();
    old[16..20].copy_from_slice(&len);
    old
}

#[test]
fn events_that_do_not_count_their_parameters() {
    let with = |ty: E, params: &[Value<'_>]| encode::event(5, 6, ty, params).unwrap();
    let all = [
        with(E::SYSCALL_OPEN_X, &[3i64.into(), "/f".into(), 1u32.into(), 0u32.into()]),
        with(E::SYSCALL_READ_E, &[3i64.into(), 9u32.into()]),
        with(E::SYSCALL_READ_X, &[0i64.into(), b"".into()]),
        with(E::SYSCALL_EXECVE_8_E, &[]),
        with(E::SYSCALL_CLOSE_X, &[0i64.into()]),
    ];
    for (ty, flags) in [(0x204, false), (0x8010_abcd, false), (0x208, true)] {
        let blocks: Vec<_> = all
            .iter()
            .map(|e| {
                let mut body = 4u16.to_ne_bytes().to_vec();
                if flags {
                    body.extend_from_slice(&9u32.to_ne_bytes());
                }
                body.extend_from_slice(&uncounted(e));
                block(ty, &body)
            })
            .collect();
        let (read, end) = events(&blocks, false);
        assert!(matches!(end, Ok(Status::Eof)), "{end:?}");
        let want: Vec<_> =
            all.iter().map(|e| Seen { bytes: e.clone(), cpu: 4, flags: if flags { 9 } else { 0 } }).collect();
        assert_eq!(read, want);
        // Converted, the exit event of the read has its arguments.
        let (read, _) = events(&blocks, true);
        assert_eq!(read.len(), 4);
        assert_eq!(Event::new(&read[1].bytes, 0, 0).unwrap().param(3), Some(&9u32.to_ne_bytes()[..]));
    }
}

#[test]
fn a_notification_is_three_bytes_shorter_than_it_says() {
    let event = encode::event(5, 6, E::NOTIFICATION_E, &["id".into(), "text".into()]).unwrap();
    let mut old = uncounted(&event);
    let len = old.len() as u32 + 3;
    old[16..20].copy_from_slice(&len.to_ne_bytes());
    let body = [&[0, 0][..], &old, &[0; 3]].concat();
    let (read, end) = events(&[block(0x204, &body), an_event()], false);
    assert_eq!((read[0].bytes.clone(), read.len(), end.unwrap()), (event, 2, Status::Eof));
}

#[test]
fn parameters_that_cannot_be_counted() {
    let event = encode::event(5, 6, E::SYSCALL_CLOSE_X, &[0i64.into()]).unwrap();
    let mut old = uncounted(&event);
    old[22..24].copy_from_slice(&1u16.to_ne_bytes()); // the parameter is shorter than what is left for it
    let (read, end) = events(&[an_event(), block(0x204, &[&[0, 0][..], &old].concat())], true);
    assert_eq!(read.len(), 1);
    assert!(matches!(end, Err(Error::Corrupt { offset, .. }) if offset == 28 + an_event().len() as u64), "{end:?}");
}

#[test]
fn blocks_and_events_of_versions_to_come_are_passed_over() {
    let mut unknown_event = an_event();
    unknown_event[8 + 2 + 20..][..2].copy_from_slice(&60_000u16.to_ne_bytes());
    let unknown_block = block(0x9999, &[1; 300_000]);
    let mut more_params = encode::event(1, 2, E::SYSCALL_UNLINK_2_X, &[0i64.into(), "x".into()]).unwrap();
    let known = more_params.clone();
    more_params[22..26].copy_from_slice(&3u32.to_ne_bytes());
    more_params.splice(30..30, 1u16.to_ne_bytes());
    more_params.push(7);
    let len = more_params.len() as u32;
    more_params[16..20].copy_from_slice(&len.to_ne_bytes());
    let more_params = block(0x216, &[&[0, 0][..], &more_params].concat());
    let blocks = [unknown_block.clone(), an_event(), unknown_event, unknown_block, more_params];
    let (read, end) = events(&blocks, true);
    assert!(matches!(end, Ok(Status::Eof)), "{end:?}");
    assert_eq!(read.iter().map(|e| &e.bytes).collect::<Vec<_>>(), [&known, &known]);
}

#[test]
fn what_belongs_before_the_events_is_an_error_among_them() {
    let (read, end) = events(&[an_event(), block(0x202, &process(1).0.0), an_event()], true);
    assert_eq!(read.len(), 1);
    assert!(matches!(end, Err(Error::Corrupt { .. })), "{end:?}");
}

#[test]
fn a_section_header_may_have_options() {
    let plain = section();
    let body = &plain[8..plain.len() - 4];
    let options = [&1u16.to_ne_bytes()[..], &7u16.to_ne_bytes(), b"comment\0\0\0\0\0"].concat();
    let capture = [block(0x0a0d_0d0a, &[body, &options].concat()), an_event()].concat();
    let mut engine = SavefileEngine::from_reader(Cursor::new(capture), &mut NoSink).unwrap();
    assert_eq!(drain(&mut engine).0.len(), 1);
}

#[test]
fn a_capture_may_end_before_its_first_event() {
    for (rest, threads) in [(vec![], 0), (block(0x202, &process(1).0.0), 1)] {
        let capture = [section(), rest].concat();
        for tail in [&b""[..], b"\x16\x02\0"] {
            let mut system = Snapshot::default();
            let bytes = [&capture[..], tail].concat();
            let mut engine = SavefileEngine::from_reader(Cursor::new(bytes), &mut system).unwrap();
            assert_eq!(system.threads.len(), threads);
            match engine.next() {
                Ok(Status::Eof) if tail.is_empty() => {}
                Err(Error::Truncated { offset, .. }) if !tail.is_empty() => assert_eq!(offset, capture.len() as u64),
                other => panic!("{other:?}"),
            }
            assert_eq!(engine.next().unwrap(), Status::Eof, "the end stays the end");
        }
    }
}

#[test]
fn a_section_without_events_leads_to_the_next() {
    let capture = [section(), block(0x202, &process(1).0.0), section(), an_event()].concat();
    let mut engine = SavefileEngine::from_reader(Cursor::new(capture.clone()), &mut NoSink).unwrap();
    let (read, end) = drain(&mut engine);
    assert_eq!((read.len(), end.unwrap()), (1, Status::Eof));
    let mut other = capture;
    let second = other.len() - an_event().len() - section().len();
    other[second + 8] ^= 1;
    assert!(SavefileEngine::from_reader(Cursor::new(other), &mut NoSink).is_err());
}

#[test]
fn a_second_section_is_a_restart() {
    let second = [section(), block(0x202, &process(1).0.0), an_event()].concat();
    let capture = [section(), an_event(), second].concat();
    let mut engine = SavefileEngine::from_reader(Cursor::new(capture), &mut NoSink).unwrap();
    let (read, end) = drain(&mut engine);
    assert_eq!((read.len(), end.unwrap()), (1, Status::Restart));
    let mut system = Snapshot::default();
    engine.restart(&mut system).unwrap();
    assert_eq!(system.threads, [process(1).1]);
    let (read, end) = drain(&mut engine);
    assert_eq!((read.len(), end.unwrap()), (1, Status::Eof));
}
