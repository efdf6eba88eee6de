//! A sample capture, and shared code of the capture tests.

#![allow(dead_code)] // each test program uses a part

use driver::EventType as E;
use scap_sys::capture::{Compression, Snapshot, Writer};
use scap_sys::encode::{self, Value};
use scap_sys::engine::{CurrentEvent, Engine, Status};
use scap_sys::*;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

/// An event, to compare with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub bytes: Vec<u8>,
    pub cpu: u16,
    pub flags: u32,
}

/// Reads events until the first result that is no event.
pub fn drain(engine: &mut dyn Engine) -> (Vec<Seen>, Result<Status>) {
    let mut events = Vec::new();
    loop {
        match engine.next() {
            Ok(Status::Event) => {
                let e = engine.event();
                Event::new(e.bytes(), e.cpu(), e.flags()).expect("a checked event");
                assert!(e.nparams() as usize <= e.info().expect("a known type").params.len());
                events.push(Seen { bytes: e.bytes().to_vec(), cpu: e.cpu(), flags: e.flags() });
            }
            Ok(Status::Filtered) => {}
            end => return (events, end),
        }
    }
}

pub fn sample_system() -> Snapshot {
    let thread = |tid| ThreadInfo {
        tid,
        pid: tid,
        ptid: tid - 1,
        sid: 1,
        vpgid: 2,
        pgid: 3,
        comm: b"comm".to_vec(),
        exe: b"exe".to_vec(),
        exepath: b"/bin/exe".to_vec(),
        exe_writable: true,
        exe_upper_layer: tid % 2 == 0,
        exe_lower_layer: true,
        exe_from_memfd: tid % 2 == 1,
        args: b"-a\0b\0".to_vec(),
        env: b"A=1\0B=\xff\0".to_vec(),
        cwd: b"/".to_vec(),
        fdlimit: 1024,
        flags: 4,
        uid: 5,
        gid: 6,
        cap_permitted: 7,
        cap_effective: 8,
        cap_inheritable: 9,
        exe_ino: 10,
        exe_ino_ctime: 11,
        exe_ino_mtime: 12,
        vmsize_kb: 13,
        vmrss_kb: 14,
        vmswap_kb: 15,
        pfmajor: 16,
        pfminor: 17,
        vtid: 18,
        vpid: 19,
        pidns_init_start_ts: 20,
        cgroups: b"cpu=/\0".to_vec(),
        root: b"/".to_vec(),
        tty: 21,
        loginuid: 22,
        ..ThreadInfo::default()
    };
    let (v4, v6) = (Ipv4Addr::new(10, 0, 0, 1), Ipv6Addr::LOCALHOST);
    let (any4, any6) = (Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED);
    let name = |n: &str| FdDetail::Name(n.into());
    let details = [
        (FdType::Fifo, name("pipe:[1]")),
        (FdType::File, name("/etc/x")),
        (FdType::FileV2, FdDetail::File { open_flags: 1, name: b"/tmp/\xfe".to_vec(), mount_id: 0, dev: 9 }),
        (FdType::MemFd, name("/memfd:x")),
        (FdType::Ipv4Sock, FdDetail::Ipv4 { sip: v4, dip: v4, sport: 1, dport: 65535, proto: L4Proto::Tcp }),
        (FdType::Ipv6Sock, FdDetail::Ipv6 { sip: v6, dip: v6, sport: 3, dport: 4, proto: L4Proto::Udp }),
        (FdType::Ipv4ServSock, FdDetail::Ipv4Server { ip: v4, port: 80, proto: L4Proto::Raw }),
        (FdType::Ipv6ServSock, FdDetail::Ipv6Server { ip: v6, port: 81, proto: L4Proto::Icmp }),
        (FdType::UnixSock, FdDetail::Unix { source: 1, destination: u64::MAX, name: b"/run/s".to_vec() }),
        (FdType::PidFd, name("")),
        // Sockets that are neither bound nor connected, and one of a family without a type.
        (FdType::Ipv4Sock, FdDetail::Ipv4 { sip: any4, dip: any4, sport: 0, dport: 0, proto: L4Proto::Tcp }),
        (FdType::Ipv6Sock, FdDetail::Ipv6 { sip: any6, dip: any6, sport: 0, dport: 0, proto: L4Proto::Unknown }),
        (FdType::UnixSock, FdDetail::Unix { source: 0, destination: 0, name: Vec::new() }),
        (FdType::Netlink, name("")),
        (FdType::Unsupported, name("")),
    ];
    let fds = |pid: i64| {
        let fd = |(n, (ty, detail)): (usize, &(FdType, FdDetail))| FdInfo {
            fd: n as i64,
            ino: 100 + n as u64,
            ty: *ty,
            detail: detail.clone(),
        };
        (pid, details.iter().enumerate().map(fd).collect())
    };
    Snapshot {
        machine: Some(MachineInfo {
            num_cpus: 4,
            memory_bytes: 1 << 34,
            max_pid: 4_194_304,
            hostname: b"host".to_vec(),
            boot_ts: 5,
            flags: 6,
        }),
        interfaces: vec![
            Interface {
                name: b"lo".to_vec(),
                address: InterfaceAddress::V4 { addr: v4, netmask: Ipv4Addr::BROADCAST, broadcast: v4 },
                link_speed: 10,
            },
            Interface {
                name: b"eth0".to_vec(),
                address: InterfaceAddress::V6 { addr: v6, netmask: v6, broadcast: Ipv6Addr::UNSPECIFIED },
                link_speed: 0,
            },
        ],
        users: UserList {
            users: vec![UserInfo {
                uid: 0,
                gid: 0,
                name: b"root".to_vec(),
                homedir: b"/root".to_vec(),
                shell: b"/bin/sh".to_vec(),
            }],
            groups: vec![GroupInfo { gid: 0, name: b"root".to_vec() }, GroupInfo { gid: 7, name: b"".to_vec() }],
        },
        threads: vec![thread(1), thread(2), thread(300)],
        fds: vec![fds(1), fds(300)],
    }
}

/// Events for all types of blocks: with and without flags, large, of any length.
pub fn sample_events() -> Vec<Seen> {
    let mut events = Vec::new();
    for i in 0..12u32 {
        let path = "/tmp/".to_string() + &"x".repeat(i as usize);
        let params = [Value::from(i64::from(i)), path.as_str().into()];
        let bytes = encode::event(u64::from(i), 300, E::SYSCALL_UNLINK_2_X, &params).expect("an event");
        events.push(Seen { bytes, cpu: i as u16, flags: i % 2 });
    }
    for (len, flags) in [(10, 0), (70_000, 0), (70_000, 1)] {
        let data = vec![b'p'; len];
        let params = [Value::from(3u32), data[..].into()];
        let bytes = encode::event(99, -1, E::PLUGINEVENT_E, &params).expect("an event");
        events.push(Seen { bytes, cpu: 0, flags });
    }
    events
}

/// A capture with the sample.
pub fn sample(compression: Compression) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), compression).expect("a writer");
    writer.snapshot(&sample_system()).expect("the system");
    for e in sample_events() {
        writer.event(&Event::new(&e.bytes, e.cpu, e.flags).expect("an event")).expect("an event");
    }
    writer.finish().expect("the end")
}

/// Appends an event block to an uncompressed capture.
pub fn append_event(capture: &mut Vec<u8>, event: &[u8]) {
    let mut body = vec![0, 0];
    body.extend_from_slice(event);
    capture.extend(block(0x221, &body));
}

/// A block with this type and body.
pub fn block(ty: u32, body: &[u8]) -> Vec<u8> {
    let len = (body.len().next_multiple_of(4) + 12) as u32;
    let mut out = [ty.to_ne_bytes(), len.to_ne_bytes()].concat();
    out.extend_from_slice(body);
    out.resize(len as usize - 4, 0);
    out.extend_from_slice(&len.to_ne_bytes());
    out
}

/// A section header block.
pub fn section() -> Vec<u8> {
    let body = [&0x1a2b_3c4d_u32.to_ne_bytes()[..], &1u16.to_ne_bytes(), &2u16.to_ne_bytes(), &[0xff; 8]].concat();
    block(0x0a0d_0d0a, &body)
}

/// The place of a block in a capture.
pub struct Block {
    pub ty: u32,
    pub start: usize,
    pub end: usize,
    pub is_event: bool,
}

/// The blocks of an uncompressed capture.
pub fn blocks(capture: &[u8]) -> Vec<Block> {
    let u32_at = |at: usize| u32::from_ne_bytes(capture[at..at + 4].try_into().expect("four bytes"));
    let mut blocks = Vec::new();
    let mut start = 0;
    while start < capture.len() {
        let (ty, end) = (u32_at(start), start + u32_at(start + 4) as usize);
        blocks.push(Block { ty, start, end, is_event: matches!(ty, 0x216 | 0x217 | 0x221 | 0x222) });
        start = end;
    }
    blocks
}

/// The offset of the first event of a capture.
pub fn first_event(blocks: &[Block]) -> usize {
    blocks.iter().find(|b| b.is_event).expect("an event").start
}

/// A pseudo-random number generator with a fixed sequence (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

/// A directory that is removed with the test.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new(name: &str) -> TempDir {
        let dir = std::env::temp_dir().join(format!("scap-sys-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a directory");
        TempDir(dir)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
