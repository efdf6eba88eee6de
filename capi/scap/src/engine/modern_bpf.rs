//! The running kernel, captured with BPF, behind the C vtable.

use super::{Handle, NO_FILE, Opener};
use crate::engine_handle::scap_engine_handle;
use crate::metrics_v2::metrics_v2;
use crate::modern_bpf_public::scap_modern_bpf_engine_params;
use crate::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use crate::scap_int::scap;
use crate::scap_open::scap_open_args;
use crate::scap_vtable::{ENGINE_FLAG_BPF_STATS_ENABLED, scap_vtable};
use scap_sys::engine::Engine;
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::{Error, Result};
use std::collections::BTreeSet;
use std::ffi::{CStr, c_long};
use std::sync::Mutex;

pub(crate) struct ModernBpf;

pub(crate) const VTABLE: scap_vtable = scap_vtable {
    init: Some(init),
    close: Some(close),
    get_flags: Some(flags),
    get_n_devs: Some(devices),
    get_n_tracepoint_hit: Some(tracepoint_hits),
    get_api_version: Some(api_version),
    get_schema_version: Some(schema_version),
    ..super::vtable::<ModernBpf>(NO_FILE)
};

/// The engines, by their handles, that were opened to have the system scanned through BPF iterators. A platform is handed an engine's
/// handle without being told whose it is.
static ITERATING: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());

/// Whether a platform that is handed this engine scans the system through BPF iterators.
pub(crate) fn iterates(engine: scap_engine_handle) -> bool {
    ITERATING.lock().is_ok_and(|all| all.contains(&engine.m_handle.addr()))
}

unsafe extern "C" fn init(main: *mut scap, args: *mut scap_open_args) -> i32 {
    // SAFETY: as the caller promises; the parameters are those of this engine.
    unsafe {
        let answer = super::init::<ModernBpf>(main, args);
        if answer == SCAP_SUCCESS
            && let (Some(main), Some(args)) = (main.as_ref(), args.as_ref())
            && args.engine_params.cast::<scap_modern_bpf_engine_params>().as_ref().is_some_and(|p| !p.disable_iterators)
            && let Ok(mut all) = ITERATING.lock()
        {
            all.insert(main.m_engine.get().m_handle.addr());
        }
        answer
    }
}

unsafe extern "C" fn close(engine: scap_engine_handle) -> i32 {
    if let Ok(mut all) = ITERATING.lock() {
        all.remove(&engine.m_handle.addr());
    }
    // SAFETY: as the caller promises.
    unsafe { super::close::<ModernBpf>(engine) }
}

impl Opener for ModernBpf {
    type Engine = BpfEngine;
    const NAME: &'static CStr = c"modern_bpf";

    unsafe fn open(args: &scap_open_args) -> Result<BpfEngine> {
        // SAFETY: the parameters are those of this engine, or null.
        let Some(params) = (unsafe { args.engine_params.cast::<scap_modern_bpf_engine_params>().as_ref() }) else {
            return Err(Error::Invalid("opening a live capture: null engine parameters".into()));
        };
        let selected = driver::SCS.iter().zip(&args.ppm_sc_of_interest.ppm_sc).filter(|(_, set)| **set);
        BpfEngine::open(&BpfOptions {
            buffer_bytes: usize::try_from(params.buffer_bytes_dim).unwrap_or(usize::MAX),
            cpus_per_buffer: params.cpus_for_each_buffer,
            online_cpus_only: params.allocate_online_only,
            interesting: Some(selected.map(|(sc, _)| sc.sc).collect()),
        })
    }

    fn metrics(engine: &mut BpfEngine, flags: u32, metrics: &mut Vec<metrics_v2>) -> Result<()> {
        super::metrics::of_driver(engine, flags, metrics)
    }
}

/// Whether the kernel counts the run times of BPF programs.
pub(crate) fn kernel_counts_run_times() -> bool {
    std::fs::read("/proc/sys/kernel/bpf_stats_enabled").is_ok_and(|text| text.first().is_some_and(|&b| b == b'1'))
}

unsafe extern "C" fn flags(_engine: scap_engine_handle) -> u64 {
    if kernel_counts_run_times() { ENGINE_FLAG_BPF_STATS_ENABLED.into() } else { 0 }
}

unsafe extern "C" fn devices(engine: scap_engine_handle) -> u32 {
    // SAFETY: the vtable's own handle.
    let handle = unsafe { Handle::<BpfEngine>::of(engine) };
    handle.map_or(0, |h| h.ask(0, |e| e.rings() as u32))
}

unsafe extern "C" fn tracepoint_hits(engine: scap_engine_handle, ret: *mut c_long) -> i32 {
    // SAFETY: the vtable's own handle.
    let Some(handle) = (unsafe { Handle::<BpfEngine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        engine.stats()?;
        for (cpu, counts) in engine.counts_per_cpu().enumerate() {
            // SAFETY: the caller has room for all possible CPUs.
            unsafe { ret.add(cpu).write(counts.n_evts as c_long) };
        }
        Ok(SCAP_SUCCESS)
    })
}

/// The version of the probe's interface.
pub(crate) const API_VERSION: u64 = version(10, 1, 0);
/// The version of the probe's event table.
pub(crate) const SCHEMA_VERSION: u64 = version(4, 5, 1);

/// A version as `PPM_API_VERSION` packs it.
const fn version(major: u64, minor: u64, patch: u64) -> u64 {
    major << 44 | minor << 24 | patch
}

unsafe extern "C" fn api_version(_engine: scap_engine_handle) -> u64 {
    API_VERSION
}

unsafe extern "C" fn schema_version(_engine: scap_engine_handle) -> u64 {
    SCHEMA_VERSION
}
