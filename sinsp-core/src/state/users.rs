//! The users and groups of the machine and of its containers.

use crate::name_service::{Answer, NameService, Question};
use hashbrown::HashMap;
use scap_sys::{GroupInfo, UserInfo, UserList};

/// The placeholder for an unknown name.
pub(super) const UNKNOWN: &[u8] = b"<NA>";

/// How many ids that the lookup did not find are remembered.
const MAX_UNKNOWN: usize = 1 << 16;

/// Looks up users and groups of the host, such as in its passwd and group files.
pub trait UserLookup: Send {
    /// The user `uid` of the host.
    fn user(&mut self, uid: u32) -> Option<UserInfo>;
    /// The group `gid` of the host.
    fn group(&mut self, gid: u32) -> Option<GroupInfo>;
    /// The users and groups in the root directory of the process `pid`, if that is not the host's.
    fn of_process(&mut self, pid: i64) -> UserList {
        let _ = pid;
        UserList::default()
    }
}

#[derive(Debug, Default)]
struct Names {
    users: HashMap<u32, UserInfo>,
    groups: HashMap<u32, GroupInfo>,
    /// Of a container: the ids that its files do not have.
    unknown_users: hashbrown::HashSet<u32>,
    unknown_groups: hashbrown::HashSet<u32>,
}

/// The users and groups of the host and of containers.
#[derive(Default)]
pub struct Users {
    host: Names,
    containers: HashMap<Vec<u8>, Names>,
    lookup: Option<Box<dyn UserLookup>>,
    /// For those that the lookup does not find.
    service: Option<NameService>,
    /// Ids that the lookup did not find, so that it is not repeated for every process.
    unknown_users: hashbrown::HashSet<u32>,
    unknown_groups: hashbrown::HashSet<u32>,
    off: bool,
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Users").field("host", &self.host).field("containers", &self.containers).finish_non_exhaustive()
    }
}

impl Users {
    /// The user `uid` of the host.
    pub fn user(&self, uid: u32) -> Option<&UserInfo> {
        self.host.users.get(&uid)
    }

    /// The group `gid` of the host.
    pub fn group(&self, gid: u32) -> Option<&GroupInfo> {
        self.host.groups.get(&gid)
    }

    /// The user `uid` of a container; of the host if `container` is empty.
    pub fn user_in(&self, container: &[u8], uid: u32) -> Option<&UserInfo> {
        self.names(container)?.users.get(&uid)
    }

    /// The group `gid` of a container; of the host if `container` is empty.
    pub fn group_in(&self, container: &[u8], gid: u32) -> Option<&GroupInfo> {
        self.names(container)?.groups.get(&gid)
    }

    /// All users of the host, in no order.
    pub fn users(&self) -> impl Iterator<Item = &UserInfo> {
        self.host.users.values()
    }

    /// All groups of the host, in no order.
    pub fn groups(&self) -> impl Iterator<Item = &GroupInfo> {
        self.host.groups.values()
    }

    /// All users of a container (of the host if it is empty), in no order; `None` for an unknown container.
    pub fn users_in(&self, container: &[u8]) -> Option<impl Iterator<Item = &UserInfo>> {
        self.names(container).map(|names| names.users.values())
    }

    /// All groups of a container (of the host if it is empty), in no order; `None` for an unknown container.
    pub fn groups_in(&self, container: &[u8]) -> Option<impl Iterator<Item = &GroupInfo>> {
        self.names(container).map(|names| names.groups.values())
    }

    /// The containers of which users or groups are known, in no order.
    pub(super) fn containers(&self) -> Vec<&[u8]> {
        self.containers.keys().map(Vec::as_slice).collect()
    }

    pub(super) fn user_in_mut(&mut self, container: &[u8], uid: u32) -> Option<&mut UserInfo> {
        self.known_mut(container)?.users.get_mut(&uid)
    }

    pub(super) fn group_in_mut(&mut self, container: &[u8], gid: u32) -> Option<&mut GroupInfo> {
        self.known_mut(container)?.groups.get_mut(&gid)
    }

    fn known_mut(&mut self, container: &[u8]) -> Option<&mut Names> {
        if container.is_empty() { Some(&mut self.host) } else { self.containers.get_mut(container) }
    }

    pub(super) fn remove_container(&mut self, container: &[u8]) {
        match container {
            b"" => self.host = Names::default(),
            _ => drop(self.containers.remove(container)),
        }
    }

    /// Whether additions are ignored; see [`Users::set_import`].
    pub fn is_off(&self) -> bool {
        self.off
    }

    fn names(&self, container: &[u8]) -> Option<&Names> {
        if container.is_empty() { Some(&self.host) } else { self.containers.get(container) }
    }

    fn names_mut(&mut self, container: &[u8]) -> &mut Names {
        if container.is_empty() {
            return &mut self.host;
        }
        self.containers.entry_ref(container).or_default()
    }

    /// Sets the lookup for users and groups that are not known yet.
    pub fn set_lookup(&mut self, lookup: Option<Box<dyn UserLookup>>) {
        self.lookup = lookup;
        self.unknown_users.clear();
        self.unknown_groups.clear();
    }

    /// Sets the service that is asked, in the background, for users and groups that the lookup does not find.
    pub fn set_service(&mut self, service: Option<NameService>) {
        self.service = service;
    }

    /// Whether the name service has answered.
    #[inline]
    pub(crate) fn has_answers(&self) -> bool {
        self.service.as_ref().is_some_and(NameService::has_answers)
    }

    /// Adds what the name service answered.
    pub(crate) fn take_answers(&mut self) {
        for answer in self.service.as_ref().map_or(Vec::new(), NameService::take) {
            match answer {
                Answer::User(user) => self.add_user(b"", user),
                Answer::Group(group) => self.add_group(b"", group),
            }
        }
    }

    /// Sets whether users and groups are stored; if `false`, additions are ignored.
    pub fn set_import(&mut self, enabled: bool) {
        self.off = !enabled;
    }

    /// Adds the users and groups that a capture or the system lists.
    pub fn add_list(&mut self, list: UserList) {
        list.users.into_iter().for_each(|user| self.add_user(b"", user));
        list.groups.into_iter().for_each(|group| self.add_group(b"", group));
    }

    /// Adds a user of a container (of the host if it is empty), or replaces it.
    ///
    /// A name that starts with `+` or `-` is an NIS compat entry (nsswitch.conf(5)) and ignored.
    pub fn add_user(&mut self, container: &[u8], user: UserInfo) {
        if !self.off && !matches!(user.name.first(), Some(b'+' | b'-')) {
            self.names_mut(container).users.insert(user.uid, user);
        }
    }

    /// Adds a group, or replaces it.
    pub fn add_group(&mut self, container: &[u8], group: GroupInfo) {
        if !self.off && !matches!(group.name.first(), Some(b'+' | b'-')) {
            self.names_mut(container).groups.insert(group.gid, group);
        }
    }

    /// Removes a user.
    pub fn remove_user(&mut self, container: &[u8], uid: u32) {
        self.names_mut(container).users.remove(&uid);
    }

    /// Removes a group.
    pub fn remove_group(&mut self, container: &[u8], gid: u32) {
        self.names_mut(container).groups.remove(&gid);
    }

    /// Called for each new process: adds its user and group if they can be looked up.
    pub(crate) fn add_seen(&mut self, uid: u32, gid: u32) {
        self.seen_user(uid, gid);
        self.seen_group(gid);
    }

    /// As [`Users::add_seen`] for a process of a container: adds all users and groups in its root directory if one of the two is not known.
    pub(crate) fn add_seen_in(&mut self, container: &[u8], pid: i64, uid: u32, gid: u32) {
        if self.off || self.lookup.is_none() {
            return;
        }
        let names = self.names_mut(container);
        let user = uid == u32::MAX || names.users.contains_key(&uid) || names.unknown_users.contains(&uid);
        let group = gid == u32::MAX || names.groups.contains_key(&gid) || names.unknown_groups.contains(&gid);
        if user && group {
            return;
        }
        let list = self.lookup.as_mut().map(|lookup| lookup.of_process(pid)).unwrap_or_default();
        list.users.into_iter().for_each(|user| self.add_user(container, user));
        list.groups.into_iter().for_each(|group| self.add_group(container, group));
        let names = self.names_mut(container);
        if !names.users.contains_key(&uid) {
            remember(&mut names.unknown_users, uid);
        }
        if !names.groups.contains_key(&gid) {
            remember(&mut names.unknown_groups, gid);
        }
    }

    /// Removes the users and groups of a container that has ended, unless a capture's events do it.
    pub(crate) fn container_ended(&mut self, container: &[u8]) {
        if self.lookup.is_some() {
            self.remove_container(container);
        }
    }

    pub(crate) fn seen_user(&mut self, uid: u32, gid: u32) {
        if self.off || uid == u32::MAX || self.host.users.contains_key(&uid) || self.unknown_users.contains(&uid) {
            return;
        }
        let user = if uid == 0 {
            let (name, homedir) = (b"root".to_vec(), b"/root".to_vec());
            Some(UserInfo { uid, gid, name, homedir, shell: UNKNOWN.to_vec() })
        } else {
            self.lookup.as_mut().and_then(|l| l.user(uid))
        };
        match user {
            Some(user) => self.add_user(b"", user),
            None => {
                remember(&mut self.unknown_users, uid);
                self.service.iter().for_each(|service| service.ask(Question::User(uid)));
            }
        }
    }

    pub(crate) fn seen_group(&mut self, gid: u32) {
        if self.off || gid == u32::MAX || self.host.groups.contains_key(&gid) || self.unknown_groups.contains(&gid) {
            return;
        }
        let group = if gid == 0 {
            Some(GroupInfo { gid, name: b"root".to_vec() })
        } else {
            self.lookup.as_mut().and_then(|l| l.group(gid))
        };
        match group {
            Some(group) => self.add_group(b"", group),
            None => {
                remember(&mut self.unknown_groups, gid);
                self.service.iter().for_each(|service| service.ask(Question::Group(gid)));
            }
        }
    }

    /// Removes all users and groups; the lookup stays.
    pub fn clear(&mut self) {
        self.host = Names::default();
        self.containers.clear();
        self.unknown_users.clear();
        self.unknown_groups.clear();
    }
}

fn remember(unknown: &mut hashbrown::HashSet<u32>, id: u32) {
    if unknown.len() >= MAX_UNKNOWN {
        unknown.clear();
    }
    unknown.insert(id);
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Two(u32);

    impl UserLookup for Two {
        fn user(&mut self, uid: u32) -> Option<UserInfo> {
            self.0 += 1;
            assert!(self.0 <= 2, "asked again about what is known");
            (uid == 2).then(|| UserInfo { uid, name: b"two".to_vec(), ..UserInfo::default() })
        }
        fn group(&mut self, _: u32) -> Option<GroupInfo> {
            None
        }
    }

    #[test]
    fn names_are_looked_up_once() {
        let mut users = Users::default();
        users.set_lookup(Some(Box::new(Two(0))));
        for uid in [0, 2, 3, 2, 3, u32::MAX] {
            users.add_seen(uid, 9);
        }
        assert_eq!(users.user(0).unwrap().name, b"root");
        assert_eq!(users.user(2).unwrap().name, b"two");
        assert!(users.user(3).is_none());
    }

    #[test]
    fn a_name_service_has_more() {
        let mut users = Users::default();
        let service = NameService::with(|question| match question {
            Question::User(9) => Some(Answer::User(UserInfo { uid: 9, name: b"nine".to_vec(), ..UserInfo::default() })),
            Question::Group(8) => Some(Answer::Group(GroupInfo { gid: 8, name: b"eight".to_vec() })),
            _ => None,
        });
        users.set_service(Some(service.clone()));
        users.add_seen(9, 8);
        users.add_seen(10, 0);
        assert!(users.user(9).is_none());
        service.wait(std::time::Duration::from_secs(60));
        assert!(users.has_answers());
        users.take_answers();
        assert_eq!((&*users.user(9).unwrap().name, &*users.group(8).unwrap().name), (&b"nine"[..], &b"eight"[..]));
        assert!(users.user(10).is_none() && !users.has_answers());
    }

    #[test]
    fn containers_have_their_own_names() {
        let mut users = Users::default();
        users.add_user(b"c1", UserInfo { uid: 5, name: b"five".to_vec(), ..UserInfo::default() });
        users.add_user(b"", UserInfo { uid: 6, name: b"+nis".to_vec(), ..UserInfo::default() });
        assert!(users.user(5).is_none() && users.user(6).is_none());
        assert_eq!(users.user_in(b"c1", 5).unwrap().name, b"five");
        users.remove_user(b"c1", 5);
        assert!(users.user_in(b"c1", 5).is_none());
    }
}
