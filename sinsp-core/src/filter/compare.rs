//! Comparisons: the values of a field against constants, which are prepared for the operator, or against the values of
//! another field.

use super::ast::{Modifier, Operator};
use super::paths::PathSet;
use super::value::{Datum, Kind, Value, datum, in_net, kind, type_name, unhex};
use super::{glob, posix_regex};
use crate::extracted::Extracted;
use crate::fields::Comparison;
use driver::ParamType;
use hashbrown::HashSet;
use memchr::memmem::Finder;
use regex::bytes::Regex;
use std::cmp::Ordering;

/// Checks that values of a type can be compared with an operator.
///
/// # Errors
/// The reason why not.
pub fn check_comparable(op: Operator, modified: bool, ty: ParamType, list: bool) -> Result<(), String> {
    use Operator::*;
    if op == Exists {
        return Ok(());
    }
    let name = if op == EqEq { "=" } else { op.text() };
    let equality = matches!(op, Eq | EqEq | Ne | In | Intersects);
    let ordered = equality || matches!(op, Lt | Le | Gt | Ge);
    if list {
        use ParamType::*;
        return match ty {
            CHARBUF | UINT64 | RELTIME | ABSTIME | BOOL | IPADDR | IPNET if matches!(op, In | Intersects) => Ok(()),
            CHARBUF | UINT64 | RELTIME | ABSTIME | BOOL | IPADDR | IPNET => {
                Err(format!("'{name}' operator not supported list filters"))
            }
            _ => Err(format!("list filters are not supported for type '{}'", type_name(ty))),
        };
    }
    let (fits, what) = match kind(ty) {
        Kind::Int(_) | Kind::Uint(_) | Kind::Double => (ordered, "for numeric filters".into()),
        Kind::Bool => (equality, "for numeric filters".into()),
        Kind::Text => (!matches!(op, BContains | BStartsWith), "for string filters".into()),
        Kind::Bytes => (
            equality || matches!(op, Contains | StartsWith | EndsWith | BContains | BStartsWith),
            "for buffer filters".into(),
        ),
        Kind::Ip | Kind::Net => (equality, "for ip address and network filters".into()),
        Kind::None => (false, format!("for type '{}'", type_name(ty))),
    };
    match (fits, modified && matches!(kind(ty), Kind::Ip | Kind::Net)) {
        (true, _) => Ok(()),
        (false, true) => Err(format!("'{name}' with modifier not supported {what}")),
        (false, false) => Err(format!("'{name}' operator not supported {what}")),
    }
}

/// `a op b` for two single values. Returns `false` for operators that need several right-hand values.
pub fn holds(op: Operator, a: Datum<'_>, b: Datum<'_>) -> bool {
    use Operator::*;
    match op {
        Eq | EqEq | In | Intersects => equal(a, b),
        Ne => !equal(a, b),
        Lt => order(a, b) == Some(Ordering::Less),
        Le => matches!(order(a, b), Some(Ordering::Less | Ordering::Equal)),
        Gt => order(a, b) == Some(Ordering::Greater),
        Ge => matches!(order(a, b), Some(Ordering::Greater | Ordering::Equal)),
        Exists => true,
        Glob | IGlob | Contains | IContains | BContains | StartsWith | BStartsWith | EndsWith => {
            let (Datum::Bytes(a), Datum::Bytes(b)) = (a, b) else { return false };
            match op {
                Glob | IGlob => glob::matches(b, a, op == IGlob),
                Contains | BContains => memchr::memmem::find(a, b).is_some(),
                IContains => contains_whatever_case(a, b),
                EndsWith => a.ends_with(b),
                _ => a.starts_with(b),
            }
        }
        Regex | PMatch => false,
    }
}

fn equal(a: Datum<'_>, b: Datum<'_>) -> bool {
    match (a, b) {
        (Datum::Ip(ip), Datum::Net(net, len)) => in_net(ip, net, len),
        (Datum::Ip(a), Datum::Ip(b)) => a.to_canonical() == b.to_canonical(),
        (Datum::Int(_) | Datum::Uint(_), Datum::Int(_) | Datum::Uint(_)) => order(a, b) == Some(Ordering::Equal),
        _ => a == b,
    }
}

fn order(a: Datum<'_>, b: Datum<'_>) -> Option<Ordering> {
    match (a, b) {
        (Datum::Int(a), Datum::Int(b)) => Some(a.cmp(&b)),
        (Datum::Uint(a), Datum::Uint(b)) => Some(a.cmp(&b)),
        (Datum::Int(a), Datum::Uint(b)) => Some((a as i128).cmp(&(b as i128))),
        (Datum::Uint(a), Datum::Int(b)) => Some((a as i128).cmp(&(b as i128))),
        (Datum::Double(a), Datum::Double(b)) => a.partial_cmp(&b),
        (Datum::Bytes(a), Datum::Bytes(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn contains_whatever_case(text: &[u8], part: &[u8]) -> bool {
    let Some((first, rest)) = part.split_first() else { return true };
    let Some(last_start) = text.len().checked_sub(part.len()) else { return false };
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), &text[..=last_start])
        .any(|at| text[at + 1..at + part.len()].eq_ignore_ascii_case(rest))
}

/// A comparison with constants.
#[derive(Debug)]
pub enum Test {
    /// Holds if there is a value.
    Exists,
    /// Compares with an empty list, so it never holds.
    Never,
    /// Compares with one constant.
    One(Operator, Value),
    /// Contains a text.
    Contains(Box<Finder<'static>>),
    /// Is in a set.
    Member(Set),
    /// Is not in a set.
    NoMember(Set),
    /// Is one of several paths, or is below one.
    Paths(PathSet),
    /// Matches a regular expression.
    Regex(Regex),
    /// One, any or all of the tests hold.
    Several(Modifier, Vec<Test>),
}

/// A set of constants.
#[derive(Debug)]
pub enum Set {
    /// The bits of numbers, sorted.
    Numbers(Vec<u64>),
    /// Texts.
    Texts {
        /// The texts.
        texts: HashSet<Box<[u8]>>,
        /// The lengths that occur: bit `n` for length `n`, bit 63 for 63 and more. Most texts are rejected by their length.
        lengths: u64,
    },
    /// Values that are compared one by one: addresses, networks, floating-point numbers.
    Others(Vec<Value>),
}

fn length_bit(len: usize) -> u64 {
    1 << len.min(63)
}

impl Set {
    fn new(values: Vec<Value>) -> Set {
        let number = |v: &Value| match v {
            Value::Bool(b) => Some(*b as u64),
            Value::Int(n) => Some(*n as u64),
            Value::Uint(n) => Some(*n),
            _ => None,
        };
        if let Some(mut numbers) = values.iter().map(number).collect::<Option<Vec<_>>>() {
            numbers.sort_unstable();
            numbers.dedup();
            return Set::Numbers(numbers);
        }
        if values.iter().all(|v| matches!(v, Value::Bytes(_))) {
            let texts: HashSet<Box<[u8]>> =
                values.into_iter().filter_map(|v| if let Value::Bytes(b) = v { Some(b) } else { None }).collect();
            let lengths = texts.iter().fold(0, |mask, t| mask | length_bit(t.len()));
            return Set::Texts { texts, lengths };
        }
        Set::Others(values)
    }

    fn contains(&self, value: Datum<'_>) -> bool {
        match (self, value) {
            (Set::Numbers(set), Datum::Uint(n)) => set.binary_search(&n).is_ok(),
            (Set::Numbers(set), Datum::Int(n)) => set.binary_search(&(n as u64)).is_ok(),
            (Set::Texts { texts, lengths }, Datum::Bytes(b)) => lengths & length_bit(b.len()) != 0 && texts.contains(b),
            (Set::Others(values), value) => values.iter().any(|v| equal(value, v.datum())),
            _ => false,
        }
    }
}

impl Test {
    /// Prepares the comparison `op` of values of type `ty` with `values`.
    ///
    /// # Errors
    /// A value does not fit the type, or is no valid pattern.
    pub fn new(
        op: Operator,
        modifier: Option<Modifier>,
        ty: ParamType,
        values: &[impl AsRef<[u8]>],
    ) -> Result<Test, String> {
        Test::parsed(op, modifier, values, |value| parse(op, ty, value))
    }

    /// As [`Test::new`], with constants in the memory format of the plugin API.
    ///
    /// # Errors
    /// A value has the wrong size for its type, or is no valid pattern.
    pub fn of_raw(
        op: Operator,
        modifier: Option<Modifier>,
        ty: ParamType,
        values: &[impl AsRef<[u8]>],
    ) -> Result<Test, String> {
        match kind(ty) {
            Kind::Text | Kind::Bytes => Test::parsed(op, modifier, values, |value| Ok(Value::Bytes(value.into()))),
            _ => Test::parsed(op, modifier, values, |value| Value::from_raw(ty, value)),
        }
    }

    fn parsed(
        op: Operator,
        modifier: Option<Modifier>,
        values: &[impl AsRef<[u8]>],
        parse: impl Fn(&[u8]) -> Result<Value, String> + Copy,
    ) -> Result<Test, String> {
        use Operator::*;
        let parsed = || values.iter().map(|v| parse(v.as_ref())).collect::<Result<Vec<_>, _>>();
        match (op, modifier) {
            (Exists, _) => Ok(Test::Exists),
            (In | Intersects, _) | (Eq | EqEq, Some(Modifier::AnyOf)) => Ok(Test::Member(Set::new(parsed()?))),
            (Ne, Some(Modifier::AllOf)) if values.is_empty() => Ok(Test::Never),
            (Ne, Some(Modifier::AllOf)) => Ok(Test::NoMember(Set::new(parsed()?))),
            (PMatch, _) => {
                let mut paths = PathSet::default();
                values.iter().for_each(|v| paths.insert(v.as_ref()));
                Ok(Test::Paths(paths))
            }
            (_, None) if values.len() == 1 => Test::single(op, values[0].as_ref(), parse),
            (_, None) => Err(format!("operator '{}' needs one value, not {}", op.text(), values.len())),
            (_, Some(_)) if values.is_empty() => Ok(Test::Never),
            (_, Some(modifier)) => {
                let tests = values.iter().map(|v| Test::single(op, v.as_ref(), parse)).collect::<Result<_, _>>()?;
                Ok(Test::Several(modifier, tests))
            }
        }
    }

    fn single(op: Operator, value: &[u8], parse: impl Fn(&[u8]) -> Result<Value, String>) -> Result<Test, String> {
        use Operator::*;
        let bytes = |b: &[u8]| Value::Bytes(b.into());
        Ok(match op {
            Regex => Test::Regex(posix_regex::compile(value)?),
            Contains => contains(value),
            BContains => match parse(value)? {
                Value::Bytes(b) => contains(&b),
                other => Test::One(op, other),
            },
            // A pattern with stars only at its ends is compared as plain text.
            Glob => match value {
                [b'*', inner @ .., b'*'] if plain(inner) => contains(inner),
                [inner @ .., b'*'] if plain(inner) => Test::One(StartsWith, bytes(inner)),
                [b'*', inner @ ..] if plain(inner) => Test::One(EndsWith, bytes(inner)),
                _ if plain(value) => Test::One(Eq, bytes(value)),
                _ => Test::One(op, bytes(value)),
            },
            _ => Test::One(op, parse(value)?),
        })
    }

    /// Whether the test holds for one value.
    #[inline]
    pub fn holds(&self, value: Datum<'_>) -> bool {
        match (self, value) {
            (Test::Exists, _) => true,
            (Test::Never, _) => false,
            (Test::One(op, constant), value) => holds(*op, value, constant.datum()),
            (Test::Contains(finder), Datum::Bytes(b)) => finder.find(b).is_some(),
            (Test::Member(set), value) => set.contains(value),
            (Test::NoMember(set), value) => !set.contains(value),
            (Test::Paths(paths), Datum::Bytes(b)) => paths.matches(b),
            (Test::Regex(regex), Datum::Bytes(b)) => regex.is_match(b),
            (Test::Several(Modifier::AnyOf, tests), value) => tests.iter().any(|t| t.holds(value)),
            (Test::Several(Modifier::AllOf, tests), value) => tests.iter().all(|t| t.holds(value)),
            (Test::Several(Modifier::OneOf, tests), value) => {
                tests.iter().filter(|t| t.holds(value)).take(2).count() == 1
            }
            _ => false,
        }
    }

    /// Whether the test holds for the values of a field. For a list, `in` requires all values to be in the set,
    /// `intersects` at least one.
    #[inline]
    pub fn holds_for(&self, op: Operator, list: bool, values: &Extracted) -> bool {
        match list {
            true => self.holds_for_list(op, values),
            false => {
                matches!(self, Test::Exists)
                    || values.items().first().is_some_and(|item| self.holds(datum(values, item)))
            }
        }
    }

    #[inline(never)]
    fn holds_for_list(&self, op: Operator, values: &Extracted) -> bool {
        let holds = |item| self.holds(datum(values, item));
        match (self, op) {
            (Test::Exists, _) => true,
            (_, Operator::In) => values.items().iter().all(holds),
            _ => values.items().iter().any(holds),
        }
    }

    /// Whether it holds for the ends of a connection, or for candidates.
    #[inline(never)]
    pub fn holds_for_candidates(&self, comparison: Comparison, op: Operator, values: &Extracted) -> bool {
        let mut each = values.items().iter().map(|item| self.holds(datum(values, item)));
        match comparison {
            Comparison::Ends if op == Operator::Ne => !values.is_empty() && each.all(|holds| holds),
            _ => each.any(|holds| holds),
        }
    }
}

fn contains(part: &[u8]) -> Test {
    Test::Contains(Box::new(Finder::new(part).into_owned()))
}

fn plain(pattern: &[u8]) -> bool {
    !pattern.iter().any(|b| matches!(b, b'*' | b'?' | b'[' | b'\\'))
}

fn parse(op: Operator, ty: ParamType, value: &[u8]) -> Result<Value, String> {
    match constant_bytes(op, value)? {
        Some(bytes) => Ok(Value::Bytes(bytes.into())),
        None => Value::parse(ty, value),
    }
}

/// The bytes of a constant of an operator whose constants are written in hexadecimal; `None` for other operators.
pub fn constant_bytes(op: Operator, text: &[u8]) -> Result<Option<Vec<u8>>, String> {
    if !matches!(op, Operator::BContains | Operator::BStartsWith) {
        return Ok(None);
    }
    let bytes = unhex(text).ok_or("filter error: bcontains and bstartswith operator support hex strings only")?;
    Ok(Some(bytes))
}

/// `left op right` for the values of two fields.
pub fn fields_hold(op: Operator, list: bool, left: &Extracted, right: &Extracted) -> bool {
    let member = |item| right.items().iter().any(|r| equal(datum(left, item), datum(right, r)));
    match (op, list) {
        (Operator::In, true) => left.items().iter().all(member),
        (Operator::In | Operator::Intersects, _) => left.items().iter().any(member),
        _ => match (left.items().first(), right.items().first()) {
            (Some(l), Some(r)) => holds(op, datum(left, l), datum(right, r)),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParamType::*;

    fn text(op: Operator, modifier: Option<Modifier>, values: &[&str], value: &str) -> bool {
        Test::new(op, modifier, CHARBUF, values).unwrap().holds(Datum::Bytes(value.as_bytes()))
    }

    #[test]
    fn which_operators_fit_which_types() {
        let ok = |op, ty| check_comparable(op, false, ty, false);
        assert!(ok(Operator::StartsWith, CHARBUF).is_ok() && ok(Operator::Regex, FSPATH).is_ok());
        assert_eq!(
            ok(Operator::StartsWith, INT64).unwrap_err(),
            "'startswith' operator not supported for numeric filters"
        );
        assert_eq!(ok(Operator::Contains, BOOL).unwrap_err(), "'contains' operator not supported for numeric filters");
        assert_eq!(
            ok(Operator::BContains, CHARBUF).unwrap_err(),
            "'bcontains' operator not supported for string filters"
        );
        assert_eq!(
            ok(Operator::Lt, IPADDR).unwrap_err(),
            "'<' operator not supported for ip address and network filters"
        );
        assert_eq!(ok(Operator::Eq, UID).unwrap_err(), "'=' operator not supported for type 'UID'");
        let list = |op, ty| check_comparable(op, false, ty, true);
        assert_eq!(list(Operator::EqEq, CHARBUF).unwrap_err(), "'=' operator not supported list filters");
        assert_eq!(list(Operator::In, INT64).unwrap_err(), "list filters are not supported for type 'INT64'");
        assert!(list(Operator::Exists, INT64).is_ok());
    }

    #[test]
    fn texts() {
        use Operator::*;
        for (op, constant, value) in [
            (Eq, "a", "a"),
            (Ne, "a", "b"),
            (Lt, "b", "a"),
            (Ge, "b", "b"),
            (Contains, "", ""),
            (Contains, "b c", "ab cd"),
            (IContains, "BaSh", "/bin/bash"),
            (IContains, "", "x"),
            (StartsWith, "/etc", "/etc/x"),
            (EndsWith, ".so", "a.so"),
            (Glob, "/etc/*", "/etc/"),
            (Glob, "*.so*", "a.so.1"),
            (Glob, "*x", "x"),
            (Glob, "x", "x"),
            (IGlob, "*X", "ax"),
            (Regex, "a|b", "b"),
            (PMatch, "/etc", "/etc/x"),
            (In, "a", "a"),
        ] {
            assert!(text(op, None, &[constant], value), "{value} {op:?} {constant}");
        }
        for (op, constant, value) in [
            (Eq, "a", "ab"),
            (IContains, "bash", "bas"),
            (IContains, "aab", "aaaa"),
            (EndsWith, "ab", "b"),
            (Glob, "a*", "ba"),
            (Regex, "a", "ab"),
            (In, "", "a"),
        ] {
            assert!(!text(op, None, &[constant], value), "{value} {op:?} {constant}");
        }
    }

    #[test]
    fn modifiers() {
        use Modifier::*;
        use Operator::*;
        assert!(text(Eq, Some(AnyOf), &["a", "b"], "b") && !text(Eq, Some(AnyOf), &["a", "b"], "c"));
        assert!(text(Ne, Some(AllOf), &["a", "b"], "c") && !text(Ne, Some(AllOf), &["a", "b"], "a"));
        assert!(text(Contains, Some(AllOf), &["a", "b"], "cab") && !text(Contains, Some(AllOf), &["a", "b"], "ca"));
        assert!(text(Contains, Some(OneOf), &["a", "b"], "ca") && !text(Contains, Some(OneOf), &["a", "b"], "ab"));
        for op in [Eq, Ne, Contains, Regex] {
            for modifier in [OneOf, AnyOf, AllOf] {
                assert!(!text(op, Some(modifier), &[], "a"), "{op:?} {modifier:?} of nothing");
            }
        }
        assert!(text(Regex, Some(AnyOf), &["x.*", "y"], "y"));
    }

    #[test]
    fn sets() {
        use Operator::*;
        let numbers = Test::new(In, None, INT64, &["-1", "5", "5"]).unwrap();
        assert!(numbers.holds(Datum::Int(-1)) && numbers.holds(Datum::Uint(5)) && !numbers.holds(Datum::Int(4)));
        let nets = Test::new(In, None, IPNET, &["10.0.0.0/8", "fe80::/10"]).unwrap();
        assert!(
            nets.holds(Datum::Ip("10.1.2.3".parse().unwrap())) && nets.holds(Datum::Ip("fe80::1".parse().unwrap()))
        );
        assert!(!nets.holds(Datum::Ip("11.1.2.3".parse().unwrap())));
        assert!(!Test::new(In, None, CHARBUF, &[] as &[&str]).unwrap().holds(Datum::Bytes(b"")));
        let long = "x".repeat(100);
        let texts = Test::new(In, None, CHARBUF, &[long.as_str(), "a"]).unwrap();
        assert!(texts.holds(Datum::Bytes(long.as_bytes())) && !texts.holds(Datum::Bytes(&long.as_bytes()[..99])));
    }

    #[test]
    fn lists_are_compared_as_wholes() {
        let mut values = Extracted::default();
        values.push_text(b"file");
        values.push_text(b"ipv4");
        let holds = |op, set: &[&str]| Test::new(op, None, CHARBUF, set).unwrap().holds_for(op, true, &values);
        assert!(holds(Operator::In, &["file", "ipv4", "x"]) && !holds(Operator::In, &["file"]));
        assert!(holds(Operator::Intersects, &["file"]) && !holds(Operator::Intersects, &["x"]));
        let mut other = Extracted::default();
        other.push_text(b"ipv4");
        assert!(fields_hold(Operator::Intersects, true, &values, &other));
        assert!(!fields_hold(Operator::In, true, &values, &other) && fields_hold(Operator::In, true, &other, &values));
    }

    #[test]
    fn bytes_in_hex() {
        let test = |op, hex: &str| Test::new(op, None, BYTEBUF, &[hex]);
        assert!(test(Operator::BContains, "4745").unwrap().holds(Datum::Bytes(b"xGET")));
        assert!(test(Operator::BStartsWith, "474554").unwrap().holds(Datum::Bytes(b"GET /")));
        assert!(test(Operator::BStartsWith, "474").is_err());
        // A constant in memory is not in hexadecimal.
        let raw = Test::of_raw(Operator::BContains, None, ParamType::BYTEBUF, &[b"GET"]).unwrap();
        assert!(raw.holds(Datum::Bytes(b"xGET")));
    }

    #[test]
    fn an_address_of_the_other_kind_differs() {
        let ip = Datum::Ip("1.2.3.4".parse().unwrap());
        assert!(Test::new(Operator::Ne, None, IPADDR, &["::1"]).unwrap().holds(ip));
        assert!(Test::new(Operator::Ne, None, IPNET, &["fe80::/10"]).unwrap().holds(ip));
        assert!(!Test::new(Operator::Eq, None, IPNET, &["fe80::/10"]).unwrap().holds(ip));
    }
}
