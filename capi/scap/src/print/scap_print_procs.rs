//! Threads and fds as text on the standard output.

use crate::print::scap_print::print;
use crate::types::from_c;
use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use capi_common::guard;
use scap_sys::{FdDetail, L4Proto};
use std::borrow::Cow;
use std::ffi::c_char;
use std::fmt::{Display, Write};

/// Labels and values, three a row.
#[derive(Default)]
struct Page {
    text: String,
    column: usize,
}

impl Page {
    fn titled(title: &str) -> Page {
        Page { text: format!("----------------------- {title}\n"), column: 0 }
    }

    fn add(&mut self, label: &str, value: impl Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{label:<25} {:<20} ", value.to_string());
        self.column += 1;
        if self.column == 3 {
            self.end_row();
        }
    }

    fn end_row(&mut self) {
        if self.column > 0 {
            self.text.truncate(self.text.trim_end().len());
            self.text.push('\n');
            self.column = 0;
        }
    }

    /// A value that takes a row of its own.
    fn row(&mut self, label: &str, value: impl Display) {
        self.end_row();
        let _ = writeln!(self.text, "{label:<25} {value}");
    }

    /// An fd of the program's. One whose type there is not is its numbers alone.
    fn fd(&mut self, fd: &scap_fdinfo) {
        self.add("fd:", fd.fd);
        self.add("ino:", fd.ino);
        self.add("type:", fd.r#type);
        let Ok(Some(known)) = from_c::fd(fd) else { return };
        match known.detail {
            FdDetail::Ipv4 { sip, dip, sport, dport, proto } => {
                self.add("sip:", sip);
                self.add("dip:", dip);
                self.ports(&[("sport:", sport), ("dport:", dport)], proto);
            }
            FdDetail::Ipv6 { sip, dip, sport, dport, proto } => {
                self.row("sip:", sip);
                self.row("dip:", dip);
                self.ports(&[("sport:", sport), ("dport:", dport)], proto);
            }
            FdDetail::Ipv4Server { ip, port, proto } => {
                self.add("ip:", ip);
                self.ports(&[("port:", port)], proto);
            }
            FdDetail::Ipv6Server { ip, port, proto } => {
                self.row("ip:", ip);
                self.ports(&[("port:", port)], proto);
            }
            FdDetail::Unix { source, destination, name } => {
                self.add("source:", format_args!("{source:#x}"));
                self.add("destination:", format_args!("{destination:#x}"));
                self.row("fname:", String::from_utf8_lossy(&name));
            }
            FdDetail::File { open_flags, name, mount_id, dev } => {
                self.add("open_flags:", format_args!("{open_flags:#x}"));
                self.add("mount_id:", mount_id);
                self.add("dev:", dev);
                self.row("fname:", String::from_utf8_lossy(&name));
            }
            FdDetail::Name(name) => self.row("fname:", String::from_utf8_lossy(&name)),
        }
    }

    fn ports(&mut self, ports: &[(&str, u16)], proto: L4Proto) {
        ports.iter().for_each(|(label, port)| self.add(label, port));
        self.add("l4proto:", proto as u8);
    }

    fn print(mut self) {
        self.end_row();
        self.text.push_str("----------------------- \n");
        print(&self.text);
    }
}

/// A text in a buffer, up to its NUL.
fn text(buffer: &[c_char]) -> Cow<'_, str> {
    String::from_utf8_lossy(capi_common::text(buffer))
}

/// Texts in a buffer, each ended by a NUL.
fn texts(buffer: &[c_char], len: u16) -> String {
    let bytes: Vec<u8> = buffer.iter().take(len.into()).map(|c| if *c == 0 { b' ' } else { *c as u8 }).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Prints a thread.
///
/// # Safety
/// `tinfo` is null or a thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_print_threadinfo(tinfo: *const scap_threadinfo) {
    guard(
        |_| (),
        || {
            // SAFETY: as the caller promises.
            let Some(t) = (unsafe { tinfo.as_ref() }) else {
                return print("----------------------- THREADINFO (NULL)\n");
            };
            let mut page = Page::titled("THREADINFO");
            page.add("tid:", t.tid);
            page.add("pid:", t.pid);
            page.add("ptid:", t.ptid);
            page.add("sid:", t.sid);
            page.add("vpgid:", t.vpgid as i64);
            page.add("pgid:", t.pgid as i64);
            page.add("vtid:", t.vtid);
            page.add("vpid:", t.vpid);
            page.add("uid:", t.uid);
            page.add("gid:", t.gid);
            page.add("loginuid:", t.loginuid as i32);
            page.add("tty:", t.tty);
            page.add("fdlimit:", t.fdlimit);
            page.add("flags:", t.flags);
            page.add("filtered_out:", t.filtered_out);
            page.add("exe_writable:", t.exe_writable);
            page.add("exe_upper_layer:", t.exe_upper_layer);
            page.add("exe_lower_layer:", t.exe_lower_layer);
            page.add("exe_from_memfd:", t.exe_from_memfd);
            page.add("vmsize_kb:", t.vmsize_kb);
            page.add("vmrss_kb:", t.vmrss_kb);
            page.add("vmswap_kb:", t.vmswap_kb);
            page.add("pfmajor:", t.pfmajor);
            page.add("pfminor:", t.pfminor);
            page.add("clone_ts:", t.clone_ts);
            page.add("pidns_init_start_ts:", t.pidns_init_start_ts);
            page.add("cap_permitted:", format_args!("{:#x}", t.cap_permitted));
            page.add("cap_effective:", format_args!("{:#x}", t.cap_effective));
            page.add("cap_inheritable:", format_args!("{:#x}", t.cap_inheritable));
            page.add("exe_ino:", t.exe_ino);
            page.add("exe_ino_ctime:", t.exe_ino_ctime);
            page.add("exe_ino_mtime:", t.exe_ino_mtime);
            page.row("comm:", text(&t.comm));
            page.row("exe:", text(&t.exe));
            page.row("exepath:", text(&t.exepath));
            page.row("args:", texts(&t.args, t.args_len));
            page.row("env:", texts(&t.env, t.env_len));
            page.row("cwd:", text(&t.cwd));
            page.row("root:", text(&t.root));
            page.print();
        },
    );
}

/// Prints an fd.
///
/// # Safety
/// `fdinfo` is null or an fd.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_print_fdinfo(fdinfo: *const scap_fdinfo) {
    guard(
        |_| (),
        || {
            // SAFETY: as the caller promises.
            let Some(fd) = (unsafe { fdinfo.as_ref() }) else {
                return print("----------------------- FDINFO (NULL)\n");
            };
            let mut page = Page::titled("FDINFO");
            page.fd(fd);
            page.print();
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::to_c;
    use scap_sys::{FdInfo, FdType};

    #[test]
    fn rows_of_three_and_rows_of_their_own() {
        let mut page = Page::titled("X");
        for i in 0..4 {
            page.add("a:", i);
        }
        page.row("name:", "long");
        let lines: Vec<&str> = page.text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["a:", "0", "a:", "1", "a:", "2"]);
        assert_eq!(lines[3].split_whitespace().collect::<Vec<_>>(), ["name:", "long"]);
    }

    #[test]
    fn texts_and_fds() {
        let buffer = b"ab\0cd\0".map(|b| b as c_char);
        assert_eq!(text(&buffer), "ab");
        assert_eq!(texts(&buffer, 6), "ab cd ");
        let printed = |ty, detail| {
            let mut fd = to_c::empty_fd();
            to_c::fd(&FdInfo { fd: 3, ino: 4, ty, detail }, &mut fd);
            let mut page = Page::default();
            page.fd(&fd);
            page.end_row();
            page.text.split_whitespace().map(str::to_string).collect::<Vec<_>>()
        };
        // The name of a memfd does not lie where that of a file does.
        let memfd = printed(FdType::MemFd, FdDetail::Name(b"/memfd:x".to_vec()));
        assert_eq!(memfd, ["fd:", "3", "ino:", "4", "type:", "20", "fname:", "/memfd:x"]);
        let (ip, proto) = ("fe80::1".parse().unwrap(), L4Proto::Udp);
        let server = printed(FdType::Ipv6ServSock, FdDetail::Ipv6Server { ip, port: 53, proto });
        assert_eq!(server[6..], ["ip:", "fe80::1", "port:", "53", "l4proto:", "3"]);
    }
}
