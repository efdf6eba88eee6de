//! The state as tables with rows and columns: what plugins and tools that know nothing of threads and fds look at.

use super::{Fd, SockInfo, Thread, ThreadTable};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A table. All but the first belong to one thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Every thread, by its id.
    Threads,
    /// The files that a thread has open, by their number.
    Fds,
    /// The arguments of a thread, by their position.
    Args,
    /// The environment of a thread's process, by position.
    Env,
    /// The cgroups of a thread, by position.
    Cgroups,
}

/// The type of a column or a key. The numbers are those of the plugin API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs)]
pub enum ColumnType {
    I64 = 4,
    U8 = 5,
    U16 = 6,
    U32 = 7,
    U64 = 8,
    Text = 9,
    Table = 10,
    Bool = 25,
}

/// What stands in a row of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Value<'a> {
    I64(i64),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    Text(&'a [u8]),
    /// A table of the row's thread.
    Table(Table),
    Bool(bool),
}

/// A row.
#[derive(Clone, Copy)]
pub enum Row<'a> {
    /// Of [`Table::Threads`].
    Thread(&'a Thread),
    /// Of [`Table::Fds`].
    Fd(&'a Fd),
    /// Of [`Table::Args`], [`Table::Env`] and [`Table::Cgroups`].
    Text(&'a [u8]),
}

type Read = for<'a> fn(&'a ThreadTable, Row<'a>) -> Option<Value<'a>>;

/// A column.
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// The type of its values.
    pub ty: ColumnType,
    read: Read,
}

impl Column {
    /// What stands in `row`; `None` if that is a row of another table.
    pub fn read<'a>(&self, threads: &'a ThreadTable, row: Row<'a>) -> Option<Value<'a>> {
        (self.read)(threads, row)
    }
}

impl Table {
    /// Its name, as plugins ask for it.
    pub fn name(self) -> &'static str {
        match self {
            Table::Threads => "threads",
            Table::Fds => "file_descriptors",
            Table::Args => "args",
            Table::Env => "env",
            Table::Cgroups => "cgroups",
        }
    }

    /// The type of its key.
    pub fn key(self) -> ColumnType {
        match self {
            Table::Threads | Table::Fds => ColumnType::I64,
            Table::Args | Table::Env | Table::Cgroups => ColumnType::U64,
        }
    }

    /// Its columns.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Table::Threads => THREADS,
            Table::Fds => FDS,
            Table::Args | Table::Env => TEXTS,
            Table::Cgroups => PAIRS,
        }
    }
}

macro_rules! columns {
    ($name:ident, |$threads:ident, $row:ident: $variant:ident| { $($column:literal: $ty:ident = $value:expr,)+ }) => {
        static $name: &[Column] = &[$(Column {
            name: $column,
            ty: ColumnType::$ty,
            read: |$threads, row| {
                let Row::$variant($row) = row else { return None };
                let _ = ($threads, $row);
                Some(Value::$ty($value))
            },
        }),+];
    };
}

columns!(THREADS, |threads, t: Thread| {
    "tid": I64 = t.tid.get(),
    "pid": I64 = t.pid.get(),
    "ptid": I64 = t.ptid.get(),
    "reaper_tid": I64 = t.reaper_tid.get(),
    "sid": I64 = t.sid.get(),
    "comm": Text = t.comm(),
    "exe": Text = t.exe(),
    "exe_path": Text = t.exepath(),
    "exe_writable": Bool = t.exe_writable.get(),
    "exe_upper_layer": Bool = t.exe_upper_layer.get(),
    "exe_lower_layer": Bool = t.exe_lower_layer.get(),
    "exe_from_memfd": Bool = t.exe_from_memfd.get(),
    "exe_ino": U64 = t.exe_ino.get(),
    "exe_ino_ctime": U64 = t.exe_ino_ctime.get(),
    "exe_ino_mtime": U64 = t.exe_ino_mtime.get(),
    "args": Table = Table::Args,
    "env": Table = Table::Env,
    "cgroups": Table = Table::Cgroups,
    "flags": U32 = t.flags.get(),
    "fd_limit": I64 = t.fdlimit.get(),
    "uid": U32 = t.uid.get(),
    "gid": U32 = t.gid.get(),
    "loginuid": U32 = t.loginuid.get(),
    "vtid": I64 = t.vtid.get(),
    "vpid": I64 = t.vpid.get(),
    "vpgid": I64 = t.vpgid.get(),
    "pgid": I64 = t.pgid.get(),
    "pidns_init_start_ts": U64 = t.pidns_init_start_ts.get(),
    "root": Text = t.root(),
    "tty": U32 = t.tty.get(),
    "cwd": Text = threads.cwd(t),
    "file_descriptors": Table = Table::Fds,
});

columns!(FDS, |threads, fd: Fd| {
    "fd": I64 = fd.fd.get(),
    "type": U8 = fd.ty.get() as i32 as u8,
    "open_flags": U32 = fd.open_flags.get(),
    "name": Text = fd.name(),
    "name_raw": Text = fd.name_raw(),
    "old_name": Text = fd.old_name(),
    "flags": U32 = fd.flags.get(),
    "dev": U32 = fd.dev.get(),
    "mount_id": U32 = fd.mount_id.get(),
    "ino": U64 = fd.ino.get(),
    "pid": I64 = fd.pid.get(),
    "socket_ipv4_src_ip": U32 = v4(ipv4(fd).0),
    "socket_ipv4_dest_dip": U32 = v4(ipv4(fd).1),
    "socket_ipv4_src_port": U16 = ipv4(fd).2,
    "socket_ipv4_dst_port": U16 = ipv4(fd).3,
    "socket_ipv4_l4_proto": U8 = ipv4(fd).4,
    "socket_ipv6_src_ip_low": U64 = v6(ipv6(fd).0, 0),
    "socket_ipv6_src_ip_high": U64 = v6(ipv6(fd).0, 8),
    "socket_ipv6_dest_ip_low": U64 = v6(ipv6(fd).1, 0),
    "socket_ipv6_dest_ip_high": U64 = v6(ipv6(fd).1, 8),
    "socket_ipv6_src_port": U16 = ipv6(fd).2,
    "socket_ipv6_dst_port": U16 = ipv6(fd).3,
    "socket_ipv6_l4_proto": U8 = ipv6(fd).4,
    "socket_ipv4_server_ip": U32 = v4(ipv4_server(fd).0),
    "socket_ipv4_server_port": U16 = ipv4_server(fd).1,
    "socket_ipv4_server_l4_proto": U8 = ipv4_server(fd).2,
    "socket_ipv6_server_ip_low": U64 = v6(ipv6_server(fd).0, 0),
    "socket_ipv6_server_ip_high": U64 = v6(ipv6_server(fd).0, 8),
    "socket_ipv6_server_port": U16 = ipv6_server(fd).1,
    "socket_ipv6_server_l4_proto": U8 = ipv6_server(fd).2,
    "socket_unix_src": U64 = unix(fd).0,
    "socket_unix_dest": U64 = unix(fd).1,
});

columns!(TEXTS, |threads, text: Text| {
    "value": Text = text,
});

columns!(PAIRS, |threads, pair: Text| {
    "first": Text = split(pair).0,
    "second": Text = split(pair).1,
});

fn split(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|&b| b == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, &[]),
    }
}

/// An address as its bytes lie in memory.
fn v4(ip: Ipv4Addr) -> u32 {
    u32::from_ne_bytes(ip.octets())
}

/// Eight bytes of an address from `at`, as they lie in memory.
fn v6(ip: Ipv6Addr, at: usize) -> u64 {
    u64::from_ne_bytes(ip.octets()[at..at + 8].try_into().expect("eight bytes"))
}

// The addresses of a socket of one kind; zeros for a file of any other.

fn ipv4(fd: &Fd) -> (Ipv4Addr, Ipv4Addr, u16, u16, u8) {
    match fd.sock() {
        SockInfo::Ipv4 { sip, dip, sport, dport, proto } => (sip, dip, sport, dport, proto as u8),
        _ => (Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED, 0, 0, 0),
    }
}

fn ipv6(fd: &Fd) -> (Ipv6Addr, Ipv6Addr, u16, u16, u8) {
    match fd.sock() {
        SockInfo::Ipv6 { sip, dip, sport, dport, proto } => (sip, dip, sport, dport, proto as u8),
        _ => (Ipv6Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED, 0, 0, 0),
    }
}

fn ipv4_server(fd: &Fd) -> (Ipv4Addr, u16, u8) {
    match fd.sock() {
        SockInfo::Ipv4Server { ip, port, proto } => (ip, port, proto as u8),
        _ => (Ipv4Addr::UNSPECIFIED, 0, 0),
    }
}

fn ipv6_server(fd: &Fd) -> (Ipv6Addr, u16, u8) {
    match fd.sock() {
        SockInfo::Ipv6Server { ip, port, proto } => (ip, port, proto as u8),
        _ => (Ipv6Addr::UNSPECIFIED, 0, 0),
    }
}

fn unix(fd: &Fd) -> (u64, u64) {
    match fd.sock() {
        SockInfo::Unix { source, destination } => (source, destination),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::TextList;
    use scap_sys::{FdType, L4Proto};

    fn value<'a>(table: Table, column: &str, threads: &'a ThreadTable, row: Row<'a>) -> Option<Value<'a>> {
        table.columns().iter().find(|c| c.name == column).expect("a column of that name").read(threads, row)
    }

    #[test]
    fn columns_have_the_types_that_they_say() {
        let threads = ThreadTable::default();
        let (thread, fd) = (Thread::new(7), Fd::new(FdType::Ipv4Sock));
        let rows = [
            (Table::Threads, Row::Thread(&thread)),
            (Table::Fds, Row::Fd(&fd)),
            (Table::Args, Row::Text(b"-l")),
            (Table::Env, Row::Text(b"A=B")),
            (Table::Cgroups, Row::Text(b"cpu=/x=y")),
        ];
        for (table, row) in rows {
            for column in table.columns() {
                let ty = match column.read(&threads, row).expect("a row of this table") {
                    Value::I64(_) => ColumnType::I64,
                    Value::U8(_) => ColumnType::U8,
                    Value::U16(_) => ColumnType::U16,
                    Value::U32(_) => ColumnType::U32,
                    Value::U64(_) => ColumnType::U64,
                    Value::Text(_) => ColumnType::Text,
                    Value::Table(_) => ColumnType::Table,
                    Value::Bool(_) => ColumnType::Bool,
                };
                assert_eq!(ty, column.ty, "{}", column.name);
            }
        }
    }

    #[test]
    fn values() {
        let threads = ThreadTable::default();
        let mut thread = Thread::new(7);
        thread.set_args(b"-l\0");
        assert_eq!(value(Table::Threads, "tid", &threads, Row::Thread(&thread)), Some(Value::I64(7)));
        assert_eq!(value(Table::Threads, "args", &threads, Row::Thread(&thread)), Some(Value::Table(Table::Args)));
        assert_eq!(value(Table::Threads, "tid", &threads, Row::Text(b"")), None);
        assert_eq!(value(Table::Cgroups, "first", &threads, Row::Text(b"cpu=/x=y")), Some(Value::Text(b"cpu")));
        assert_eq!(value(Table::Cgroups, "second", &threads, Row::Text(b"cpu=/x=y")), Some(Value::Text(b"/x=y")));
        let mut fd = Fd::new(FdType::Ipv4Sock);
        let (sip, dip) = (Ipv4Addr::new(127, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 1));
        fd.set_sock(SockInfo::Ipv4 { sip, dip, sport: 5, dport: 80, proto: L4Proto::Tcp });
        assert_eq!(value(Table::Fds, "socket_ipv4_dst_port", &threads, Row::Fd(&fd)), Some(Value::U16(80)));
        let raw = u32::from_ne_bytes([127, 0, 0, 1]);
        assert_eq!(value(Table::Fds, "socket_ipv4_src_ip", &threads, Row::Fd(&fd)), Some(Value::U32(raw)));
        assert_eq!(value(Table::Fds, "socket_ipv6_dst_port", &threads, Row::Fd(&fd)), Some(Value::U16(0)));
    }
}
