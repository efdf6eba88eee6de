//! Loading the probe, step by step.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use driver::{EXIT_PROGRAMS, PROBE};

use super::counts::{Counts, DROPS};
use super::engine::{BpfEngine, called_by_kernel};
use super::enter;
use super::libbpf::{self, Object};
use super::options::BpfOptions;
use super::preemption;
use super::ring::Ring;
use super::shared::{Counters, Drops, Global, Interesting, Settings};
use crate::engine::kept::Selected;
use crate::engine::merge::Merge;
use crate::engine::rings::Reader;
use crate::linux::boot_time;
use crate::{Error, Result};

impl BpfEngine {
    /// Loads the probe. Nothing is captured before [`Engine::start`](crate::engine::Engine::start).
    pub fn open(options: &BpfOptions) -> Result<BpfEngine> {
        let mut loader = Loader::open(options)?;
        loader.prepare_rings()?;
        loader.prepare_maps()?;
        loader.load()?;
        loader.make_rings()?;
        loader.fill_maps()?;
        loader.finish()
    }
}

/// The steps of loading the probe. [`BpfEngine::open`] runs all of them.
///
/// A step out of order fails and changes nothing.
pub struct Loader {
    options: BpfOptions,
    preemptible: bool,
    possible: usize,
    layout: Layout,
    object: Object,
    /// The template of the ring buffers, until they are created.
    template: Option<OwnedFd>,
    /// The ring buffers, each with the CPU that names it and the CPUs that write to it.
    rings: Vec<(Ring, u16, Vec<u16>)>,
    memory: Option<(Global<Settings>, Global<Interesting>)>,
    boot_time: u64,
}

impl Loader {
    /// Checks the options and the kernel, and opens the probe's object file.
    pub fn open(options: &BpfOptions) -> Result<Loader> {
        check_buffer_bytes(options.buffer_bytes)?;
        check_kernel()?;
        let possible = libbpf::possible_cpus()?;
        let layout = Layout::new(possible, &online_cpus(possible)?, options)?;
        let mut object = Object::open(PROBE)?;
        check_size::<Settings>(&object, ".data.settings")?;
        check_size::<Interesting>(&object, ".data.interesting")?;
        check_size::<Counters>(&object, "counters")?;
        check_size::<Drops>(&object, DROPS)?;
        let preemptible = is_preemptible()?;
        check_size::<u8>(&object, ".rodata.kernel")?;
        object.set_initial_value(".rodata.kernel", &[preemptible.into()])?;
        object.set_autocreate("first_calls", preemptible)?;
        for program in preemption::PROGRAMS {
            object.set_autoload(program, preemptible)?;
        }
        Ok(Loader {
            options: options.clone(),
            preemptible,
            possible,
            layout,
            object,
            template: None,
            rings: Vec::new(),
            memory: None,
            boot_time: 0,
        })
    }

    /// Sets the number and the size of the ring buffers; before [`Loader::load`].
    pub fn prepare_rings(&mut self) -> Result<()> {
        self.object.set_max_entries("rings", self.possible as u32)?;
        let template = self.new_ring()?;
        self.object.set_inner_map("rings", &template)?;
        self.template = Some(template);
        Ok(())
    }

    /// Sets the sizes of the other maps; before [`Loader::load`].
    pub fn prepare_maps(&mut self) -> Result<()> {
        self.object.set_max_entries("scratch", self.possible as u32)
    }

    /// Loads the programs and maps into the kernel.
    pub fn load(&mut self) -> Result<()> {
        if self.template.is_none() {
            return Err(Error::Invalid("loading the BPF probe: its ring buffers are not prepared".into()));
        }
        self.object.load()
    }

    /// Creates the ring buffers and assigns one to each CPU; after [`Loader::load`].
    pub fn make_rings(&mut self) -> Result<()> {
        let of_cpus = self.object.map_fd("rings")?;
        let mut rings = Vec::with_capacity(self.layout.first_cpus.len());
        for (index, &first) in self.layout.first_cpus.iter().enumerate() {
            let map = self.new_ring()?;
            let users = self.layout.ring_of_cpu.iter().zip(0..).filter(|(r, _)| **r == index);
            let users: Vec<u16> = users.map(|(_, cpu)| cpu).collect();
            for &cpu in &users {
                give(of_cpus, cpu, map.as_fd())?;
            }
            rings.push((map_ring(map, self.options.buffer_bytes)?, first, users));
        }
        self.rings = rings;
        self.template = None;
        Ok(())
    }

    /// Fills the program tables and maps the shared variables into memory; after [`Loader::load`].
    pub fn fill_maps(&mut self) -> Result<()> {
        self.fill_exit_programs()?;
        enter::fill(&self.object)?;
        // SAFETY: `open` checked that the maps' values have these sizes; the structs match `driver/bpf/shared.h` and
        // consist of integers.
        let (mut settings, interesting) = unsafe {
            let map = |name: &str| self.object.map_fd(name);
            (
                Global::<Settings>::new(map(".data.settings")?).map_err(|e| libbpf::not_mapped("the settings", e))?,
                Global::<Interesting>::new(map(".data.interesting")?)
                    .map_err(|e| libbpf::not_mapped("the selection of system calls", e))?,
            )
        };
        self.boot_time = boot_time();
        settings.update(|s| {
            s.boot_time_ns = self.boot_time;
            s.scap_tgid = std::process::id();
        });
        self.memory = Some((settings, interesting));
        Ok(())
    }

    /// Fills the dispatcher's table with the program of each system call; part of [`Loader::fill_maps`].
    pub fn fill_exit_programs(&self) -> Result<()> {
        fill_exit_programs(&self.object)
    }

    /// Whether all steps were run.
    pub fn is_finished(&self) -> bool {
        !self.rings.is_empty() && self.memory.is_some()
    }

    /// The engine; after all steps.
    pub fn finish(self) -> Result<BpfEngine> {
        let (false, Some((settings, interesting))) = (self.rings.is_empty(), self.memory) else {
            return Err(Error::Invalid("the BPF probe is not loaded, or its ring buffers or maps are missing".into()));
        };
        let options = self.options;
        let selected = Selected::new(options.interesting.as_deref())?;
        let programs = enter::programs();
        let counts = Counts::new(&self.object, &called_by_kernel(&programs), self.possible)?;
        Ok(BpfEngine {
            dispatcher: None,
            preemptible: self.preemptible,
            programs,
            attached: BTreeMap::new(),
            reader: Reader::new(Merge::new(self.rings), options.buffer_bytes, counts.malformed.clone()),
            settings,
            interesting,
            object: self.object,
            selected,
            started: false,
            boot_time: self.boot_time,
            counts: Arc::new(counts),
        })
    }

    fn new_ring(&self) -> Result<OwnedFd> {
        new_ring(self.options.buffer_bytes)
    }
}

impl BpfOptions {
    /// The number of ring buffers of an engine with these options.
    pub fn rings(&self) -> Result<usize> {
        let possible = libbpf::possible_cpus()?;
        Ok(Layout::new(possible, &online_cpus(possible)?, self)?.first_cpus.len())
    }
}

/// Checks whether this kernel can run the probe, without loading it.
pub fn check_support() -> Result<()> {
    check_kernel()?;
    new_ring(rustix::param::page_size()).map(drop)
}

pub(super) fn new_ring(bytes: usize) -> Result<OwnedFd> {
    libbpf::create_ring(bytes as u32).map_err(|e| {
        let hint = match e.raw_os_error() {
            Some(libc::EPERM) => " (it takes the capabilities CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN)",
            Some(libc::ENOMEM) => " (a smaller buffer may do)",
            _ => "",
        };
        Error::io(format!("making a ring buffer of {bytes} bytes{hint}"), e)
    })
}

pub(super) fn map_ring(map: OwnedFd, bytes: usize) -> Result<Ring> {
    Ring::new(map, bytes).map_err(|e| Error::io("mapping a ring buffer", e))
}

/// Makes the programs of a CPU write to a ring buffer. None of them writes to the one before when this returns: the kernel waits until all programs
/// that were running have ended (`maybe_wait_bpf_programs` in `kernel/bpf/syscall.c`, for maps of maps since 5.0), and a program that is preempted
/// counts as running, since the kernel holds the RCU read lock around each.
pub(super) fn give(of_cpus: BorrowedFd<'_>, cpu: u16, ring: BorrowedFd<'_>) -> Result<()> {
    libbpf::set_fd(of_cpus, cpu.into(), ring).map_err(|e| {
        let hint = match e.raw_os_error() {
            Some(libc::EINVAL) => " (before Linux 5.10 all must have one size)",
            _ => "",
        };
        Error::io(format!("giving CPU {cpu} its ring buffer{hint}"), e)
    })
}

struct Layout {
    ring_of_cpu: Vec<usize>,
    first_cpus: Vec<u16>,
}

impl Layout {
    fn new(possible: usize, online: &[bool], options: &BpfOptions) -> Result<Layout> {
        let counts = |cpu: usize| !options.online_cpus_only || online.get(cpu).copied().unwrap_or(false);
        let cpus: Vec<usize> = (0..possible).filter(|&c| counts(c)).collect();
        let share = match options.cpus_per_buffer {
            0 => cpus.len(),
            n if usize::from(n) <= cpus.len() => usize::from(n),
            n => {
                let have = cpus.len();
                return Err(Error::Invalid(format!("a ring buffer for every {n} CPUs: there are {have} of them")));
            }
        };
        let first_cpus: Vec<u16> = cpus.chunks(share.max(1)).map(|c| c[0] as u16).collect();
        let mut ring_of_cpu: Vec<usize> = (0..possible).map(|cpu| cpu % first_cpus.len().max(1)).collect();
        for (i, &cpu) in cpus.iter().enumerate() {
            ring_of_cpu[cpu] = i / share;
        }
        Ok(Layout { ring_of_cpu, first_cpus })
    }
}

/// Whether each possible CPU is online; all are if the kernel does not report it.
fn online_cpus(possible: usize) -> Result<Vec<bool>> {
    const FILE: &str = "/sys/devices/system/cpu/online";
    let parse = |text: String| {
        let mut online = vec![false; possible];
        for range in text.trim().split(',') {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
            online.get_mut(first..=last)?.fill(true);
        }
        Some(online)
    };
    match std::fs::read_to_string(FILE) {
        Ok(text) => Ok(parse(text).unwrap_or_else(|| vec![true; possible])),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(vec![true; possible]),
        Err(e) => Err(Error::io(format_args!("reading which CPUs are online, {FILE}"), e)),
    }
}

pub(super) fn check_buffer_bytes(bytes: usize) -> Result<()> {
    let page = rustix::param::page_size();
    let wrong = |what: String| Err(Error::Invalid(format!("a buffer of {bytes} bytes: the size {what}")));
    if !bytes.is_power_of_two() || !bytes.is_multiple_of(page) {
        return wrong(format!("must be a power of two and a multiple of the page size, {page}"));
    }
    if bytes > 1 << 30 {
        return wrong(format!("must not be more than {}", 1 << 30));
    }
    Ok(())
}

const BTF: &str = "/sys/kernel/btf/vmlinux";

fn check_kernel() -> Result<()> {
    match std::fs::metadata(BTF) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            if !std::path::Path::new("/sys/kernel").exists() {
                return Err(Error::NotSupported(format!(
                    "capturing by BPF without /sys, which is not mounted and has the kernel's BTF ({BTF}),"
                )));
            }
            let release = rustix::system::uname();
            let release = release.release().to_string_lossy().into_owned();
            Err(Error::NotSupported(format!(
                "capturing by BPF on Linux {release}, which has no BTF ({BTF}, CONFIG_DEBUG_INFO_BTF),"
            )))
        }
        Err(e) => Err(Error::io(format!("looking for the kernel's BTF, {BTF}"), e)),
    }
}

/// Whether the kernel can preempt a system call tracepoint program.
fn is_preemptible() -> Result<bool> {
    let types = std::fs::read(BTF).map_err(|e| Error::io(format!("reading the kernel's BTF, {BTF}"), e))?;
    Ok(preempts(&types, rustix::system::uname().release().to_bytes()))
}

/// Whether a kernel with these types, of this release, can preempt programs of tracepoints.
///
/// Linux 7.0 calls them with preemption on, by its change "bpf: Have __bpf_trace_run() use rcu_read_lock_dont_migrate()"; falcosecurity/falco#3955 reports the
/// damaged events. 7.0 is recognised by its release, since no type is known that it has and 6.19 lacks. 7.2 has the function `trace_call_bpf_faultable`, as an older
/// kernel has to which these changes were applied. If this returns true for a kernel that does not preempt, each call costs more; if it returns false for one that
/// does, events are damaged. The probe can only turn preemption off where the kernel has `bpf_preempt_disable` (6.10).
fn preempts(types: &[u8], release: &[u8]) -> bool {
    let has = |name: &[u8]| memchr::memmem::find(types, name).is_some();
    let digits = release.iter().take_while(|b| b.is_ascii_digit());
    let major = digits.fold(0u32, |n, b| n.saturating_mul(10).saturating_add(u32::from(b - b'0')));
    has(b"\0bpf_preempt_disable\0") && (major >= 7 || has(b"\0trace_call_bpf_faultable\0"))
}

fn check_size<T>(object: &Object, map: &str) -> Result<()> {
    match object.value_size(map)? {
        size if size == size_of::<T>() => Ok(()),
        size => Err(Error::Invalid(format!(
            "the BPF probe does not belong to this library: its {map} has {size} bytes instead of {}",
            size_of::<T>()
        ))),
    }
}

/// Fills the dispatcher's table with the program of each system call that has one.
pub(super) fn fill_exit_programs(object: &Object) -> Result<()> {
    let table = object.map_fd("exit_progs")?;
    for (number, program) in EXIT_PROGRAMS {
        libbpf::set_fd(table, *number as u32, object.program_fd(program)?)
            .map_err(|e| Error::io(format!("giving the system call {number} the BPF program {program}"), e))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_that_preempt_programs_of_tracepoints() {
        let old = b"\0trace_call_bpf\0bpf_prog\0".as_slice();
        let with_disable = b"\0trace_call_bpf\0bpf_preempt_disable\0".as_slice();
        let with_faults = b"\0bpf_preempt_disable\0trace_call_bpf_faultable\0".as_slice();
        for (types, release, want) in [
            (old, "5.10.0-30-amd64", false),
            (old, "7.0.0-22-generic", false),
            (with_disable, "6.12.30+deb13-amd64", false),
            (with_disable, "6.19.7-200.fc43.x86_64", false),
            (with_disable, "7.0.0-22-generic", true),
            (with_disable, "7.1.3", true),
            (with_disable, "10.2.0", true),
            (with_disable, "99999999999.0", true),
            (with_disable, "", false),
            (with_faults, "7.2.13+deb14-cloud-amd64", true),
            (with_faults, "6.12.0-211.el10", true),
        ] {
            assert_eq!(preempts(types, release.as_bytes()), want, "{release}");
        }
    }

    #[test]
    fn sizes_of_buffers() {
        let page = rustix::param::page_size();
        assert!(check_buffer_bytes(page).is_ok());
        assert!(check_buffer_bytes(8 << 20).is_ok());
        let message = |bytes| check_buffer_bytes(bytes).unwrap_err().to_string();
        for bytes in [page + 1, 3 * page] {
            let expected = format!(
                "a buffer of {bytes} bytes: the size must be a power of two and a multiple of the page size, {page}"
            );
            assert_eq!(message(bytes), expected);
        }
        assert!(message(0).contains("page size"));
        assert!(message(1 << 40).contains("must not be more than 1073741824"));
    }

    #[test]
    fn rings_for_cpus() {
        let online = [true, false, true, true, true];
        let layout = |cpus_per_buffer, online_cpus_only| {
            let options = BpfOptions { cpus_per_buffer, online_cpus_only, ..BpfOptions::default() };
            Layout::new(6, &online, &options).map(|l| (l.ring_of_cpu, l.first_cpus))
        };
        // CPUs 1 and 5 are offline and share ring buffers with others, in case they come online.
        assert_eq!(layout(1, true).unwrap(), (vec![0, 1, 1, 2, 3, 1], vec![0, 2, 3, 4]));
        assert_eq!(layout(1, false).unwrap(), (vec![0, 1, 2, 3, 4, 5], vec![0, 1, 2, 3, 4, 5]));
        assert_eq!(layout(3, true).unwrap(), (vec![0, 1, 0, 0, 1, 1], vec![0, 4]));
        assert_eq!(layout(0, true).unwrap(), (vec![0, 0, 0, 0, 0, 0], vec![0]));
        let message = layout(5, true).unwrap_err().to_string();
        assert_eq!(message, "a ring buffer for every 5 CPUs: there are 4 of them");
    }

    #[test]
    fn layouts_are_those_of_the_probe() {
        let object = Object::open(PROBE).unwrap();
        check_size::<Settings>(&object, ".data.settings").unwrap();
        check_size::<Interesting>(&object, ".data.interesting").unwrap();
        check_size::<Counters>(&object, "counters").unwrap();
        assert!(check_size::<u8>(&object, "counters").unwrap_err().to_string().contains("112 bytes instead of 1"));
    }
}
