//! The scan with BPF iterators: BPF programs that write a record per thread or per fd. They deliver the same as /proc
//! (`scan.rs`), several times faster, and more data about sockets.
//!
//! A kernel may have one, both or none of them; what is missing is read from /proc, and the scan logs that once. Linux 5.8
//! has the iterator of threads, 5.11 that of fds.

mod counts;
mod records;
mod scan;

use std::io::{ErrorKind, Read};
use std::path::Path;

use driver::ITERATORS;

use super::procfs::Dir;
use crate::engine::bpf::libbpf::{Object, Restriction, not_mapped};
use crate::engine::bpf::shared::Global;
use crate::{Error, Result};
pub use counts::{Reported, reported_by_iterators};
use records::{FileRecord, ThreadRecord, record_size};

const THREADS: &str = "scan_threads";
const FILES: &str = "scan_files";

/// `struct selection` of `driver/bpf/iterators.h`: the selection of records.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
struct Selection {
    tid: u32,
    pid: u32,
    fd: i32,
    sockets: u8,
    others: u8,
    whole: u8,
    restricts: u8,
}

impl Default for Selection {
    fn default() -> Selection {
        Selection { tid: 0, pid: 0, fd: -1, sockets: 1, others: 1, whole: 0, restricts: 0 }
    }
}

pub(super) struct Iterators {
    /// Both programs in one object or, if one of them does not load, the other alone.
    object: Option<Loaded>,
    has_threads: bool,
    has_files: bool,
    /// Messages for the log of the next scan.
    pub(super) notes: Vec<String>,
}

struct Loaded {
    object: Object,
    selection: Global<Selection>,
}

impl Iterators {
    /// Loads the iterators. `proc` is the host's /proc, which must be that of the system the iterators see.
    pub fn new(proc: &Dir) -> Iterators {
        let mut all = Iterators { object: None, has_threads: false, has_files: false, notes: Vec::new() };
        if let Err(why) = same_system(proc) {
            all.notes.push(format!("threads and open files are read from /proc: {why}"));
            return all;
        }
        let note = |what: &str, e: Error| format!("{what} are read from /proc: no BPF iterator: {e}");
        match Loaded::new(true, true) {
            Ok(both) => (all.object, all.has_threads, all.has_files) = (Some(both), true, true),
            Err(of_both) => match (Loaded::new(true, false), Loaded::new(false, true)) {
                (Ok(threads), other) => {
                    (all.object, all.has_threads) = (Some(threads), true);
                    all.notes.push(note("open files", other.err().unwrap_or(of_both)));
                }
                (Err(e), Ok(files)) => {
                    (all.object, all.has_files) = (Some(files), true);
                    all.notes.push(note("threads", e));
                }
                (Err(_), Err(_)) => all.notes.push(note("threads and open files", of_both)),
            },
        }
        all
    }

    /// Whether there is an iterator of fds.
    pub fn has_files(&self) -> bool {
        self.has_files
    }

    fn threads(&mut self) -> Option<&mut Loaded> {
        self.object.as_mut().filter(|_| self.has_threads)
    }

    fn files(&mut self) -> Option<&mut Loaded> {
        self.object.as_mut().filter(|_| self.has_files)
    }

    /// Whether an iterator can be restricted to one thread or process.
    fn restricts(&self) -> bool {
        self.object.as_ref().is_some_and(|i| i.selection.get().restricts != 0)
    }
}

impl Loaded {
    fn new(threads: bool, files: bool) -> Result<Loaded> {
        if !Path::new("/sys/kernel/btf/vmlinux").exists() {
            return Err(Error::NotSupported("BPF on a kernel without BTF (/sys/kernel/btf/vmlinux)".into()));
        }
        let mut object = Object::open(ITERATORS)?;
        object.set_autoload(THREADS, threads)?;
        object.set_autoload(FILES, files)?;
        let size = object.value_size(".data.selection")?;
        if size != size_of::<Selection>() {
            let own = size_of::<Selection>();
            return Err(Error::Invalid(format!(
                "the BPF iterators do not belong to this library: .data.selection has {size} bytes instead of {own}"
            )));
        }
        object.load()?;
        // SAFETY: the size was checked; `Selection` has the layout of `driver/bpf/iterators.h` and consists of integers.
        let selection = unsafe { Global::<Selection>::new(object.map_fd(".data.selection")?) };
        let selection = selection.map_err(|e| not_mapped("the selection of the BPF iterators", e))?;
        Ok(Loaded { object, selection })
    }

    /// Runs an iterator and calls `each` for every record.
    fn pass(&mut self, program: &str, selection: Selection, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let restricts = self.selection.get().restricts != 0;
        self.selection.set(Selection { restricts: restricts.into(), ..selection });
        let to = Restriction { tid: selection.tid, pid: selection.pid };
        let mut file = self.object.iterate(program, (restricts && to != Restriction::default()).then_some(to))?;
        // One read(2) returns at most eight pages of whole records.
        let mut buffer = vec![0; 256 << 10];
        let mut filled = 0;
        loop {
            match file.read(&mut buffer[filled..]) {
                Ok(0) if filled == 0 => return Ok(()),
                Ok(0) => return Err(bad(program, "ends in the middle of a record")),
                Ok(n) => filled += n,
                // The kernel returns EAGAIN after a million threads without a record; the next read continues.
                Err(e) if matches!(e.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => continue,
                Err(e) => return Err(Error::io(format!("reading the BPF iterator {program}"), e)),
            }
            let mut at = 0;
            while let Some(size) = record_size(&buffer[at..filled]) {
                if size < 4 || size > buffer.len() {
                    return Err(bad(program, &format!("says a record has {size} bytes")));
                }
                let Some(record) = buffer[..filled].get(at..at + size) else { break };
                each(record)?;
                at += size;
            }
            buffer.copy_within(at..filled, 0);
            filled -= at;
        }
    }

    fn threads(&mut self, selection: Selection) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        self.pass(THREADS, selection, |record| {
            ThreadRecord::parse(record).ok_or_else(|| bad(THREADS, "has a record that does not hold together"))?;
            all.extend_from_slice(record);
            counts::count(Reported::Thread);
            Ok(())
        })?;
        Ok(all)
    }

    fn files(&mut self, selection: Selection, mut each: impl FnMut(&FileRecord)) -> Result<()> {
        self.pass(FILES, selection, |record| {
            let file = FileRecord::parse(record);
            let file = file.ok_or_else(|| bad(FILES, "has a record that does not hold together"))?;
            if let Some(what) = counts::kind(&file) {
                counts::count(what);
            }
            each(&file);
            Ok(())
        })
    }
}

fn bad(program: &str, what: &str) -> Error {
    Error::Invalid(format!("the BPF iterator {program} {what}"))
}

/// Iterators see the pid namespace of their reader but report ids of the initial one. Both must be the same, so this
/// process must be in the initial namespaces, which `self` in the host's /proc shows.
fn same_system(proc: &Dir) -> std::result::Result<(), &'static str> {
    /// The inodes of the initial namespaces: `PROC_PID_INIT_INO` and `PROC_USER_INIT_INO`.
    const FIRST: [(&std::ffi::CStr, u64); 2] = [(c"self/ns/pid", 0xefff_fffc), (c"self/ns/user", 0xefff_fffd)];
    if !proc.is_procfs() {
        return Err("the host's /proc is not the kernel's");
    }
    for (file, first) in FIRST {
        match proc.stat(file) {
            Ok(ns) if ns.st_ino == first => {}
            Ok(_) => return Err("this program is in a pid or user namespace of its own"),
            Err(_) => return Err("the host's /proc does not show this program"),
        }
    }
    Ok(())
}
