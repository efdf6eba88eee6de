//! libbpf made safe to use: an object with its programs and maps, and attached programs.

use super::messages::{failed, listen, listening};
use super::room;
use std::ffi::{CString, c_int};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};

use libbpf_sys as sys;

use crate::{Error, Result};

fn name_of(name: &str) -> Result<CString> {
    CString::new(name)
        .map_err(|_| Error::Invalid(format!("a BPF name with a NUL in it: {}", name.replace('\0', "\\0"))))
}

fn os_error(negative: c_int) -> io::Error {
    io::Error::from_raw_os_error(negative.saturating_neg())
}

/// A BPF object file, loaded into the kernel after [`Object::load`]. Pointers to its programs and maps are valid until it
/// is dropped.
pub(crate) struct Object(NonNull<sys::bpf_object>);

// SAFETY: libbpf has no thread-local state per object, and all functions that change the object take `&mut self`.
unsafe impl Send for Object {}

impl Drop for Object {
    fn drop(&mut self) {
        // SAFETY: `open` created the object; nothing else closes it, and the borrow checker excludes later use.
        unsafe { sys::bpf_object__close(self.0.as_ptr()) }
    }
}

impl Object {
    /// Reads an object file from memory.
    pub fn open(file: &'static [u8]) -> Result<Object> {
        let (object, log) = listening(|| {
            let options = sys::bpf_object_open_opts {
                sz: size_of::<sys::bpf_object_open_opts>() as _,
                // Without it libbpf calls the object by its address.
                object_name: c"scap".as_ptr(),
                ..Default::default()
            };
            // SAFETY: the bytes live as long as the program, the options through the call.
            let object = unsafe { sys::bpf_object__open_mem(file.as_ptr().cast(), file.len() as _, &options) };
            NonNull::new(object).map(Object).ok_or_else(io::Error::last_os_error)
        });
        object.map_err(|e| failed("reading the BPF probe", e, &log))
    }

    /// Sets whether a program will be loaded. Only before [`Object::load`].
    pub fn set_autoload(&mut self, name: &str, load: bool) -> Result<()> {
        // SAFETY: `program` returned a pointer into this object, which is alive.
        match unsafe { sys::bpf_program__set_autoload(self.program(name)?.as_ptr(), load) } {
            0 => Ok(()),
            err => Err(Error::io(format!("selecting the BPF program {name}"), os_error(err))),
        }
    }

    /// Sets whether a map will be created. Only before [`Object::load`].
    pub fn set_autocreate(&mut self, map: &str, create: bool) -> Result<()> {
        // SAFETY: `map` returned a pointer into this object, which is alive.
        match unsafe { sys::bpf_map__set_autocreate(self.map(map)?.as_ptr(), create) } {
            0 => Ok(()),
            err => Err(Error::io(format!("selecting the BPF map {map}"), os_error(err))),
        }
    }

    /// Verifies and loads all programs and creates all maps.
    pub fn load(&mut self) -> Result<()> {
        globals_work()?;
        room::check(self.files()).map_err(|e| Error::io("loading the BPF probe into the kernel", e))?;
        // SAFETY: the object is open until it is dropped, and `&mut self` excludes other calls.
        let (err, log) = listening(|| unsafe { sys::bpf_object__load(self.0.as_ptr()) });
        let hint = match -err {
            // libbpf removed maps from the programs because it believes the kernel lacks them.
            _ if log.contains("is not pointing to valid bpf_map") => DETECTION_FAILED,
            // Without BTF function types the kernel verifies a function at each call and exceeds its limit.
            libc::E2BIG => MAYBE_DETECTION_FAILED,
            _ => "",
        };
        let what = format!("loading the BPF probe into the kernel{hint}");
        if err == 0 { Ok(()) } else { Err(failed(&what, os_error(err), &log)) }
    }

    /// How many maps and programs are loaded, of which each is an open file.
    fn files(&self) -> usize {
        let (mut files, mut map, mut program) = (0, ptr::null_mut(), ptr::null_mut());
        // SAFETY: the object is alive; `map` is null or a map of it, `program` null or a program of it.
        unsafe {
            while let Some(next) = NonNull::new(sys::bpf_object__next_map(self.0.as_ptr(), map)) {
                map = next.as_ptr();
                files += usize::from(sys::bpf_map__autocreate(map));
            }
            while let Some(next) = NonNull::new(sys::bpf_object__next_program(self.0.as_ptr(), program)) {
                program = next.as_ptr();
                files += usize::from(sys::bpf_program__autoload(program));
            }
        }
        files
    }

    fn map(&self, name: &str) -> Result<NonNull<sys::bpf_map>> {
        let c = name_of(name)?;
        // SAFETY: the object is open until it is dropped; `c` is a NUL-terminated string that outlives the call.
        let map = unsafe { sys::bpf_object__find_map_by_name(self.0.as_ptr(), c.as_ptr()) };
        NonNull::new(map).ok_or_else(|| Error::Invalid(format!("the BPF probe has no map {name}")))
    }

    /// Sets the number of entries of a map. Only before [`Object::load`].
    pub fn set_max_entries(&mut self, map: &str, entries: u32) -> Result<()> {
        // SAFETY: `map` returned a pointer into this object, which is alive.
        match unsafe { sys::bpf_map__set_max_entries(self.map(map)?.as_ptr(), entries) } {
            0 => Ok(()),
            err => Err(Error::io(format!("setting the size of the BPF map {map}"), os_error(err))),
        }
    }

    /// Sets the template for the inner maps of a map of maps. Only before [`Object::load`], and `inner` must be open until
    /// then.
    pub fn set_inner_map(&mut self, map: &str, inner: &OwnedFd) -> Result<()> {
        // SAFETY: `map` returned a pointer into this object; `inner` is an open fd. libbpf neither duplicates nor closes it
        // here.
        match unsafe { sys::bpf_map__set_inner_map_fd(self.map(map)?.as_ptr(), inner.as_raw_fd()) } {
            0 => Ok(()),
            err => Err(Error::io(format!("setting what the BPF map {map} holds"), os_error(err))),
        }
    }

    /// Sets the initial content of a map of global variables. Only before [`Object::load`].
    pub fn set_initial_value(&mut self, map: &str, value: &[u8]) -> Result<()> {
        // SAFETY: `map` returned a pointer into this object; libbpf copies `value.len()` bytes of `value` during the call.
        let err = unsafe {
            sys::bpf_map__set_initial_value(self.map(map)?.as_ptr(), value.as_ptr().cast(), value.len() as _)
        };
        if err == 0 { Ok(()) } else { Err(Error::io(format!("setting the BPF map {map}"), os_error(err))) }
    }

    /// The size of a map's value, in bytes.
    pub fn value_size(&self, map: &str) -> Result<usize> {
        // SAFETY: `map` returned a pointer into this object, which is alive.
        Ok(unsafe { sys::bpf_map__value_size(self.map(map)?.as_ptr()) } as usize)
    }

    /// The fd of a map. Only after [`Object::load`].
    pub fn map_fd(&self, map: &str) -> Result<BorrowedFd<'_>> {
        // SAFETY: `map` returned a pointer into this object, which is alive.
        let fd = unsafe { sys::bpf_map__fd(self.map(map)?.as_ptr()) };
        if fd < 0 {
            return Err(Error::Invalid(format!("the BPF map {map} is not loaded")));
        }
        // SAFETY: libbpf closes the fd in `bpf_object__close`; the lifetime of the result ends before.
        Ok(unsafe { BorrowedFd::borrow_raw(fd) })
    }

    fn program(&self, name: &str) -> Result<NonNull<sys::bpf_program>> {
        let c = name_of(name)?;
        // SAFETY: the object is open until it is dropped; `c` is a NUL-terminated string that outlives the call.
        let program = unsafe { sys::bpf_object__find_program_by_name(self.0.as_ptr(), c.as_ptr()) };
        NonNull::new(program).ok_or_else(|| Error::Invalid(format!("the BPF probe has no program {name}")))
    }

    /// The name of each program, and how many instructions its own function has. Only before [`Object::load`], which appends the functions that
    /// it calls.
    #[cfg(test)]
    pub fn programs(&self) -> Vec<(String, usize)> {
        let mut programs = Vec::new();
        let mut last = ptr::null_mut();
        // SAFETY: the object is alive; `last` is null or a program of it.
        while let Some(program) = NonNull::new(unsafe { sys::bpf_object__next_program(self.0.as_ptr(), last) }) {
            last = program.as_ptr();
            // SAFETY: libbpf returned the program; its name is a NUL-terminated string that lives as long as the object.
            let name = unsafe { std::ffi::CStr::from_ptr(sys::bpf_program__name(last)) };
            // SAFETY: libbpf returned the program.
            let instructions = unsafe { sys::bpf_program__insn_cnt(last) };
            programs.push((name.to_string_lossy().into_owned(), instructions as usize));
        }
        programs
    }

    /// The fd of a program. Only after [`Object::load`].
    pub fn program_fd(&self, name: &str) -> Result<BorrowedFd<'_>> {
        // SAFETY: `program` returned a pointer into this object, which is alive.
        let fd = unsafe { sys::bpf_program__fd(self.program(name)?.as_ptr()) };
        if fd < 0 {
            return Err(Error::Invalid(format!("the BPF program {name} is not loaded")));
        }
        // SAFETY: libbpf closes the fd in `bpf_object__close`; the lifetime of the result ends before.
        Ok(unsafe { BorrowedFd::borrow_raw(fd) })
    }

    /// Attaches a program to the tracepoint in its section name.
    pub fn attach(&self, name: &str) -> Result<Link> {
        let program = self.program(name)?;
        let (link, log) = listening(|| {
            // SAFETY: `program` returned a pointer into this object, which is alive.
            let link = unsafe { sys::bpf_program__attach(program.as_ptr()) };
            NonNull::new(link).map(Link).ok_or_else(io::Error::last_os_error)
        });
        link.map_err(|e| failed(&format!("attaching the BPF program {name}"), e, &log))
    }
}

/// Fails if the kernel rejects a program with a mappable global variable; the probe has several.
///
/// libbpf makes the same test, but takes any error for "not supported" and remembers that for the life of the process.
/// Testing first reports a temporary error, such as EMFILE, before libbpf can remember it.
fn globals_work() -> Result<()> {
    static CHECKED: AtomicBool = AtomicBool::new(false);
    if CHECKED.load(Ordering::Relaxed) {
        return Ok(());
    }
    let options = sys::bpf_map_create_opts {
        sz: size_of::<sys::bpf_map_create_opts>() as _,
        map_flags: sys::BPF_F_MMAPABLE,
        ..Default::default()
    };
    let (answer, log) = listening(|| {
        // SAFETY: a null name is allowed; `options` is a local variable and has its size in `sz`.
        let map = owned(unsafe { sys::bpf_map_create(sys::BPF_MAP_TYPE_ARRAY, ptr::null(), 4, 8, 1, &options) })?;
        let insn = |code: u32, src: u32, imm| sys::bpf_insn {
            code: code as u8,
            _bitfield_1: sys::bpf_insn::new_bitfield_1(0, src as u8),
            imm,
            ..Default::default()
        };
        // r0 = &variable; r0 = 0; return r0
        let program = [
            insn(sys::BPF_LD | sys::BPF_IMM | sys::BPF_DW, sys::BPF_PSEUDO_MAP_VALUE, map.as_raw_fd()),
            insn(0, 0, 0),
            insn(sys::BPF_ALU64 | sys::BPF_MOV | sys::BPF_K, 0, 0),
            insn(sys::BPF_JMP | sys::BPF_EXIT, 0, 0),
        ];
        let kind = sys::BPF_PROG_TYPE_SOCKET_FILTER;
        // SAFETY: null names and options are allowed; the licence is a NUL-terminated literal, and `program` outlives the
        // call.
        let program = unsafe {
            sys::bpf_prog_load(
                kind,
                ptr::null(),
                c"GPL".as_ptr(),
                program.as_ptr(),
                program.len() as _,
                ptr::null_mut(),
            )
        };
        owned(program).map(drop)
    });
    answer.map_err(|e| failed("loading a BPF program with a variable into the kernel", e, &log))?;
    CHECKED.store(true, Ordering::Relaxed);
    Ok(())
}

/// The hint if libbpf wrongly believes that the kernel lacks a feature.
const DETECTION_FAILED: &str = " (libbpf could not find out about the kernel, and does not ask again in this process)";

/// The hint if that is only possible.
const MAYBE_DETECTION_FAILED: &str =
    " (perhaps libbpf could not find out about the kernel, and does not ask again in this process)";

pub(crate) fn not_mapped(what: &str, e: io::Error) -> Error {
    let hint = if e.raw_os_error() == Some(libc::EINVAL) { DETECTION_FAILED } else { "" };
    Error::io(format!("mapping {what}{hint}"), e)
}

/// The fd that libbpf created, or its error.
fn owned(fd: c_int) -> io::Result<OwnedFd> {
    if fd < 0 {
        return Err(os_error(fd));
    }
    // SAFETY: libbpf has just created the fd and returned its ownership.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// The restriction of an iterator to some threads; at most one field is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Restriction {
    /// A tid; 0 for all threads.
    pub tid: u32,
    /// A pid; 0 for all processes.
    pub pid: u32,
}

impl Object {
    /// Starts a pass of an iterator; the program's output is read from the file. Every kernel with iterators accepts
    /// `None`, no restriction.
    pub fn iterate(&self, name: &str, to: Option<Restriction>) -> Result<File> {
        let program = self.program(name)?;
        let mut info = sys::bpf_iter_link_info::default();
        let mut options =
            sys::bpf_iter_attach_opts { sz: size_of::<sys::bpf_iter_attach_opts>() as _, ..Default::default() };
        if let Some(to) = to {
            info.task.tid = to.tid;
            info.task.pid = to.pid;
            options.link_info = &mut info;
            options.link_info_len = size_of_val(&info) as u32;
        }
        let (link, log) = listening(|| {
            // SAFETY: `program` returned a pointer into this object; `options` and `info` are local variables that outlive
            // the call.
            let link = unsafe { sys::bpf_program__attach_iter(program.as_ptr(), &options) };
            NonNull::new(link).map(Link).ok_or_else(io::Error::last_os_error)
        });
        let link = link.map_err(|e| failed(&format!("attaching the BPF program {name}"), e, &log))?;
        // SAFETY: `link` is alive until the end of this function. The kernel keeps its own reference for the iterator's fd.
        let fd = unsafe { sys::bpf_iter_create(sys::bpf_link__fd(link.0.as_ptr())) };
        if fd < 0 {
            return Err(Error::io(format!("starting the BPF iterator {name}"), os_error(fd)));
        }
        // SAFETY: the kernel has just created the fd and returned its ownership.
        Ok(unsafe { File::from_raw_fd(fd) })
    }
}

/// An attached program, detached when dropped.
pub(crate) struct Link(NonNull<sys::bpf_link>);

// SAFETY: as for `Object`: links have no thread-local state.
unsafe impl Send for Link {}
// SAFETY: a shared `Link` has no methods.
unsafe impl Sync for Link {}

impl Drop for Link {
    fn drop(&mut self) {
        // SAFETY: `attach` or `iterate` created the link; nothing else destroys it.
        unsafe { sys::bpf_link__destroy(self.0.as_ptr()) };
    }
}

/// The kernel's data about a program. `recursion_misses` counts how often it was not run because it was running on that
/// CPU; kernels before 5.12 leave it 0.
pub(crate) fn info(program: BorrowedFd<'_>, name: &str) -> Result<sys::bpf_prog_info> {
    let mut info = sys::bpf_prog_info::default();
    let mut size = size_of_val(&info) as u32;
    // SAFETY: `program` is a borrowed, open fd; the kernel writes at most `size` bytes, the size of `info`.
    let err = unsafe { sys::bpf_prog_get_info_by_fd(program.as_raw_fd(), &mut info, &mut size) };
    match err {
        0 => Ok(info),
        err => Err(Error::io(format!("asking the kernel about the BPF program {name}"), os_error(err))),
    }
}

/// Creates a ring buffer of `bytes` bytes, a power of two and a multiple of the page size.
pub(crate) fn create_ring(bytes: u32) -> io::Result<OwnedFd> {
    listen();
    // SAFETY: null names and options are allowed; a ring buffer has neither keys nor values.
    owned(unsafe { sys::bpf_map_create(sys::BPF_MAP_TYPE_RINGBUF, ptr::null(), 0, 0, bytes, ptr::null()) })
}

/// Stores a map or program in an array of maps or programs.
pub(crate) fn set_fd(array: BorrowedFd, index: u32, fd: BorrowedFd) -> io::Result<()> {
    let (key, value): (u32, c_int) = (index, fd.as_raw_fd());
    // SAFETY: arrays of fds have keys and values of 32 bits; both are local variables.
    let err =
        unsafe { sys::bpf_map_update_elem(array.as_raw_fd(), (&raw const key).cast(), (&raw const value).cast(), 0) };
    if err == 0 { Ok(()) } else { Err(os_error(err)) }
}

/// Reads entry 0 of a per-CPU array into `values`, one value per possible CPU. Fails if `values` has fewer entries.
///
/// # Safety
/// The size of `T` must be that of the map's values and a multiple of eight, and `T` must accept any bytes.
pub(crate) unsafe fn read_per_cpu<T>(map: BorrowedFd, values: &mut [T]) -> io::Result<()> {
    let key = 0u32;
    if possible_cpus().map_or(true, |n| values.len() < n) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: the kernel writes one value per possible CPU; the check above and the size of `T` make `values` large enough.
    let err = unsafe { sys::bpf_map_lookup_elem(map.as_raw_fd(), (&raw const key).cast(), values.as_mut_ptr().cast()) };
    if err == 0 { Ok(()) } else { Err(os_error(err)) }
}

/// The number of possible CPUs of the machine (`/sys/devices/system/cpu/possible`).
pub(crate) fn possible_cpus() -> Result<usize> {
    // SAFETY: the function takes no arguments and may be called by any thread.
    let (n, log) = listening(|| unsafe { sys::libbpf_num_possible_cpus() });
    if n > 0 { Ok(n as usize) } else { Err(failed("counting the possible CPUs", os_error(n), &log)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::unsigned;

    #[test]
    fn an_object_that_is_none() {
        let Err(e) = Object::open(b"this is no ELF file at all, and long enough to be looked at as one by the library")
        else {
            panic!("it was taken")
        };
        let message = e.to_string();
        assert!(message.starts_with("reading the BPF probe (libbpf: "), "{message}");
        assert!(message.contains("): "), "the cause comes last: {message}");
    }

    /// The probe with the first instruction of its first program replaced by `exit`, which the verifier rejects as
    /// unreachable code.
    fn broken_probe() -> &'static [u8] {
        let mut elf = driver::PROBE.to_vec();
        let number = |elf: &[u8], at: usize, len: usize| unsigned(&elf[at..at + len]).expect("a number") as usize;
        let (table, size) = (number(&elf, 0x28, 8), number(&elf, 0x3a, 2));
        let section =
            |elf: &[u8], i: usize| (number(elf, table + i * size, 4), number(elf, table + i * size + 0x18, 8));
        let names = section(&elf, number(&elf, 0x3e, 2)).1;
        let code = (0..number(&elf, 0x3c, 2)).map(|i| section(&elf, i));
        let (_, code) =
            code.into_iter().find(|(name, _)| elf[names + name..].starts_with(b"tp_btf/sys_exit\0")).unwrap();
        elf.resize(elf.len().next_multiple_of(8), 0);
        elf[code..code + 8].copy_from_slice(&[0x95, 0, 0, 0, 0, 0, 0, 0]);
        // The loader requires an alignment of eight bytes; the memory is leaked for the rest of the test.
        let words: Vec<u64> = elf.as_chunks::<8>().0.iter().map(|c| u64::from_ne_bytes(*c)).collect();
        let words = Vec::leak(words);
        // SAFETY: `words` is leaked and has at least `elf.len()` bytes.
        unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), elf.len()) }
    }

    #[test]
    fn a_program_that_the_verifier_rejects() {
        if let Err(e) = super::super::BpfEngine::open(&super::super::BpfOptions::default()) {
            return eprintln!("SKIPPED: {e}");
        }
        let ring = create_ring(4096).unwrap();
        let mut object = Object::open(broken_probe()).unwrap();
        object.set_inner_map("rings", &ring).unwrap();
        object.set_autocreate("first_calls", false).unwrap();
        super::super::preemption::PROGRAMS.iter().for_each(|name| object.set_autoload(name, false).unwrap());
        let Err(Error::Io { what, source }) = object.load() else { panic!("it was taken") };
        assert_eq!(what, "loading the BPF probe into the kernel (its verifier rejects a program)");
        assert_eq!(source.kind(), io::ErrorKind::InvalidData);
        let message = source.to_string();
        assert!(message.contains("unreachable ins"), "what the verifier says is part of it: {message}");
    }

    #[test]
    fn maps_and_programs_are_asked_for_by_name() {
        let object = Object::open(driver::PROBE).unwrap();
        assert_eq!(object.map_fd("nothing").unwrap_err().to_string(), "the BPF probe has no map nothing");
        assert_eq!(object.map_fd("rings").unwrap_err().to_string(), "the BPF map rings is not loaded");
        assert_eq!(object.program_fd("nothing").unwrap_err().to_string(), "the BPF probe has no program nothing");
        for (_, name) in driver::EXIT_PROGRAMS {
            object.program(name).unwrap();
        }
    }
}
