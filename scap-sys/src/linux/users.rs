//! The users and groups of the machine.

use super::ScanOptions;
use super::procfs::{lines, number, read_file};
use crate::{GroupInfo, Result, UserInfo, UserList};
use std::io::ErrorKind;

/// Reads `/etc/passwd` and `/etc/group` below the host root. Missing files give an empty list, because some images have
/// none.
pub fn users(options: &ScanOptions) -> Result<UserList> {
    let read = |file: &str| match read_file(&options.path(file), 256 << 20) {
        Err(crate::Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    };
    Ok(UserList {
        users: lines(&read("etc/passwd")?).filter_map(user).collect(),
        groups: lines(&read("etc/group")?).filter_map(group).collect(),
    })
}

/// The users and groups in the root directory of a process, such as one in a container; `None` if its root is the host's.
pub fn users_of_process(options: &ScanOptions, pid: i64) -> Result<Option<UserList>> {
    use std::os::unix::fs::MetadataExt;
    let root_of = |pid: i64| options.path(&format!("proc/{pid}/root"));
    let inode = |pid: i64| {
        let root = root_of(pid);
        std::fs::metadata(&root).map(|root| root.ino()).map_err(|e| crate::Error::io(root.display(), e))
    };
    if inode(1)? == inode(pid)? {
        return Ok(None);
    }
    users(&ScanOptions { host_root: root_of(pid), ..ScanOptions::default() }).map(Some)
}

/// A line `name:password:uid:gid:comment:home:shell`.
fn user(line: &[u8]) -> Option<UserInfo> {
    let f: Vec<&[u8]> = entry(line)?;
    Some(UserInfo {
        uid: id(f.get(2)?)?,
        gid: id(f.get(3)?)?,
        name: f[0].to_vec(),
        homedir: f.get(5).map_or(Vec::new(), |d| d.to_vec()),
        shell: f.get(6).map_or(Vec::new(), |s| s.to_vec()),
    })
}

/// A line `name:password:gid:members`.
fn group(line: &[u8]) -> Option<GroupInfo> {
    let f = entry(line)?;
    Some(GroupInfo { gid: id(f.get(2)?)?, name: f[0].to_vec() })
}

/// The fields of a line; `None` for a comment or an NIS compat entry (nsswitch.conf(5)).
fn entry(line: &[u8]) -> Option<Vec<&[u8]>> {
    let line = line.trim_ascii_start();
    (!matches!(line.first(), None | Some(b'#' | b'+' | b'-' | b':'))).then(|| line.split(|&b| b == b':').collect())
}

fn id(text: &[u8]) -> Option<u32> {
    u32::try_from(number(text, 10)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_under_a_host_root() {
        let root = std::env::temp_dir().join(format!("scap-users-{}", std::process::id()));
        std::fs::create_dir_all(root.join("etc")).unwrap();
        std::fs::write(
            root.join("etc/passwd"),
            b"root:x:0:0:root:/root:/bin/sh\n# comment\n+::::::\nbad line\nbig:x:4294967296:1::/:/bin/x\n\
              caf\xe9:x:1000:1001::/home/c:/bin/zsh\n",
        )
        .unwrap();
        std::fs::write(root.join("etc/group"), b"root:x:0:\nwheel:x:10:root,me\n").unwrap();
        let list = users(&ScanOptions { host_root: root.clone(), ..ScanOptions::default() });
        std::fs::remove_dir_all(&root).unwrap();
        let list = list.unwrap();
        assert_eq!(list.users.len(), 2);
        assert_eq!((list.users[0].uid, &list.users[0].shell[..]), (0, &b"/bin/sh"[..]));
        assert_eq!((list.users[1].gid, &list.users[1].name[..]), (1001, &b"caf\xe9"[..]));
        assert_eq!(list.users[1].homedir, b"/home/c");
        assert_eq!(list.groups[1], GroupInfo { gid: 10, name: b"wheel".to_vec() });
    }

    #[test]
    fn no_user_database_is_no_error() {
        let options = ScanOptions { host_root: "/no/such/root".into(), ..ScanOptions::default() };
        assert_eq!(users(&options).unwrap(), UserList::default());
    }
}
