//! The data of mounts: the device, and for an overlayfs the layer of a file.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::procfs::{Dir, host_dir, lines, number, unescape, words};

/// The mounts read so far, by id. An id is unique in the whole system while the mount exists.
#[derive(Default)]
pub(super) struct Mounts(HashMap<u32, Mount>);

#[derive(Debug, Default, PartialEq)]
struct Mount {
    /// In the kernel's 32-bit encoding (`new_encode_dev`); 0 if unknown.
    device: u32,
    overlay: Option<Overlay>,
}

#[derive(Debug, PartialEq)]
struct Overlay {
    /// The directory of the file system that is mounted.
    root: Vec<u8>,
    /// The mount point, as its processes see it.
    point: Vec<u8>,
    /// The upper directory on the host; `None` for a read-only overlayfs.
    upper: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// The writable layer.
    Upper,
    /// The read-only layers.
    Lower,
}

impl Mounts {
    fn get(&mut self, dir: &Dir, id: u32, buffer: &mut Vec<u8>) -> &Mount {
        const UNKNOWN: &Mount = &Mount { device: 0, overlay: None };
        if !self.0.contains_key(&id) {
            if dir.read(c"mountinfo", buffer, 64 << 20).is_err() {
                return UNKNOWN;
            }
            self.0.extend(lines(buffer).filter_map(parse));
        }
        // A mount that no list has, such as that of pipes, is stored as unknown and not searched for again.
        self.0.entry(id).or_default()
    }

    /// The device number of a mount in the mount namespace of the process in `dir`; 0 if unknown.
    pub fn device(&mut self, dir: &Dir, mount_id: u32, buffer: &mut Vec<u8>) -> u32 {
        self.get(dir, mount_id, buffer).device
    }

    /// The layer of the file `path` of the process in `dir`, if the mount `id` is an overlayfs and the file exists. The
    /// layers are looked up in the host's mount namespace, through `proc`.
    pub fn layer(&mut self, proc: &Path, dir: &Dir, id: u32, path: &[u8], buffer: &mut Vec<u8>) -> Option<Layer> {
        let overlay = self.get(dir, id, buffer).overlay.as_ref()?;
        let below = path.strip_prefix(overlay.point.strip_suffix(b"/").unwrap_or(&overlay.point))?;
        let Some(upper) = &overlay.upper else { return Some(Layer::Lower) };
        let mut in_upper = host_dir(proc, upper);
        if !in_upper.is_dir() {
            return None;
        }
        for part in [&overlay.root, below] {
            in_upper.push(OsStr::from_bytes(part.strip_prefix(b"/").unwrap_or(part)));
        }
        Some(if in_upper.symlink_metadata().is_ok() { Layer::Upper } else { Layer::Lower })
    }
}

/// A line of mountinfo: `id parent major:minor root point options fields… - type source options`.
fn parse(line: &[u8]) -> Option<(u32, Mount)> {
    let mut words = words(line);
    let id = number(words.next()?, 10)?;
    let mut device = words.nth(1)?.split(|&b| b == b':');
    let (major, minor) = (number(device.next()?, 10)?, number(device.next()?, 10)?);
    let (root, point) = (words.next(), words.next());
    let overlay = (|| {
        let kind = words.by_ref().skip_while(|w| *w != b"-").nth(1)?;
        let options = words.nth(1)?;
        (kind == b"overlay").then_some(())?;
        let upper = options.split(|&b| b == b',').find_map(|o| o.strip_prefix(b"upperdir="));
        Some(Overlay { root: unescape(root?), point: unescape(point?), upper: upper.map(unescape) })
    })();
    let device = rustix::fs::makedev(major as u32, minor as u32) as u32;
    Some((id as u32, Mount { device, overlay }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_mountinfo() {
        let plain = |device| Some((36, Mount { device, overlay: None }));
        assert_eq!(parse(b"36 35 98:0 /a /b rw - ext3 /dev/root rw"), plain(98 << 8));
        assert_eq!(parse(b"36 35 8:259 / / rw"), plain(8 << 8 | 3 | 1 << 20));
        assert_eq!(parse(b"36 35 98"), None);
        let line = br"69 45 0:40 / /m\040n rw shared:1 - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w";
        let overlay = Overlay { root: b"/".into(), point: b"/m n".into(), upper: Some(b"/u".into()) };
        assert_eq!(parse(line), Some((69, Mount { device: 40, overlay: Some(overlay) })));
    }

    #[test]
    fn a_file_of_this_process() {
        use std::os::fd::AsRawFd;
        use std::os::unix::fs::MetadataExt;
        let file = std::fs::File::open("/proc/version").unwrap();
        let dir = Dir::open("/proc/self".as_ref()).unwrap();
        let mut buffer = Vec::new();
        dir.read(format!("fdinfo/{}", file.as_raw_fd()), &mut buffer, 4096).unwrap();
        let id = lines(&buffer).find_map(|l| l.strip_prefix(b"mnt_id:")).unwrap();
        let id = number(id.trim_ascii(), 10).unwrap() as u32;
        let dev = Mounts::default().device(&dir, id, &mut buffer);
        assert_eq!(dev, file.metadata().unwrap().dev() as u32);
        assert_eq!(Mounts::default().device(&dir, u32::MAX, &mut buffer), 0);
    }
}
