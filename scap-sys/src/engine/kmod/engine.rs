//! The engine: the devices open, their rings read, what they report changed.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use driver::Sc;
use rustix::time::ClockId;

use super::control::{self, Device, Selection, number};
use super::counts::Counts;
use super::ring::Ring;
use crate::engine::kept::Selected;
use crate::engine::merge::Merge;
use crate::engine::rings::{Reader, Startable};
use crate::engine::{Engine, Kept, ReadStats, Setting, Stats, Status};
use crate::linux::Names;
use crate::{Error, Result};

/// The oldest version of the module's interface that serves, and of its events: the first number must be the same, the others not less.
const API: [u64; 3] = [10, 0, 0];
const SCHEMA: [u64; 3] = [4, 3, 0];

/// The options of a capture by the kernel module.
#[derive(Debug, Clone)]
pub struct KmodOptions {
    /// The size of each ring in bytes: a power of two, more than two pages, up to 1 GiB.
    pub buffer_bytes: usize,
    /// The system calls and tracepoints to capture; `None` for all. [`Engine::set_interesting`] changes it.
    pub interesting: Option<Vec<Sc>>,
}

impl Default for KmodOptions {
    fn default() -> Self {
        KmodOptions { buffer_bytes: 8 << 20, interesting: None }
    }
}

/// Where the module's devices and parameters are.
struct Places<'a> {
    module: &'a str,
    /// The devices are these paths with the numbers of CPUs behind them.
    devices: PathBuf,
    parameters: PathBuf,
}

impl Places<'_> {
    fn of_this_machine(names: &Names) -> Places<'_> {
        let root = std::env::var_os(&names.host_root).map(PathBuf::from).unwrap_or_else(|| "/".into());
        Places::below(&root.join("dev"), Path::new("/sys/module"), names)
    }

    fn below<'a>(dev: &Path, modules: &Path, names: &'a Names) -> Places<'a> {
        // The kernel has no hyphens in the names of modules.
        let directory = names.module.replace('-', "_");
        Places {
            module: &names.module,
            devices: dev.join(&names.device),
            parameters: modules.join(directory).join("parameters"),
        }
    }

    fn device(&self, cpu: u16) -> PathBuf {
        let mut path = self.devices.clone().into_os_string();
        path.push(cpu.to_string());
        path.into()
    }
}

/// The engine that captures the running system by the kernel module.
///
/// The thread that opens it is the module's consumer: a second engine of the same thread finds the devices busy.
pub struct KmodEngine {
    reader: Reader<Ring>,
    /// The devices, of which the first takes the ioctls.
    devices: Vec<File>,
    selected: Selected,
    started: bool,
    /// What the module reports.
    reported: Selection,
    counts: Arc<Counts>,
    api_version: u64,
    schema_version: u64,
}

impl Drop for KmodEngine {
    fn drop(&mut self) {
        // The pages with the counters go with the rings.
        self.counts.close();
    }
}

impl KmodEngine {
    /// Opens the devices. Nothing is captured before [`Engine::start`].
    pub fn open(options: &KmodOptions, names: &Names) -> Result<KmodEngine> {
        KmodEngine::open_at(options, &Places::of_this_machine(names))
    }

    fn open_at(options: &KmodOptions, places: &Places) -> Result<KmodEngine> {
        check_buffer_bytes(options.buffer_bytes)?;
        let selected = Selected::new(options.interesting.as_deref())?;
        set_buffer_bytes(&places.parameters, options.buffer_bytes)?;
        let (mut devices, mut rings) = (Vec::new(), Vec::new());
        let (mut api_version, mut schema_version) = (0, 0);
        for cpu in 0..configured_cpus() {
            let path = places.device(cpu);
            let Some(device) = open_device(&path, devices.is_empty(), places)? else { continue };
            if devices.is_empty() {
                api_version = version(&device, number::API, places.module, "API", API)?;
                schema_version = version(&device, number::SCHEMA, places.module, "event schema", SCHEMA)?;
            }
            let map = |e| {
                Error::io(format_args!("mapping the ring of {} ({} bytes)", path.display(), options.buffer_bytes), e)
            };
            rings.push((Ring::new(&device, options.buffer_bytes).map_err(map)?, cpu, vec![cpu]));
            devices.push(device);
        }
        if devices.is_empty() {
            let module = places.module;
            return Err(Error::Invalid(format!("the kernel module {module} has no device of a CPU that is online")));
        }
        // SAFETY: the rings, which keep the pages, are dropped after `close`, in `Drop`.
        let counts = Arc::new(unsafe { Counts::new(rings.iter().map(|(ring, ..)| ring.info()).collect()) });
        Ok(KmodEngine {
            reader: Reader::new(Merge::new(rings), options.buffer_bytes, counts.malformed.clone()),
            devices,
            selected,
            started: false,
            reported: Selection::NONE,
            counts,
            api_version,
            schema_version,
        })
    }

    /// The number of devices that are open: one for each CPU that was online (`scap_get_ndevs` in C).
    pub fn rings(&self) -> usize {
        self.reader.len()
    }

    /// The counters of the module.
    pub fn counts(&self) -> &dyn ReadStats {
        &*self.counts
    }

    /// The version of the module's interface, packed as by `PPM_API_VERSION` in C.
    pub fn api_version(&self) -> u64 {
        self.api_version
    }

    /// The version of the module's events, packed likewise.
    pub fn schema_version(&self) -> u64 {
        self.schema_version
    }

    /// How often each possible CPU has called the module.
    pub fn tracepoint_hits(&self) -> Result<Vec<i64>> {
        // The module writes one for each possible CPU, of which there may be more than are configured.
        let mut hits = vec![0_i64; crate::engine::bpf::possible_cpus()?];
        self.devices[0]
            .call(number::HITS, hits.as_mut_ptr().expose_provenance())
            .map_err(|e| Error::io("reading how often the kernel module was called", e))?;
        Ok(hits)
    }

    /// The clock of the events' timestamps: nanoseconds since the Unix epoch.
    fn now() -> u64 {
        let t = rustix::time::clock_gettime(ClockId::Realtime);
        t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
    }
}

impl Startable for KmodEngine {
    fn started(&mut self) -> &mut bool {
        &mut self.started
    }

    fn apply(&mut self) -> Result<()> {
        let wanted = if self.started { Selection::of(&self.selected) } else { Selection::NONE };
        self.reported.change_to(&wanted, &self.devices[0])
    }
}

impl Engine for KmodEngine {
    fn name(&self) -> &'static str {
        "kmod"
    }

    fn as_kmod(&mut self) -> Option<&mut KmodEngine> {
        Some(self)
    }

    fn next(&mut self) -> Result<Status> {
        Ok(self.reader.next(Self::now))
    }

    fn bytes(&self) -> &[u8] {
        self.reader.bytes()
    }

    fn origin(&self) -> (u16, u32) {
        self.reader.origin()
    }

    fn start(&mut self) -> Result<()> {
        self.begin()
    }

    fn stop(&mut self) -> Result<()> {
        self.end()?;
        self.reader.end_wait();
        Ok(())
    }

    fn is_live(&self) -> bool {
        true
    }

    fn stats(&mut self) -> Result<Stats> {
        Ok(self.counts.sum())
    }

    fn stats_reader(&self) -> Option<Arc<dyn ReadStats>> {
        Some(self.counts.clone())
    }

    fn set_interesting(&mut self, sc: Sc, interesting: bool) -> Result<()> {
        self.selected.set(sc, interesting)?;
        self.apply()
    }

    fn keep(&mut self, kept: &[Kept]) -> Result<()> {
        self.selected.keep(kept);
        self.apply()
    }

    fn set(&mut self, setting: Setting) -> Result<()> {
        setting.check()?;
        control::set(&self.devices[0], setting)
    }
}

fn configured_cpus() -> u16 {
    // SAFETY: sysconf has no conditions.
    let n = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_CONF) };
    u16::try_from(n).unwrap_or(1).max(1)
}

fn check_buffer_bytes(bytes: usize) -> Result<()> {
    let page = rustix::param::page_size();
    if !bytes.is_power_of_two() || bytes <= 2 * page || bytes > 1 << 30 {
        return Err(Error::Invalid(format!(
            "a buffer of {bytes} bytes: the size must be a power of two, more than {} and not more than {}",
            2 * page,
            1 << 30
        )));
    }
    Ok(())
}

/// Makes the module give the devices that are opened next rings of this size. A module without the parameter is one of another interface, which
/// its version shows; an absent module, its devices.
fn set_buffer_bytes(parameters: &Path, bytes: usize) -> Result<()> {
    let path = parameters.join("g_buffer_bytes_dim");
    let fail = |what: &str, e| Error::io(format_args!("{what} {}", path.display()), e);
    match fs::read_to_string(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(fail("reading", e)),
        Ok(text) if text.trim().parse() == Ok(bytes) => Ok(()),
        Ok(_) => fs::write(&path, bytes.to_string()).map_err(|e| fail("writing the size of the rings to", e)),
    }
}

/// Opens a device; `None` for that of a CPU that is offline. `first`: no other device is open yet.
fn open_device(path: &Path, first: bool, places: &Places) -> Result<Option<File>> {
    let opened = File::options().read(true).write(true).custom_flags(libc::O_SYNC | libc::O_CLOEXEC).open(path);
    let name = path.display();
    let error = match opened {
        Ok(device) => return Ok(Some(device)),
        Err(error) => error,
    };
    Err(match error.raw_os_error() {
        Some(libc::ENODEV) => return Ok(None),
        // Fewer CPUs are possible than are configured: what is open are all.
        Some(libc::ENOENT | libc::ENXIO) if !first => return Ok(None),
        Some(libc::ENOENT | libc::ENXIO) => Error::Invalid(format!(
            "opening the device {name}: there is none; load the kernel module {0} (`modprobe {0}`)",
            places.module
        )),
        Some(libc::EACCES | libc::EPERM) => {
            Error::Invalid(format!("opening the device {name}: permission denied; only root may open it"))
        }
        Some(libc::EBUSY) => {
            let most = fs::read_to_string(places.parameters.join("max_consumers")).unwrap_or_default();
            let most = if most.trim().is_empty() { "?" } else { most.trim() };
            Error::Invalid(format!(
                "opening the device {name}: it is busy; this thread has it open already, or as many consumers as {}/max_consumers allows ({most})",
                places.parameters.display()
            ))
        }
        _ => Error::io(format_args!("opening the device {name}"), error),
    })
}

/// Reads a version of the module and checks that it serves.
fn version(device: &impl Device, number: u32, module: &str, what: &str, least: [u64; 3]) -> Result<u64> {
    let packed = control::read_number(device, number)
        .map_err(|e| Error::io(format_args!("reading the {what} version of the kernel module"), e))?;
    let have = [packed >> 44, packed >> 24 & 0xfffff, packed & 0xffffff];
    if have[0] != least[0] || have < least {
        let text = |v: [u64; 3]| format!("{}.{}.{}", v[0], v[1], v[2]);
        return Err(Error::Invalid(format!(
            "the kernel module {module} has {what} version {}, which does not serve: {} is needed, or a later one with the same first number",
            text(have),
            text(least)
        )));
    }
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(options: &KmodOptions, dir: &Path, names: &Names) -> String {
        match KmodEngine::open_at(options, &Places::below(&dir.join("dev"), &dir.join("modules"), names)) {
            Err(e) => e.to_string(),
            Ok(_) => panic!("it opens"),
        }
    }

    #[test]
    fn without_the_module_the_error_says_so() {
        let names = Names { module: "a-module".into(), device: "probe".into(), ..Names::default() };
        assert_eq!(
            fails(&KmodOptions::default(), Path::new("/no/such/root"), &names),
            "opening the device /no/such/root/dev/probe0: there is none; load the kernel module a-module (`modprobe a-module`)"
        );
        let places = Places::below(Path::new("/dev"), Path::new("/sys/module"), &names);
        assert_eq!(places.device(12), Path::new("/dev/probe12"));
        assert_eq!(places.parameters, Path::new("/sys/module/a_module/parameters"));
    }

    #[test]
    fn wrong_options_are_refused_before_a_device_is_opened() {
        for buffer_bytes in [0, 1000, 8192, 3 << 20, 1 << 31] {
            let error = fails(
                &KmodOptions { buffer_bytes, ..KmodOptions::default() },
                Path::new("/no/such/root"),
                &Names::default(),
            );
            assert!(error.starts_with(&format!("a buffer of {buffer_bytes} bytes: ")), "{error}");
        }
        let options = KmodOptions { interesting: Some(vec![Sc(u16::MAX)]), ..KmodOptions::default() };
        assert_eq!(
            fails(&options, Path::new("/no/such/root"), &Names::default()),
            "there is no system call with the code 65535"
        );
    }

    #[test]
    fn the_size_of_the_rings_is_written_where_it_differs() {
        let dir = std::env::temp_dir().join(format!("kmod-parameters-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let file = dir.join("g_buffer_bytes_dim");
        fs::write(&file, "8388608\n").unwrap();
        set_buffer_bytes(&dir, 8 << 20).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "8388608\n");
        set_buffer_bytes(&dir, 1 << 20).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "1048576");
        fs::remove_dir_all(&dir).unwrap();
        set_buffer_bytes(&dir, 1 << 20).unwrap();
    }

    /// A module of some version.
    struct Version(u64);

    impl Device for Version {
        fn call(&self, _: u32, arg: usize) -> io::Result<()> {
            // SAFETY: `read_number` passes the address of its number.
            unsafe { std::ptr::with_exposed_provenance_mut::<u64>(arg).write(self.0) };
            Ok(())
        }
    }

    #[test]
    fn a_module_of_another_version_is_refused() {
        let packed = |major: u64, minor: u64, patch: u64| major << 44 | minor << 24 | patch;
        for (major, minor, patch, serves) in
            [(10, 0, 0, true), (10, 1, 0, true), (10, 0, 7, true), (9, 9, 9, false), (11, 0, 0, false)]
        {
            let device = Version(packed(major, minor, patch));
            let answer = version(&device, number::API, "scap", "API", API);
            assert_eq!(answer.is_ok(), serves, "{major}.{minor}.{patch}");
        }
        let error =
            version(&Version(packed(4, 2, 9)), number::SCHEMA, "scap", "event schema", SCHEMA).unwrap_err().to_string();
        assert!(error.contains("event schema version 4.2.9") && error.contains("4.3.0 is needed"), "{error}");
    }
}
