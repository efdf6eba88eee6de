//! Users and groups that a program adds or removes by id, and the events that announce the changes.

use super::Users;
use driver::EventType;
use scap_sys::encode::{self, Value};
use scap_sys::linux::{self, ScanOptions};
use scap_sys::{GroupInfo, UserInfo, UserList};

/// The timestamp of an event that gets its time when the inspector takes it.
const NO_TIME: u64 = u64::MAX;

/// Takes the encoded event (`useradded`, `userdeleted`, `groupadded`, `groupdeleted`) of each change.
pub type Announce<'a> = &'a mut dyn FnMut(Vec<u8>);

/// The host or container to which a user or group is added.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The container id; empty for the host.
    pub container: &'a [u8],
    /// A process of the container, whose root directory has the container's files.
    pub pid: i64,
    /// The root directories of the host.
    pub host: &'a ScanOptions,
}

impl Place<'_> {
    /// The users and groups in the files of the host or container; empty if they cannot be read.
    fn list(&self) -> UserList {
        let list = if self.container.is_empty() {
            linux::users(self.host).map(Some)
        } else {
            linux::users_of_process(self.host, self.pid)
        };
        list.ok().flatten().unwrap_or_default()
    }
}

impl Users {
    /// Adds a user, or replaces its names (name, home directory, shell) if `names` is `Some`. A new user without names is
    /// looked up in the files of the host or container; for a container, all users of its files are added. Returns whether
    /// the user is known afterwards.
    pub fn learn_user(
        &mut self,
        place: Place<'_>,
        (uid, gid): (u32, u32),
        names: Option<[&[u8]; 3]>,
        announce: Announce<'_>,
    ) -> bool {
        let Place { container, .. } = place;
        if self.is_off() || names.is_some_and(|[name, ..]| is_instruction(name)) {
            return false;
        }
        if let Some(user) = self.user_in_mut(container, uid) {
            if let Some([name, homedir, shell]) = names.map(|names| names.map(<[u8]>::to_vec)) {
                (user.name, user.homedir, user.shell) = (name, homedir, shell);
            }
            return true;
        }
        let found = match names {
            Some(names) if container.is_empty() => {
                let [name, homedir, shell] = names.map(<[u8]>::to_vec);
                vec![UserInfo { uid, gid, name, homedir, shell }]
            }
            _ => {
                let of_host = container.is_empty();
                place.list().users.into_iter().filter(|user| !of_host || user.uid == uid).collect()
            }
        };
        for user in found {
            announce(user_event(EventType::USER_ADDED_E, container, &user));
            self.add_user(container, user);
        }
        self.user_in(container, uid).is_some()
    }

    /// Adds the user of a process if it is not known; uid 0 is always `root`. Returns whether it is known afterwards.
    pub fn learn_user_id(&mut self, place: Place<'_>, (uid, gid): (u32, u32), announce: Announce<'_>) -> bool {
        if uid == u32::MAX {
            return false;
        }
        let known = self.user_in(place.container, uid).is_some();
        let root: [&[u8]; 3] = [b"root", b"/root", super::users::UNKNOWN];
        known || self.learn_user(place, (uid, gid), (uid == 0).then_some(root), announce)
    }

    /// As [`Users::learn_user_id`], for a group.
    pub fn learn_group_id(&mut self, place: Place<'_>, gid: u32, announce: Announce<'_>) -> bool {
        if gid == u32::MAX {
            return false;
        }
        let known = self.group_in(place.container, gid).is_some();
        known || self.learn_group(place, gid, (gid == 0).then_some(b"root"), announce)
    }

    /// As [`Users::learn_user`], for a group.
    pub fn learn_group(&mut self, place: Place<'_>, gid: u32, name: Option<&[u8]>, announce: Announce<'_>) -> bool {
        let Place { container, .. } = place;
        if self.is_off() || name.is_some_and(is_instruction) {
            return false;
        }
        if let Some(group) = self.group_in_mut(container, gid) {
            if let Some(name) = name {
                group.name = name.to_vec();
            }
            return true;
        }
        let found = match name {
            Some(name) if container.is_empty() => vec![GroupInfo { gid, name: name.to_vec() }],
            _ => {
                let of_host = container.is_empty();
                place.list().groups.into_iter().filter(|group| !of_host || group.gid == gid).collect()
            }
        };
        for group in found {
            announce(group_event(EventType::GROUP_ADDED_E, container, &group));
            self.add_group(container, group);
        }
        self.group_in(container, gid).is_some()
    }

    /// Removes a user; returns whether it was known.
    pub fn forget_user(&mut self, container: &[u8], uid: u32, announce: Announce<'_>) -> bool {
        let Some(user) = self.user_in(container, uid) else { return false };
        announce(user_event(EventType::USER_DELETED_E, container, user));
        self.remove_user(container, uid);
        true
    }

    /// Removes a group; returns whether it was known.
    pub fn forget_group(&mut self, container: &[u8], gid: u32, announce: Announce<'_>) -> bool {
        let Some(group) = self.group_in(container, gid) else { return false };
        announce(group_event(EventType::GROUP_DELETED_E, container, group));
        self.remove_group(container, gid);
        true
    }

    /// Announces all users, then all groups: the host's first, each kind in the order of its ids.
    pub fn announce_all(&self, announce: Announce<'_>) {
        let mut containers = self.containers();
        containers.sort_unstable();
        for container in std::iter::once(&b""[..]).chain(containers.iter().copied()) {
            let mut users: Vec<_> = self.users_in(container).into_iter().flatten().collect();
            users.sort_unstable_by_key(|user| user.uid);
            users.into_iter().for_each(|user| announce(user_event(EventType::USER_ADDED_E, container, user)));
        }
        for container in std::iter::once(&b""[..]).chain(containers) {
            let mut groups: Vec<_> = self.groups_in(container).into_iter().flatten().collect();
            groups.sort_unstable_by_key(|group| group.gid);
            groups.into_iter().for_each(|group| announce(group_event(EventType::GROUP_ADDED_E, container, group)));
        }
    }

    /// Removes all users and groups of a container.
    pub fn forget_container(&mut self, container: &[u8], announce: Announce<'_>) {
        for user in self.users_in(container).into_iter().flatten() {
            announce(user_event(EventType::USER_DELETED_E, container, user));
        }
        for group in self.groups_in(container).into_iter().flatten() {
            announce(group_event(EventType::GROUP_DELETED_E, container, group));
        }
        self.remove_container(container);
    }
}

/// Whether a name in a passwd or group file is an NIS compat entry (nsswitch.conf(5)) and no name.
fn is_instruction(name: &[u8]) -> bool {
    matches!(name.first(), Some(b'+' | b'-'))
}

fn user_event(ty: EventType, container: &[u8], user: &UserInfo) -> Vec<u8> {
    let UserInfo { uid, gid, name, homedir, shell } = user;
    let texts = [name, homedir, shell].map(|text| Value::Text(text));
    let [name, homedir, shell] = texts;
    event(ty, &[(*uid).into(), (*gid).into(), name, homedir, shell, Value::Text(container)])
}

fn group_event(ty: EventType, container: &[u8], group: &GroupInfo) -> Vec<u8> {
    event(ty, &[group.gid.into(), Value::Text(&group.name), Value::Text(container)])
}

/// An event with no thread and no time; empty if the texts are too long for an event.
fn event(ty: EventType, params: &[Value<'_>]) -> Vec<u8> {
    encode::event(NO_TIME, -1, ty, params).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use scap_sys::Event;

    fn at<'a>(container: &'a [u8], host: &'a ScanOptions) -> Place<'a> {
        Place { container, pid: -1, host }
    }

    #[test]
    fn users_come_by_name_or_from_the_files() {
        let root = std::env::temp_dir().join(format!("sinsp-accounts-{}", std::process::id()));
        std::fs::create_dir_all(root.join("etc")).unwrap();
        std::fs::write(root.join("etc/passwd"), "toor:x:0:0:toor:/toor:/bin/ash\n+test::::::\n").unwrap();
        std::fs::write(root.join("etc/group"), "toor:x:0:toor\n").unwrap();
        let host = ScanOptions { host_root: root.clone(), ..ScanOptions::default() };
        let mut users = Users::default();
        let mut events = Vec::new();
        let mut announce = |event: Vec<u8>| events.push(event);
        assert!(users.learn_user(at(b"", &host), (0, 0), None, &mut announce));
        assert!(!users.learn_user(at(b"", &host), (9, 9), None, &mut announce));
        assert!(users.learn_user(at(b"", &host), (9, 8), Some([b"nine", b"", b"/sh"]), &mut announce));
        assert!(users.learn_user(at(b"", &host), (9, 7), Some([b"neun", b"/9", b""]), &mut announce));
        assert!(!users.learn_user(at(b"", &host), (5, 5), Some([b"+five", b"", b""]), &mut announce));
        assert!(!users.learn_user(at(b"c1", &host), (5, 5), Some([b"five", b"", b""]), &mut announce), "no process");
        assert!(users.learn_group(at(b"", &host), 0, None, &mut announce));
        assert!(!users.learn_user_id(at(b"", &host), (u32::MAX, 0), &mut announce));
        assert!(!users.learn_group_id(at(b"", &host), u32::MAX, &mut announce));
        assert!(users.learn_user_id(at(b"", &host), (0, 0), &mut announce));
        assert!(users.forget_user(b"", 9, &mut announce) && !users.forget_user(b"", 9, &mut announce));
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(users.user(0).unwrap().homedir, b"/toor");
        assert_eq!(users.group(0).unwrap().name, b"toor");
        let types: Vec<_> = events.iter().map(|e| Event::new(e, 0, 0).unwrap().ty()).collect();
        use EventType as Ty;
        assert_eq!(types, [Ty::USER_ADDED_E, Ty::USER_ADDED_E, Ty::GROUP_ADDED_E, Ty::USER_DELETED_E]);
        let last = Event::new(&events[3], 0, 0).unwrap();
        assert_eq!((last.param(1), last.param(2)), (Some(&8u32.to_ne_bytes()[..]), Some(&b"neun\0"[..])));
        assert_eq!(last.ts(), u64::MAX);
    }

    #[test]
    fn all_are_announced_users_first() {
        let mut users = Users::default();
        users.add_list(UserList::default());
        for (container, id) in [(&b"c2"[..], 1), (b"", 7), (b"c1", 3), (b"", 2)] {
            users.add_user(container, UserInfo { uid: id, ..UserInfo::default() });
            users.add_group(container, GroupInfo { gid: id + 10, ..GroupInfo::default() });
        }
        let mut announced = Vec::new();
        users.announce_all(&mut |bytes| {
            let event = Event::new(&bytes, 0, 0).unwrap();
            let id = event.param(0).map(|id| u32::from_ne_bytes(id.try_into().unwrap())).unwrap();
            let container = event.param(event.nparams() as usize - 1).unwrap().to_vec();
            announced.push((event.ty() == EventType::USER_ADDED_E, container, id));
        });
        // Root of the host is in the list even if no event added it.
        announced.retain(|(_, _, id)| *id != 0);
        let all = |user, more: u32| {
            [("\0", 2), ("\0", 7), ("c1\0", 3), ("c2\0", 1_u32)].map(|(c, id)| (user, c.into(), id + more))
        };
        assert_eq!(announced, [all(true, 0), all(false, 10)].concat());
    }

    #[test]
    fn containers_go_as_a_whole() {
        let mut users = Users::default();
        users.add_user(b"c1", UserInfo { uid: 5, name: b"five".to_vec(), ..UserInfo::default() });
        users.add_group(b"c1", GroupInfo { gid: 6, name: b"six".to_vec() });
        let mut count = 0;
        users.forget_container(b"c1", &mut |_| count += 1);
        assert_eq!((count, users.users_in(b"c1").is_none()), (2, true));
    }
}
