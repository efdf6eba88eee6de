//! Which device a mount is on.

use std::collections::HashMap;

use super::procfs::{Dir, lines, number, words};

/// The devices of the mounts seen so far, by mount id. An id is unique in the whole system while the mount exists.
#[derive(Default)]
pub(super) struct Mounts(HashMap<u32, u32>);

impl Mounts {
    /// The device (as the kernel encodes it in 32 bits) of a mount in the namespace of the process in `dir`; 0 where unknown.
    pub fn device(&mut self, dir: &Dir, mount_id: u32, buffer: &mut Vec<u8>) -> u32 {
        if let Some(&dev) = self.0.get(&mount_id) {
            return dev;
        }
        if dir.read(c"mountinfo", buffer, 64 << 20).is_ok() {
            self.0.extend(lines(buffer).filter_map(parse));
        }
        // A mount that is in no list, such as the one of pipes, is not searched for again.
        *self.0.entry(mount_id).or_insert(0)
    }
}

/// `id parent major:minor …`
fn parse(line: &[u8]) -> Option<(u32, u32)> {
    let mut words = words(line);
    let id = number(words.next()?, 10)?;
    let mut device = words.nth(1)?.split(|&b| b == b':');
    let (major, minor) = (number(device.next()?, 10)?, number(device.next()?, 10)?);
    Some((id as u32, rustix::fs::makedev(major as u32, minor as u32) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_mountinfo() {
        assert_eq!(parse(b"36 35 98:0 /a /b rw - ext3 /dev/root rw"), Some((36, 98 << 8)));
        assert_eq!(parse(b"36 35 8:259 / / rw"), Some((36, 8 << 8 | 3 | 1 << 20)));
        assert_eq!(parse(b"36 35 98"), None);
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
