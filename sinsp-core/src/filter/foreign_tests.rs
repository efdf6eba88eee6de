//! Tests of foreign fields and checks in filters and formats.

use super::ast::{Modifier, Operator};
use super::*;
use crate::fields::{Fields, ForeignCheck, ForeignClass, ForeignField, ForeignInfo, Found};
use crate::filter::sample::Sample;
use crate::format::{Formatter, Output};
use crate::{EventContext, Extracted, Item};
use driver::{Format, ParamType};
use std::cell::{Cell, OnceCell};

type Extract = Rc<dyn Fn(&EventContext<'_>, &mut Extracted) -> Result<bool>>;

/// A class of fields that counts extractions.
#[derive(Clone, Default)]
struct Class {
    fields: Vec<(&'static str, ParamType, Extract)>,
    extractions: Rc<Cell<usize>>,
    /// Whether its fields have their own comparison, which always holds.
    compares: bool,
}

impl Class {
    fn text(self, name: &'static str, text: &'static str) -> Class {
        self.with(name, ParamType::CHARBUF, move |_, out| {
            out.push_text(text.as_bytes());
            Ok(true)
        })
    }

    fn with(
        mut self,
        name: &'static str,
        ty: ParamType,
        extract: impl Fn(&EventContext<'_>, &mut Extracted) -> Result<bool> + 'static,
    ) -> Class {
        self.fields.push((name, ty, Rc::new(extract)));
        self
    }

    fn factory(self, of: &Factory) -> Factory {
        of.with_registry(Rc::new(Registry::new(vec![Fields::Foreign(Box::new(self)), Fields::Table])))
    }
}

struct Own(Extract, Rc<Cell<usize>>, bool);

impl ForeignClass for Class {
    fn find(&self, text: &str) -> Result<Found> {
        let Some((name, ty, extract)) = self.fields.iter().find(|(name, ..)| *name == text) else {
            return Ok(Found::No);
        };
        let info = ForeignInfo {
            name: name.to_string(),
            ty: *ty,
            format: Format::DEC,
            list: false,
            comparable_with_fields: true,
            transformable: true,
            takes_argument: false,
        };
        Ok(Found::Field(info, Box::new(Own(extract.clone(), self.extractions.clone(), self.compares))))
    }
}

impl ForeignField for Own {
    fn extract(&self, event: &EventContext<'_>, out: &mut Extracted) -> Result<bool> {
        self.1.set(self.1.get() + 1);
        self.0(event, out)
    }

    fn check(&self, op: Operator, _: Option<Modifier>, constants: &[&[u8]]) -> Result<Option<Box<dyn ForeignCheck>>> {
        if constants == [b"bad"] {
            return Err(Error::Invalid("a bad constant".into()));
        }
        let own: Box<dyn ForeignCheck> = Box::new(Holds(op != Operator::Ne));
        Ok(self.2.then_some(own))
    }
}

struct Holds(bool);

impl ForeignCheck for Holds {
    fn holds(&self, _: &EventContext<'_>) -> Result<bool> {
        Ok(self.0)
    }
}

fn holds(factory: &Factory, filter: &str) -> bool {
    let filter = factory.compile_text(filter.as_bytes()).unwrap();
    Sample::new().chdir(1, |e| filter.run(e)).unwrap()
}

#[test]
fn fields_of_others_are_compared_transformed_and_shown_like_those_of_the_table() {
    let number = |_: &EventContext<'_>, out: &mut Extracted| {
        out.push(Item::Int(7));
        Ok(true)
    };
    let factory = Class::default()
        .text("my.name", "Bash")
        .with("my.number", ParamType::INT64, number)
        .with("my.nothing", ParamType::CHARBUF, |_, _| Ok(false))
        .factory(&Factory::new());
    for filter in [
        "my.name = Bash and my.number in (1, 7) and evt.type = chdir",
        "my.name = val(proc.name) and tolower(my.name) = bash and len(my.name) = 4",
        "proc.name = val(my.name) and not my.nothing exists and my.number > 6",
        "my.name exists or my.nothing = x",
    ] {
        assert!(holds(&factory, filter), "{filter}");
    }
    let error = |filter: &str| factory.compile_text(filter.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        error("my.other = 1"),
        "filter_check called with nonexistent field my.other, at index 0, line 1, column 1"
    );
    assert!(error("my.number contains 1").contains("not supported"));
    assert!(error("my.number = x").contains("not a valid number"));
    assert!(error("my.number = val(proc.name)").contains("incompatible"));
    let mut text = Vec::new();
    let mut formatter = Formatter::new(&factory, b"%my.name %my.number %toupper(my.name)").unwrap();
    assert!(Sample::new().chdir(1, |e| formatter.format(e, Output::Text, &mut text)).unwrap());
    assert_eq!(text, b"Bash 7 BASH");
    assert!(Formatter::new(&Factory::new(), b"%my.name").is_err());
}

#[test]
fn a_field_of_others_may_compare_in_its_own_way() {
    let factory = Class { compares: true, ..Class::default() }
        .text("my.name", "Bash")
        .with("my.bytes", ParamType::BYTEBUF, |_, _| Ok(false))
        .factory(&Factory::new());
    assert!(holds(&factory, "my.name = anything") && !holds(&factory, "my.name != anything"));
    assert!(holds(&factory, "my.name in (x, y)") && holds(&factory, "my.name exists"));
    // With a transformer, or against a field, the values are compared.
    assert!(!holds(&factory, "tolower(my.name) = anything") && !holds(&factory, "my.name = val(evt.type)"));
    let error = factory.compile_text(b"my.name = bad").unwrap_err().to_string();
    assert_eq!(error, "a bad constant, at index 10, line 1, column 11");
    // The constant is in hexadecimal.
    let error = factory.compile_text(b"my.bytes bcontains 626164").unwrap_err().to_string();
    assert_eq!(error, "a bad constant, at index 19, line 1, column 20");
    assert!(factory.compile_text(b"my.bytes bstartswith bad").unwrap_err().to_string().contains("hex strings only"));
}

#[test]
fn it_is_extracted_once_an_event() {
    let shared = Factory::new();
    let class = Class::default().text("my.name", "Bash");
    let extractions = class.extractions.clone();
    let factory = class.clone().factory(&shared);
    let filters = ["my.name = x", "my.name contains a", "tolower(my.name) = bash"];
    let filters: Vec<_> = filters.iter().map(|f| factory.compile_text(f.as_bytes()).unwrap()).collect();
    let mut sample = Sample::new();
    sample.complete();
    for num in 1..=2 {
        filters.iter().for_each(|f| assert!(sample.chdir(num, |e| f.run(e)).is_ok()));
        assert_eq!(extractions.replace(0), 1);
    }
    // In another registry the name may be another field.
    let other = class.factory(&shared).compile_text(b"my.name = x").unwrap();
    assert!(sample.chdir(2, |e| other.run(e)).is_ok() && extractions.replace(0) == 1);
    // While an object is exposed, the values may change between two calls.
    let _exposed = sample.state_mut().threads.exposures().add();
    filters.iter().for_each(|f| assert!(sample.chdir(2, |e| f.run(e)).is_ok()));
    assert_eq!(extractions.get(), 3);
}

#[test]
fn its_failure_is_reported_and_the_filter_continues() {
    let fails = Rc::new(Cell::new(true));
    let failing = fails.clone();
    let factory = Class::default()
        .with("my.name", ParamType::CHARBUF, move |_, out| {
            out.push_text(b"Bash");
            if failing.get() { Err(Error::Invalid("my fault".into())) } else { Ok(true) }
        })
        .factory(&Factory::new());
    let filter = factory.compile_text(b"evt.type = chdir and tolower(my.name) = bash").unwrap();
    let mut formatter = Formatter::new(&factory, b"*%my.name").unwrap();
    let mut sample = Sample::new();
    sample.complete();
    for _ in 0..2 {
        assert_eq!(sample.chdir(1, |e| filter.run(e)).unwrap_err().to_string(), "my fault");
        for output in [Output::Text, Output::Json] {
            assert!(sample.chdir(1, |e| formatter.format(e, output, &mut Vec::new())).is_err());
        }
        assert!(sample.chdir(1, |e| formatter.resolve(e, |_, _| {})).is_err());
    }
    fails.set(false);
    assert!(sample.chdir(1, |e| filter.run(e)).unwrap());
}

/// A field that runs a filter of the same factory, on the same event or on another one.
fn nesting(of_another_event: bool) -> (Factory, Rc<OnceCell<Filter>>) {
    let inner: Rc<OnceCell<Filter>> = Rc::default();
    let nested = inner.clone();
    let factory = Class::default()
        .text("my.name", "Bash")
        .with("my.answer", ParamType::BOOL, move |e, out| {
            let filter = nested.get().unwrap();
            let holds = if of_another_event { Sample::new().generic(9, |e| filter.run(e)) } else { filter.run(e) };
            out.push(Item::Bool(holds?));
            Ok(true)
        })
        .factory(&Factory::new());
    (factory, inner)
}

#[test]
fn it_may_run_filters_of_the_same_factory() {
    for of_another_event in [false, true] {
        let (factory, inner) = nesting(of_another_event);
        let nested = "proc.name = val(my.name) and evt.type = chdir";
        inner.set(factory.compile_text(nested.as_bytes()).unwrap()).unwrap();
        let outer =
            "evt.type = chdir and my.name = val(proc.name) and my.answer = true and evt.num = 5 and my.name = Bash";
        let outer = factory.compile_text(outer.as_bytes()).unwrap();
        for exposed in [false, true] {
            let mut sample = Sample::new();
            let _exposed = exposed.then(|| sample.state_mut().threads.exposures().add());
            sample.make_transient(exposed);
            assert_eq!(sample.chdir(5, |e| outer.run(e)).unwrap(), !of_another_event);
            assert_eq!(sample.chdir(5, |e| outer.run(e)).unwrap(), !of_another_event);
        }
    }
}

#[test]
fn a_field_that_asks_for_itself_is_an_error() {
    for of_another_event in [false, true] {
        let (factory, inner) = nesting(of_another_event);
        inner.set(factory.compile_text(b"my.answer = true").unwrap()).unwrap();
        let outer = factory.compile_text(b"my.answer = true").unwrap();
        let error = Sample::new().chdir(1, |e| outer.run(e)).unwrap_err().to_string();
        assert!(error.contains("nested too deeply"), "{error}");
        assert!(holds(&factory, "my.name = Bash"));
    }
}

#[test]
fn a_class_may_compile_filters_while_it_is_asked_for_a_field() {
    struct Compiling(Factory);
    impl ForeignClass for Compiling {
        fn find(&self, _: &str) -> Result<Found> {
            drop(self.0.compile_text(b"proc.pid = 1 or tolower(proc.name) = x"));
            Ok(Found::Table)
        }
    }
    let shared = Factory::new();
    let place = Fields::Foreign(Box::new(Compiling(shared.clone())));
    let factory = shared.with_registry(Rc::new(Registry::new(vec![place])));
    assert!(holds(&factory, "tolower(proc.name) = bash and proc.pid = 42 and toupper(proc.name) = BASH"));
    assert!(factory.compile_text(b"my.name = x").is_err());
}

#[test]
fn a_result_lasts_only_if_the_clock_sees_what_it_depends_on() {
    struct NoContainers;
    impl crate::container_table::ContainerTable for NoContainers {
        fn text(&self, _: &[u8], _: crate::container_table::ContainerText, _: &mut dyn FnMut(&[u8])) {}
        fn each_ip(&self, _: &mut dyn FnMut(&[u8]) -> bool) {}
    }
    let mut sample = Sample::new();
    sample.complete();
    let factory = Class::default().text("own.name", "x").factory(&Factory::new());
    let lasts = |sample: &Sample, num: u64| {
        [
            "evt.type = chdir and evt.num > 0",
            "evt.type = chdir and proc.name = Bash",
            "evt.arg.path = val(proc.cwd)",
            "proc.pid = 42 or own.name = x",
            "own.name = val(proc.name)",
            "tolower(own.name) = x",
            "fd.sip.name = localhost",
        ]
        .map(|text| {
            let filter = factory.compile_text(text.as_bytes()).unwrap();
            sample.chdir(num, |event| filter.lasts(event))
        })
    };
    assert_eq!(lasts(&sample, 1), [true, true, true, false, false, false, false]);
    // Not for an event without a number of its own.
    assert_eq!(lasts(&sample, 0), [false; 7]);
    sample.make_transient(true);
    assert_eq!(lasts(&sample, 1), [false; 7]);
    sample.make_transient(false);
    // The event alone does not change while objects outside the core, or a plugin, have what the state is made of.
    let now = sample.state_mut().clock().now();
    let exposed = sample.state_mut().threads.exposures().add();
    assert_ne!(sample.state_mut().clock().now(), now);
    assert_eq!(lasts(&sample, 1), [true, false, false, false, false, false, false]);
    drop(exposed);
    assert_eq!(lasts(&sample, 1)[..2], [true, true]);
    sample.set_containers(crate::container_table::Containers(Some(Rc::new(NoContainers))));
    assert_eq!(lasts(&sample, 1)[..2], [true, false]);
    // The epoch does not change without the clock.
    let now = sample.state_mut().clock().now();
    sample.state_mut().touch();
    assert_ne!(sample.state_mut().clock().now(), now);
}
