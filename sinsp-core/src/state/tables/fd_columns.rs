//! The fixed columns of the fd tables.

use super::rows::{Fixed, Row, RowMut, columns};
use super::{ColumnType, Value};
use crate::state::store::FdText;
use crate::state::{Fd, SockInfo};
use scap_sys::{FdType, L4Proto};
use std::net::{Ipv4Addr, Ipv6Addr};

columns!(FDS, |threads, fd: Fd| {
    "fd": I64 = fd.fd.get(), new => fd.fd.set(new);
    "type": U8 = fd.ty.get() as i32 as u8, new => FdType::from_number(new.into()).map(|ty| fd.ty.set(ty)).is_some();
    "open_flags": U32 = fd.open_flags.get(), new => fd.open_flags.set(new);
    "name": Text = fd.name(), new => fd.set_text(FdText::Name, new);
    "name_raw": Text = fd.name_raw(), new => fd.set_text(FdText::NameRaw, new);
    "old_name": Text = fd.old_name(), new => fd.set_text(FdText::OldName, new);
    "flags": U32 = fd.flags.get(), new => fd.flags.set(new);
    "dev": U32 = fd.dev.get(), new => fd.dev.set(new);
    "mount_id": U32 = fd.mount_id.get(), new => fd.mount_id.set(new);
    "ino": U64 = fd.ino.get(), new => fd.ino.set(new);
    "pid": I64 = fd.pid.get(), new => fd.pid.set(new);
    "socket_ipv4_src_ip": U32 = v4(Pair4::of(fd).sip), new => change(fd, |s: &mut Pair4| s.sip = ip4(new));
    "socket_ipv4_dest_dip": U32 = v4(Pair4::of(fd).dip), new => change(fd, |s: &mut Pair4| s.dip = ip4(new));
    "socket_ipv4_src_port": U16 = Pair4::of(fd).sport, new => change(fd, |s: &mut Pair4| s.sport = new);
    "socket_ipv4_dst_port": U16 = Pair4::of(fd).dport, new => change(fd, |s: &mut Pair4| s.dport = new);
    "socket_ipv4_l4_proto": U8 = Pair4::of(fd).proto as u8, new => change(fd, |s: &mut Pair4| s.proto = proto(new));
    "socket_ipv6_src_ip_low": U64 = half(Pair6::of(fd).sip, 0), new => change(fd, |s: &mut Pair6| set_half(&mut s.sip, 0, new));
    "socket_ipv6_src_ip_high": U64 = half(Pair6::of(fd).sip, 8), new => change(fd, |s: &mut Pair6| set_half(&mut s.sip, 8, new));
    "socket_ipv6_dest_ip_low": U64 = half(Pair6::of(fd).dip, 0), new => change(fd, |s: &mut Pair6| set_half(&mut s.dip, 0, new));
    "socket_ipv6_dest_ip_high": U64 = half(Pair6::of(fd).dip, 8), new => change(fd, |s: &mut Pair6| set_half(&mut s.dip, 8, new));
    "socket_ipv6_src_port": U16 = Pair6::of(fd).sport, new => change(fd, |s: &mut Pair6| s.sport = new);
    "socket_ipv6_dst_port": U16 = Pair6::of(fd).dport, new => change(fd, |s: &mut Pair6| s.dport = new);
    "socket_ipv6_l4_proto": U8 = Pair6::of(fd).proto as u8, new => change(fd, |s: &mut Pair6| s.proto = proto(new));
    "socket_ipv4_server_ip": U32 = v4(Server4::of(fd).ip), new => change(fd, |s: &mut Server4| s.ip = ip4(new));
    "socket_ipv4_server_port": U16 = Server4::of(fd).port, new => change(fd, |s: &mut Server4| s.port = new);
    "socket_ipv4_server_l4_proto": U8 = Server4::of(fd).proto as u8, new => change(fd, |s: &mut Server4| s.proto = proto(new));
    "socket_ipv6_server_ip_low": U64 = half(Server6::of(fd).ip, 0), new => change(fd, |s: &mut Server6| set_half(&mut s.ip, 0, new));
    "socket_ipv6_server_ip_high": U64 = half(Server6::of(fd).ip, 8), new => change(fd, |s: &mut Server6| set_half(&mut s.ip, 8, new));
    "socket_ipv6_server_port": U16 = Server6::of(fd).port, new => change(fd, |s: &mut Server6| s.port = new);
    "socket_ipv6_server_l4_proto": U8 = Server6::of(fd).proto as u8, new => change(fd, |s: &mut Server6| s.proto = proto(new));
    "socket_unix_src": U64 = Ends::of(fd).source, new => change(fd, |s: &mut Ends| s.source = new);
    "socket_unix_dest": U64 = Ends::of(fd).destination, new => change(fd, |s: &mut Ends| s.destination = new);
});

/// The addresses of one kind of socket; zeros for an fd of another kind. Writing them replaces the addresses that the fd
/// had.
trait Addresses: Copy {
    fn of(fd: &Fd) -> Self;
    fn sock_info(self) -> SockInfo;
}

fn change<A: Addresses>(fd: &mut Fd, change: impl FnOnce(&mut A)) {
    let mut addresses = A::of(fd);
    change(&mut addresses);
    fd.set_sock(addresses.sock_info());
}

macro_rules! addresses {
    ($name:ident, $variant:ident { $($field:ident: $ty:ty = $none:expr),+ }) => {
        #[derive(Clone, Copy)]
        struct $name {
            $($field: $ty),+
        }

        impl Addresses for $name {
            fn of(fd: &Fd) -> $name {
                match fd.sock() {
                    SockInfo::$variant { $($field),+ } => $name { $($field),+ },
                    _ => $name { $($field: $none),+ },
                }
            }

            fn sock_info(self) -> SockInfo {
                let $name { $($field),+ } = self;
                SockInfo::$variant { $($field),+ }
            }
        }
    };
}

const NO_IP4: Ipv4Addr = Ipv4Addr::UNSPECIFIED;
const NO_IP6: Ipv6Addr = Ipv6Addr::UNSPECIFIED;
const NO_PROTO: L4Proto = L4Proto::Unknown;

addresses!(
    Pair4,
    Ipv4 { sip: Ipv4Addr = NO_IP4, dip: Ipv4Addr = NO_IP4, sport: u16 = 0, dport: u16 = 0, proto: L4Proto = NO_PROTO }
);
addresses!(
    Pair6,
    Ipv6 { sip: Ipv6Addr = NO_IP6, dip: Ipv6Addr = NO_IP6, sport: u16 = 0, dport: u16 = 0, proto: L4Proto = NO_PROTO }
);
addresses!(Server4, Ipv4Server { ip: Ipv4Addr = NO_IP4, port: u16 = 0, proto: L4Proto = NO_PROTO });
addresses!(Server6, Ipv6Server { ip: Ipv6Addr = NO_IP6, port: u16 = 0, proto: L4Proto = NO_PROTO });
addresses!(Ends, Unix { source: u64 = 0, destination: u64 = 0 });

fn proto(number: u8) -> L4Proto {
    L4Proto::from_number(number)
}

/// An address in network byte order, as a C program reads it from memory.
fn v4(ip: Ipv4Addr) -> u32 {
    u32::from_ne_bytes(ip.octets())
}

fn ip4(memory: u32) -> Ipv4Addr {
    memory.to_ne_bytes().into()
}

/// The eight bytes of an address from `at` on, in network byte order.
fn half(ip: Ipv6Addr, at: usize) -> u64 {
    u64::from_ne_bytes(ip.octets()[at..at + 8].try_into().expect("eight bytes"))
}

fn set_half(ip: &mut Ipv6Addr, at: usize, memory: u64) {
    let mut octets = ip.octets();
    octets[at..at + 8].copy_from_slice(&memory.to_ne_bytes());
    *ip = octets.into();
}
