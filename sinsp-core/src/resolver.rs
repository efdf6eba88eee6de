//! The addresses of the names that filters compare addresses with. A thread of its own asks the system's resolver, so that no event waits for it.
//!
//! A name is asked for as long as a filter has it: at once, then after 10 seconds, and after twice the time each time that its addresses did not
//! change, up to 320 seconds.

use hashbrown::HashMap;
use parking_lot::{Condvar, Mutex, MutexGuard};
use scap_sys::threads;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How long compilers of filters wait for addresses, all together, from the first name on whose addresses are not known. Until they are known, no
/// address has the name.
const PATIENCE: Duration = Duration::from_secs(1);

/// A name whose addresses are looked up as long as this exists.
#[derive(Debug)]
pub struct Name {
    name: Arc<str>,
    addresses: Mutex<Vec<IpAddr>>,
}

impl Name {
    /// Starts to look up a name, and waits for its addresses: not beyond the second after the first of the names that are still looked up.
    pub fn new(name: &str) -> Arc<Name> {
        REGISTRY.register([name]).swap_remove(0)
    }

    /// Whether the name has this address. Locks; [`Names`] does so only after a change.
    pub fn has(&self, ip: IpAddr) -> bool {
        self.addresses.lock().contains(&ip.to_canonical())
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        REGISTRY.generation.fetch_add(1, Ordering::Release);
        REGISTRY.changed.notify_all();
    }
}

/// The names of a check.
#[derive(Debug)]
pub struct Names {
    names: Vec<Arc<Name>>,
    /// Their addresses as of a generation of the registry.
    addresses: RefCell<(u64, Vec<IpAddr>)>,
}

impl Names {
    /// Starts to look up the names, and waits for their addresses as [`Name::new`] does.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Names {
        let names = REGISTRY.register(names);
        Names { names, addresses: RefCell::new((u64::MAX, Vec::new())) }
    }

    /// Whether one of the names has this address.
    pub fn have(&self, ip: IpAddr) -> bool {
        let generation = REGISTRY.generation.load(Ordering::Acquire);
        let (known, addresses) = &mut *self.addresses.borrow_mut();
        if *known != generation {
            *known = generation;
            addresses.clear();
            self.names.iter().for_each(|name| addresses.extend_from_slice(&name.addresses.lock()));
        }
        addresses.contains(&ip.to_canonical())
    }
}

/// Calls `with` with the first name, in alphabetical order, that has the address; `None` if no filter has one.
pub fn name_of<T>(ip: IpAddr, with: impl FnOnce(&str) -> T) -> Option<T> {
    thread_local! {
        static NAMES: RefCell<(u64, HashMap<IpAddr, Arc<str>>)> = RefCell::new((u64::MAX, HashMap::new()));
    }
    NAMES.with_borrow_mut(|(known, names)| {
        let generation = REGISTRY.generation.load(Ordering::Acquire);
        if *known != generation {
            *known = generation;
            names.clear();
            for name in REGISTRY.names.lock().known.values().filter_map(|entry| entry.name.upgrade()).rev() {
                names.extend(name.addresses.lock().iter().map(|ip| (*ip, name.name.clone())));
            }
        }
        names.get(&ip.to_canonical()).map(|name| with(name))
    })
}

/// Sets the first and the longest time after which a name is looked up anew; `None` leaves it as it is.
pub fn set_intervals(first: Option<Duration>, longest: Option<Duration>) {
    let mut names = REGISTRY.names.lock();
    names.first = first.unwrap_or(names.first);
    names.longest = longest.unwrap_or(names.longest);
}

static REGISTRY: Registry = Registry {
    names: Mutex::new(Known {
        known: BTreeMap::new(),
        waiting_since: None,
        runs_in: 0,
        first: Duration::from_secs(10),
        longest: Duration::from_secs(320),
    }),
    changed: Condvar::new(),
    generation: AtomicU64::new(0),
};

struct Registry {
    names: Mutex<Known>,
    changed: Condvar,
    /// Changes with every address and every name.
    generation: AtomicU64,
}

struct Known {
    known: BTreeMap<Arc<str>, Entry>,
    /// When the oldest of the names was added that the resolver has not looked up yet.
    waiting_since: Option<Instant>,
    /// The process that the thread runs in; 0 if there is none. A forked process has no such thread.
    runs_in: u32,
    first: Duration,
    longest: Duration,
}

struct Entry {
    name: Weak<Name>,
    due: Instant,
    interval: Duration,
    answered: bool,
}

impl Known {
    /// The name's object, which is made if there is none, as of `now`.
    fn name(&mut self, text: &str, now: Instant) -> Arc<Name> {
        if let Some(name) = self.known.get(text).and_then(|entry| entry.name.upgrade()) {
            return name;
        }
        if !self.known.values().any(Entry::is_awaited) {
            self.waiting_since = Some(now);
        }
        // An address in the place of a name is known at once.
        let own: Vec<IpAddr> = text.parse().iter().map(IpAddr::to_canonical).collect();
        let answered = !own.is_empty();
        let name = Arc::new(Name { name: text.into(), addresses: Mutex::new(own) });
        let entry = Entry { name: Arc::downgrade(&name), due: now, interval: self.first, answered };
        self.known.insert(name.name.clone(), entry);
        name
    }

    /// Until when a caller waits for the addresses of `names`; `None` if all of them have been looked up.
    fn patience(&self, names: &[Arc<Name>]) -> Option<Instant> {
        let awaited = |name: &Arc<Name>| self.known.get(&name.name).is_some_and(Entry::is_awaited);
        names.iter().any(awaited).then_some(self.waiting_since? + PATIENCE)
    }
}

impl Entry {
    fn is_awaited(&self) -> bool {
        !self.answered && self.name.strong_count() != 0
    }
}

impl Registry {
    fn register<'a>(&'static self, texts: impl IntoIterator<Item = &'a str>) -> Vec<Arc<Name>> {
        let mut names = self.names.lock();
        let now = Instant::now();
        let registered: Vec<Arc<Name>> = texts.into_iter().map(|text| names.name(text, now)).collect();
        self.generation.fetch_add(1, Ordering::Release);
        let process = std::process::id();
        if names.runs_in != process {
            names.runs_in = if threads::start("sinsp-resolver", || self.run()).is_ok() { process } else { 0 };
        }
        self.changed.notify_all();
        while let Some(until) = names.patience(&registered) {
            if self.changed.wait_until(&mut names, until).timed_out() {
                break;
            }
        }
        registered
    }

    /// Looks names up until there are none.
    fn run(&self) {
        let mut names = self.names.lock();
        loop {
            names.known.retain(|_, entry| entry.name.strong_count() != 0);
            let Some((text, due)) =
                names.known.iter().map(|(text, entry)| (text.clone(), entry.due)).min_by_key(|e| e.1)
            else {
                names.runs_in = 0;
                return;
            };
            if due > Instant::now() {
                self.changed.wait_until(&mut names, due);
                continue;
            }
            let addresses = MutexGuard::unlocked(&mut names, || addresses_of(&text));
            let longest = names.longest;
            let first = names.first;
            let Some(entry) = names.known.get_mut(&text) else { continue };
            entry.interval = if entry.answered { (entry.interval * 2).min(longest) } else { first };
            entry.answered = true;
            if let Some(name) = entry.name.upgrade() {
                let mut known = name.addresses.lock();
                if *known != addresses {
                    *known = addresses;
                    entry.interval = first;
                    self.generation.fetch_add(1, Ordering::Release);
                }
                drop(known);
                entry.due = Instant::now() + entry.interval;
                // The last reference may be this one; its drop takes no lock.
                drop(name);
            }
            self.changed.notify_all();
        }
    }
}

/// The addresses of a name, sorted; none if the system does not know any.
fn addresses_of(name: &str) -> Vec<IpAddr> {
    let found = (name, 0).to_socket_addrs().map(|all| all.map(|address| address.ip().to_canonical()).collect());
    let mut addresses: Vec<IpAddr> = found.unwrap_or_default();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_addresses_as_long_as_it_is_used() {
        let lo = IpAddr::from([127, 0, 0, 1]);
        let names = Names::new(["localhost", "no-such-host.invalid"]);
        assert!(names.have(lo) && names.have("::ffff:127.0.0.1".parse().unwrap()));
        assert!(!names.have(IpAddr::from([192, 0, 2, 7])));
        let literal = Name::new("192.0.2.7");
        assert!(literal.has(IpAddr::from([192, 0, 2, 7])));
        assert_eq!(name_of(IpAddr::from([192, 0, 2, 7]), str::to_owned).as_deref(), Some("192.0.2.7"));
        drop(literal);
        assert_eq!(name_of(IpAddr::from([192, 0, 2, 7]), str::to_owned), None);
        assert!(Names::new(["localhost"]).have(lo));
    }

    /// If the resolver does not respond, compiling filters is delayed once in total, not once for each name.
    #[test]
    fn names_that_wait_share_their_time() {
        let (longest, start) = (Duration::from_secs(320), Instant::now());
        let mut known =
            Known { known: BTreeMap::new(), waiting_since: None, runs_in: 0, first: Duration::from_secs(10), longest };
        let at = |ms| start + Duration::from_millis(ms);
        let a = known.name("a.invalid", at(0));
        let b = known.name("b.invalid", at(600));
        assert_eq!(known.patience(std::slice::from_ref(&b)), Some(at(1000)));
        known.known.get_mut("a.invalid").unwrap().answered = true;
        assert_eq!(known.patience(std::slice::from_ref(&a)), None);
        let c = known.name("c.invalid", at(5000));
        assert_eq!(known.patience(&[a.clone(), c.clone()]), Some(at(1000)));
        // Answered, or no longer used: the next name is waited for.
        known.known.get_mut("c.invalid").unwrap().answered = true;
        drop(b);
        let d = known.name("d.invalid", at(9000));
        assert_eq!(known.patience(&[a, c, d]), Some(at(10_000)));
    }
}
