//! The fixed columns of the thread table and of the tables of texts.

use super::rows::{Row, RowMut, columns};
use super::{ColumnType, SubTable, Value};
use crate::state::store::ThreadText;

pub(super) use super::rows::Fixed;

columns!(THREADS, |threads, t: Thread| {
    "tid": I64 = t.tid.get(), new => t.tid.set(new);
    "pid": I64 = t.pid.get(), new => t.pid.set(new);
    "ptid": I64 = t.ptid.get(), new => t.ptid.set(new);
    "reaper_tid": I64 = t.reaper_tid.get(), new => t.reaper_tid.set(new);
    "sid": I64 = t.sid.get(), new => t.sid.set(new);
    "comm": Text = t.comm(), new => t.set_text(ThreadText::Comm, new);
    "exe": Text = t.exe(), new => t.set_text(ThreadText::Exe, new);
    "exe_path": Text = t.exepath(), new => t.set_text(ThreadText::ExePath, new);
    "exe_writable": Bool = t.exe_writable.get(), new => t.exe_writable.set(new);
    "exe_upper_layer": Bool = t.exe_upper_layer.get(), new => t.exe_upper_layer.set(new);
    "exe_lower_layer": Bool = t.exe_lower_layer.get(), new => t.exe_lower_layer.set(new);
    "exe_from_memfd": Bool = t.exe_from_memfd.get(), new => t.exe_from_memfd.set(new);
    "exe_ino": U64 = t.exe_ino.get(), new => t.exe_ino.set(new);
    "exe_ino_ctime": U64 = t.exe_ino_ctime.get(), new => t.exe_ino_ctime.set(new);
    "exe_ino_mtime": U64 = t.exe_ino_mtime.get(), new => t.exe_ino_mtime.set(new);
    "args": Table = SubTable::Args;
    "env": Table = SubTable::Env;
    "cgroups": Table = SubTable::Cgroups;
    "flags": U32 = t.flags.get(), new => t.flags.set(new);
    "fd_limit": I64 = t.fdlimit.get(), new => t.fdlimit.set(new);
    "uid": U32 = t.uid.get(), new => t.uid.set(new);
    "gid": U32 = t.gid.get(), new => t.gid.set(new);
    "loginuid": U32 = t.loginuid.get(), new => t.loginuid.set(new);
    "vtid": I64 = t.vtid.get(), new => t.vtid.set(new);
    "vpid": I64 = t.vpid.get(), new => t.vpid.set(new);
    "vpgid": I64 = t.vpgid.get(), new => t.vpgid.set(new);
    "pgid": I64 = t.pgid.get(), new => t.pgid.set(new);
    "pidns_init_start_ts": U64 = t.pidns_init_start_ts.get(), new => t.pidns_init_start_ts.set(new);
    "root": Text = t.root(), new => t.set_text(ThreadText::Root, new);
    "tty": U32 = t.tty.get(), new => t.tty.set(new);
    "cwd": Text = t.own_cwd();
    "file_descriptors": Table = SubTable::Fds;
});

/// The text that a column of [`THREADS`] is.
pub(super) fn text_of(name: &str) -> Option<ThreadText> {
    match name {
        "comm" => Some(ThreadText::Comm),
        "exe" => Some(ThreadText::Exe),
        "exe_path" => Some(ThreadText::ExePath),
        "root" => Some(ThreadText::Root),
        _ => None,
    }
}

columns!(TEXTS, |threads, text: Text| {
    "value": Text = text, new => *text = new.to_vec();
});

columns!(PAIRS, |threads, pair: Text| {
    "first": Text = split(pair).0, new => *pair = [new, b"=", split(pair).1].concat();
    "second": Text = split(pair).1, new => *pair = [split(pair).0, b"=", new].concat();
});

fn split(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|&b| b == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, &[]),
    }
}
