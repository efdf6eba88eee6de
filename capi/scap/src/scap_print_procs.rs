//! Threads and fds as text on the standard output.

use crate::scap::{scap_fdinfo, scap_threadinfo};
use crate::scap_print::print;
use capi_common::guard;
use scap_sys::FdType;
use std::ffi::c_char;
use std::fmt::{Display, Write};
use std::net::{Ipv4Addr, Ipv6Addr};

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

    fn print(mut self) {
        self.end_row();
        self.text.push_str("----------------------- \n");
        print(&self.text);
    }
}

/// A text in a buffer, up to its NUL.
fn text(buffer: &[c_char]) -> String {
    let bytes: Vec<u8> = buffer.iter().map(|c| *c as u8).take_while(|b| *b != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
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

fn ipv4(network_order: u32) -> Ipv4Addr {
    network_order.to_ne_bytes().into()
}

fn ipv6(network_order: [u32; 4]) -> Ipv6Addr {
    let mut bytes = [0; 16];
    bytes.chunks_exact_mut(4).zip(network_order).for_each(|(to, word)| to.copy_from_slice(&word.to_ne_bytes()));
    bytes.into()
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
            let kind = fd.r#type;
            let is = |wanted: FdType| kind == wanted as i32;
            let mut page = Page::titled("FDINFO");
            page.add("fd:", fd.fd);
            page.add("ino:", fd.ino);
            page.add("type:", kind);
            // SAFETY: the kind says which of the members was written.
            unsafe {
                if is(FdType::Ipv4Sock) {
                    let s = fd.info.ipv4info;
                    page.add("sip:", ipv4(s.sip));
                    page.add("dip:", ipv4(s.dip));
                    page.add("sport:", s.sport);
                    page.add("dport:", s.dport);
                    page.add("l4proto:", s.l4proto);
                } else if is(FdType::Ipv6Sock) {
                    let s = fd.info.ipv6info;
                    page.row("sip:", ipv6(s.sip));
                    page.row("dip:", ipv6(s.dip));
                    page.add("sport:", s.sport);
                    page.add("dport:", s.dport);
                    page.add("l4proto:", s.l4proto);
                } else if is(FdType::Ipv4ServSock) {
                    let s = fd.info.ipv4serverinfo;
                    page.add("ip:", ipv4(s.ip));
                    page.add("port:", s.port);
                    page.add("l4proto:", s.l4proto);
                } else if is(FdType::Ipv6ServSock) {
                    let s = fd.info.ipv6serverinfo;
                    page.row("ip:", ipv6(s.ip));
                    page.add("port:", s.port);
                    page.add("l4proto:", s.l4proto);
                } else if is(FdType::UnixSock) {
                    let s = &fd.info.unix_socket_info;
                    page.add("source:", format_args!("{:#x}", s.source));
                    page.add("destination:", format_args!("{:#x}", s.destination));
                    page.row("fname:", text(&s.fname));
                } else if is(FdType::FileV2) || is(FdType::MemFd) {
                    let f = &fd.info.regularinfo;
                    page.add("open_flags:", format_args!("{:#x}", f.open_flags));
                    page.add("mount_id:", f.mount_id);
                    page.add("dev:", f.dev);
                    page.row("fname:", text(&f.fname));
                } else {
                    page.row("fname:", text(&fd.info.fname));
                }
            }
            page.print();
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn texts_and_addresses() {
        let buffer = b"ab\0cd\0".map(|b| b as c_char);
        assert_eq!(text(&buffer), "ab");
        assert_eq!(texts(&buffer, 6), "ab cd ");
        assert_eq!(ipv4(u32::from_ne_bytes([127, 0, 0, 1])), Ipv4Addr::LOCALHOST);
        assert_eq!(ipv6([0, 0, 0, u32::from_be(1)]), Ipv6Addr::LOCALHOST);
    }
}
