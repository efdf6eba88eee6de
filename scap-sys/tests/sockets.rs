//! Sockets that exist before a capture begins and that are in no table of /proc/PID/net: both scans, by iterators and by /proc, find the type
//! of each.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;

use scap_sys::linux::{ScanOptions, Scanner};
use scap_sys::{FdDetail, FdInfo, FdType, L4Proto, SystemSink, ThreadInfo};

#[derive(Default)]
struct Reported {
    fds: Vec<(i64, FdInfo)>,
    progress: Vec<String>,
}

impl SystemSink for Reported {
    fn thread(&mut self, _: ThreadInfo) {}
    fn fd(&mut self, pid: i64, fd: FdInfo) {
        self.fds.push((pid, fd));
    }
    fn progress(&mut self, message: &str) {
        self.progress.push(message.into());
    }
}

impl Reported {
    fn of(&self, pid: i64, fd: &impl AsRawFd) -> &FdInfo {
        let number = i64::from(fd.as_raw_fd());
        let found = self.fds.iter().find(|(p, i)| *p == pid && i.fd == number);
        &found.unwrap_or_else(|| panic!("fd {number} of {pid} was not reported")).1
    }
}

/// A scan, and whether it is by iterators.
struct Way {
    scanner: Scanner,
    iterators: bool,
}

impl Way {
    fn scan(&mut self) -> Reported {
        let mut reported = Reported::default();
        self.scanner.threads(&mut reported).unwrap();
        reported
    }

    fn one(&mut self, fd: &impl AsRawFd) -> FdInfo {
        let mut reported = Reported::default();
        self.scanner.fd(own_pid(), fd.as_raw_fd().into(), &mut reported).unwrap();
        reported.fds.pop().unwrap_or_else(|| panic!("fd {} was not reported", fd.as_raw_fd())).1
    }
}

/// The scans that this machine allows: /proc, and iterators if the kernel has them and the user may use them.
fn ways() -> Vec<Way> {
    let way = |iterators| {
        let options = ScanOptions { iterators, ..ScanOptions::default() };
        Way { scanner: Scanner::new(&options).unwrap(), iterators }
    };
    let mut ways = vec![way(false)];
    let mut by_iterators = way(true);
    let notes = by_iterators.scan().progress;
    if notes.is_empty() {
        ways.push(by_iterators);
    } else {
        eprintln!("SKIPPED: {}", notes.join("; "));
    }
    ways
}

fn own_pid() -> i64 {
    i64::from(std::process::id())
}

/// A socket, or `None` where the kernel has none of the kind or this user may not have one.
fn socket(family: i32, ty: i32, protocol: i32) -> Option<OwnedFd> {
    // SAFETY: the call takes numbers only, and the fd that it returns is owned by nothing else.
    unsafe {
        let fd = libc::socket(family, ty, protocol);
        (fd >= 0).then(|| OwnedFd::from_raw_fd(fd))
    }
}

fn bare4(proto: L4Proto) -> (FdType, FdDetail) {
    let ip = Ipv4Addr::UNSPECIFIED;
    (FdType::Ipv4Sock, FdDetail::Ipv4 { sip: ip, dip: ip, sport: 0, dport: 0, proto })
}

fn bare6(proto: L4Proto) -> (FdType, FdDetail) {
    let ip = Ipv6Addr::UNSPECIFIED;
    (FdType::Ipv6Sock, FdDetail::Ipv6 { sip: ip, dip: ip, sport: 0, dport: 0, proto })
}

#[test]
fn sockets_without_addresses_of_every_family() {
    use libc::{AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM};
    let other = || (FdType::Unsupported, FdDetail::Name(Vec::new()));
    let wanted = [
        (socket(AF_INET, SOCK_STREAM, 0), bare4(L4Proto::Tcp)),
        (socket(AF_INET, SOCK_DGRAM, 0), bare4(L4Proto::Udp)),
        (socket(AF_INET, SOCK_DGRAM, libc::IPPROTO_ICMP), bare4(L4Proto::Icmp)),
        (socket(AF_INET, SOCK_DGRAM, libc::IPPROTO_UDPLITE), bare4(L4Proto::Unknown)),
        (socket(AF_INET, SOCK_STREAM, libc::IPPROTO_MPTCP), bare4(L4Proto::Unknown)),
        (socket(AF_INET6, SOCK_STREAM, 0), bare6(L4Proto::Tcp)),
        (socket(AF_INET6, SOCK_DGRAM, 0), bare6(L4Proto::Udp)),
        (socket(AF_INET6, SOCK_DGRAM, libc::IPPROTO_ICMPV6), bare6(L4Proto::Icmp)),
        (socket(AF_NETLINK, SOCK_RAW, 0), (FdType::Netlink, FdDetail::Name(Vec::new()))),
        (socket(AF_PACKET, SOCK_RAW, 0), other()),
        (socket(AF_VSOCK, SOCK_STREAM, 0), other()),
    ];
    // Those that are in a table without having been bound.
    let unix = socket(libc::AF_UNIX, SOCK_STREAM, 0).unwrap();
    let datagram = socket(libc::AF_UNIX, SOCK_DGRAM, 0).unwrap();
    let raw = socket(AF_INET, SOCK_RAW, libc::IPPROTO_ICMP);
    let raw6 = socket(AF_INET6, SOCK_RAW, libc::IPPROTO_ICMPV6);
    assert!(wanted[0].0.is_some() && wanted[1].0.is_some());
    for mut way in ways() {
        let reported = way.scan();
        for (fd, wanted) in wanted.iter().filter_map(|(fd, wanted)| Some((fd.as_ref()?, wanted))) {
            let found = reported.of(own_pid(), fd);
            assert_eq!(&(found.ty, found.detail.clone()), wanted, "by iterators: {}", way.iterators);
            assert!(found.ino != 0);
            assert_eq!(&way.one(fd), found, "asked for alone");
        }
        assert_eq!(reported.of(own_pid(), &unix).ty, FdType::UnixSock);
        assert_eq!(reported.of(own_pid(), &datagram).ty, FdType::UnixSock);
        for (fd, ty) in [(&raw, FdType::Ipv4ServSock), (&raw6, FdType::Ipv6ServSock)] {
            assert!(fd.as_ref().is_none_or(|fd| reported.of(own_pid(), fd).ty == ty));
        }
    }
}

/// A TCP socket that is bound and does not listen is in no table. The kernel's own objects have its address; /proc does not.
#[test]
fn a_bound_socket_that_does_not_listen() {
    let tcp = socket(libc::AF_INET, libc::SOCK_STREAM, 0).unwrap();
    // SAFETY: addresses of zeroes but for the family are valid, and live through the calls, as does the length.
    let port = unsafe {
        let mut address: libc::sockaddr_in = std::mem::zeroed();
        address.sin_family = libc::AF_INET as u16;
        let mut length = size_of_val(&address) as u32;
        assert_eq!(libc::bind(tcp.as_raw_fd(), (&raw const address).cast(), length), 0);
        assert_eq!(libc::getsockname(tcp.as_raw_fd(), (&raw mut address).cast(), &mut length), 0);
        u16::from_be(address.sin_port)
    };
    let proto = L4Proto::Tcp;
    for mut way in ways() {
        let found = way.scan().of(own_pid(), &tcp).clone();
        let server = (FdType::Ipv4ServSock, FdDetail::Ipv4Server { ip: Ipv4Addr::UNSPECIFIED, port, proto });
        assert_eq!((found.ty, found.detail), if way.iterators { server } else { bare4(proto) });
    }
}

/// The socket of a refused connection has no peer, and can be used for the next attempt.
#[test]
fn a_socket_whose_connection_failed() {
    let tcp = socket(libc::AF_INET, libc::SOCK_STREAM, 0).unwrap();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    // SAFETY: an address of zeroes but for what is set is valid, and lives through the call.
    unsafe {
        let mut address: libc::sockaddr_in = std::mem::zeroed();
        address.sin_family = libc::AF_INET as u16;
        address.sin_addr.s_addr = u32::from(Ipv4Addr::LOCALHOST).to_be();
        address.sin_port = closed.to_be();
        assert_eq!(libc::connect(tcp.as_raw_fd(), (&raw const address).cast(), size_of_val(&address) as u32), -1);
    }
    for mut way in ways() {
        let found = way.scan().of(own_pid(), &tcp).clone();
        assert_eq!((found.ty, found.detail), bare4(L4Proto::Tcp), "by iterators: {}", way.iterators);
    }
}

/// A socket stays in the network namespace that it was made in, which need not be its process's.
#[test]
fn sockets_of_another_network_namespace() {
    let made = std::thread::spawn(|| {
        // SAFETY: the call takes a number. It moves this thread alone, which ends soon.
        if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
            return None;
        }
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let udp = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        Some((listener, udp, socket(libc::AF_INET, libc::SOCK_STREAM, 0)?, UnixStream::pair().unwrap()))
    });
    let Some((listener, udp, bare, unix)) = made.join().unwrap() else {
        eprintln!("SKIPPED: no network namespace of its own: {}", std::io::Error::last_os_error());
        return;
    };
    let port = listener.local_addr().unwrap().port();
    for mut way in ways() {
        let reported = way.scan();
        let found = reported.of(own_pid(), &listener).clone();
        let (ip, proto) = (Ipv4Addr::UNSPECIFIED, L4Proto::Tcp);
        // No process is in that namespace any more, so that nothing in /proc shows its tables.
        let server = (FdType::Ipv4ServSock, FdDetail::Ipv4Server { ip, port, proto });
        assert_eq!((found.ty, found.detail), if way.iterators { server } else { bare4(proto) });
        assert_eq!(reported.of(own_pid(), &bare).ty, FdType::Ipv4Sock);
        assert_eq!(reported.of(own_pid(), &unix.0).ty, FdType::UnixSock);
        let udp_ty = if way.iterators { FdType::Ipv4ServSock } else { FdType::Ipv4Sock };
        assert_eq!(reported.of(own_pid(), &udp).ty, udp_ty);
    }
}
