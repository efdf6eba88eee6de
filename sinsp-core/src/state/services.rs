//! The names of ports (services(5)).

use hashbrown::HashMap;
use scap_sys::L4Proto;
use std::fmt;

/// The file with the names, and how much of it is read at most.
const FILE: &str = "/etc/services";
const LIMIT: usize = 16 << 20;

/// The names of the ports of this machine.
#[derive(Debug, Default, Clone)]
pub struct Services {
    tcp: HashMap<u16, Box<str>>,
    udp: HashMap<u16, Box<str>>,
    /// By any protocol: the first name in the file.
    any: HashMap<u16, Box<str>>,
}

impl Services {
    /// Reads the names of this machine; there are none if its file cannot be read.
    pub fn load() -> Services {
        let text = std::fs::read(FILE).unwrap_or_default();
        Services::parse(&text[..text.len().min(LIMIT)])
    }

    /// Reads lines `name port/protocol aliases # comment`. Of several names of a port the first counts.
    fn parse(text: &[u8]) -> Services {
        let mut services = Services::default();
        for line in String::from_utf8_lossy(text).lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
            let (Some(name), Some((port, proto))) = (words.next(), words.next().and_then(|word| word.split_once('/')))
            else {
                continue;
            };
            let Ok(port) = port.parse() else { continue };
            match proto {
                "tcp" => _ = services.tcp.entry(port).or_insert_with(|| name.into()),
                "udp" => _ = services.udp.entry(port).or_insert_with(|| name.into()),
                _ => {}
            }
            services.any.entry(port).or_insert_with(|| name.into());
        }
        services
    }

    fn name(&self, port: u16, proto: L4Proto) -> Option<&str> {
        let names = match proto {
            L4Proto::Tcp => &self.tcp,
            L4Proto::Udp => &self.udp,
            _ => &self.any,
        };
        names.get(&port).map(|name| &**name)
    }
}

/// How ports are shown: by name where there is one, or as numbers.
#[derive(Debug, Clone, Copy)]
pub struct Ports<'a>(Option<&'a Services>);

impl<'a> Ports<'a> {
    /// As numbers.
    pub const NUMBERS: Ports<'static> = Ports(None);

    /// By these names; as numbers for `None`.
    pub fn by(services: Option<&'a Services>) -> Ports<'a> {
        Ports(services)
    }

    /// A port of a protocol as it is shown.
    pub fn shown(self, port: u16, proto: L4Proto) -> Port<'a> {
        Port(port, self.0.and_then(|services| services.name(port, proto)))
    }
}

/// A port as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Port<'a>(u16, Option<&'a str>);

impl fmt::Display for Port<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(name) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_port_and_protocol() {
        let text =
            b"# a comment\nssh 22/tcp\nother 22/tcp # second\ndomain\t53/udp nameserver\nx 7/sctp\nbad\nbad2 x/tcp\n";
        let services = Services::parse(text);
        let shown = |port, proto| Ports::by(Some(&services)).shown(port, proto).to_string();
        assert_eq!(shown(22, L4Proto::Tcp), "ssh");
        assert_eq!(shown(22, L4Proto::Udp), "22");
        assert_eq!(shown(53, L4Proto::Udp), "domain");
        assert_eq!((shown(7, L4Proto::Unknown), shown(7, L4Proto::Tcp)), ("x".into(), "7".into()));
        assert_eq!(Ports::NUMBERS.shown(22, L4Proto::Tcp).to_string(), "22");
    }
}
