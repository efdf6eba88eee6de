//! Tests of filters on sample events.

use super::sample::Sample;
use super::*;

fn holds(filter: &str) -> bool {
    let filter = Factory::new().compile_text(filter.as_bytes()).unwrap_or_else(|e| panic!("{filter}: {e}"));
    Sample::new().chdir(7, |event| filter.run(event).unwrap())
}

fn error(filter: &str) -> String {
    match Factory::new().compile_text(filter.as_bytes()) {
        Ok(_) => panic!("{filter} compiles"),
        Err(e) => e.to_string(),
    }
}

#[test]
fn junctions() {
    let (yes, no) = ("proc.pid=42", "proc.pid=1");
    for (filter, want) in [
        (format!("{yes} and {yes}"), true),
        (format!("{yes} and {no}"), false),
        (format!("{no} or {yes}"), true),
        (format!("{no} or {no}"), false),
        (format!("not {no}"), true),
        (format!("not ({yes} and {no}) and not ({no} or {no})"), true),
        (format!("{no} and {yes} or {yes}"), true),
        (format!("{no} and ({yes} or {yes})"), false),
        (format!("not (not {yes} or ({no} and not {no}))"), true),
    ] {
        assert_eq!(holds(&filter), want, "{filter}");
    }
}

#[test]
fn checks_of_fields() {
    for filter in [
        "evt.num = 7",
        "evt.num > 6 and evt.num <= 7",
        "evt.type = chdir",
        "evt.type in (open, chdir)",
        "proc.name = Bash",
        "proc.name in (sh, Bash)",
        "proc.exepath pmatch (/etc, /usr/bin)",
        "proc.exepath glob /usr/*/B?sh",
        "proc.name regex '[A-Z].*'",
        "proc.args contains ls",
        "proc.cmdline icontains BASH",
        "proc.env[HOME] = /root",
        "proc.aname = init",
        "proc.aname in (x, init)",
        "proc.aname[1] = init",
        "proc.name exists and not fd.name exists",
        "proc.pid in (1, 42)",
        "evt.arg.path startswith /",
        "evt.arg.path = val(evt.arg[1])",
        "proc.is_exe_writable = false",
    ] {
        assert!(holds(filter), "{filter}");
    }
    for filter in [
        "evt.num != 7",
        "evt.type != chdir",
        "evt.type = open",
        "not evt.type in (open, chdir)",
        "proc.name in ()",
        "proc.name = bash",
        "fd.name != x",
        "proc.aname = Bash",
        "fd.ip != 1.2.3.4",
        "fd.net exists",
        "proc.name = val(proc.pname)",
    ] {
        assert!(!holds(filter), "{filter}");
    }
}

#[test]
fn transformed_fields() {
    for filter in [
        "tolower(proc.name) = bash",
        "toupper(tolower(proc.name)) = BASH",
        "basename(proc.exepath) = val(proc.name)",
        "len(proc.name) = 4",
        "proc.exe = tolower(proc.name)",
        "join('-', (proc.name, proc.pid, 'x', 5)) = Bash-42-x-5",
        "concat(proc.name, ':', proc.exe) = Bash:bash",
        "toupper('x') = X",
        "b64('aGVsbG8=') = hello",
        "getopt(('-n', '-t', 'v'), 'nt:') intersects (v)",
        "getopt(('-n', '-t', 'v'), 'nt:')[t] = v",
        "len(getopt(('-n', '-t', 'v'), 'nt:')) = 3",
    ] {
        assert!(holds(filter), "{filter}");
    }
    assert!(!holds("b64(proc.name) = x or not b64('!') exists and proc.pid = 1"));
    assert!(!holds("getopt(('-n'), 'nt:')[t] exists"));
}

#[test]
fn modified_operators() {
    for filter in [
        "proc.name = anyof (x, Bash)",
        "proc.cmdline contains allof (-c, ls)",
        "proc.cmdline contains oneof (-c, nothing)",
        "proc.name != allof (x, y)",
        "proc.name startswith anyof (x, B)",
    ] {
        assert!(holds(filter), "{filter}");
    }
    assert!(!holds("proc.cmdline contains oneof (-c, ls)") && !holds("proc.name = anyof ()"));
}

#[test]
fn what_does_not_fit_is_refused() {
    for (filter, message) in [
        ("nonexistent.field = 1", "filter_check called with nonexistent field nonexistent.field"),
        (
            "proc.nmae = 1",
            "filter_check called with nonexistent field proc.nmae (did you mean 'proc.name', 'proc.aname' or 'proc.pname'?)",
        ),
        ("evt.type = opne", "unknown event type opne (did you mean 'open'?), in a comparison of field 'evt.type'"),
        (
            "proc.aname[abc] = x",
            "filter_check called with nonexistent field proc.aname[abc]: abc is not a valid number from -2147483648 to 2147483647",
        ),
        ("proc.name = val(nosuch.field)", "filter_check called with nonexistent field nosuch.field"),
        ("proc.pid = abc", "abc is not a valid number, in a comparison of field 'proc.pid'"),
        (
            "proc.pid startswith 1",
            "filter error: 'startswith' operator not supported for numeric filters: field 'proc.pid' has type 'INT64'",
        ),
        (
            "fd.types contains file",
            "filter error: 'contains' operator not supported list filters: field 'fd.types' has type 'CHARBUF' (list)",
        ),
        ("evt.type = notanevent", "unknown event type notanevent, in a comparison of field 'evt.type'"),
        ("evt.is_io = maybe", "filter error: unrecognized boolean value maybe, in a comparison of field 'evt.is_io'"),
        ("macro", "filter error: unexpected identifier 'macro'"),
        ("fd.snet = 10.0.0.0/99", "invalid netmask 99, in a comparison of field 'fd.snet'"),
        ("concat(proc.name, proc.pid) = x", "concat() arguments must be strings"),
        ("concat(proc.name) = x", "concat() requires at least 2 arguments"),
        ("join(proc.name, proc.name) = x", "join() second argument must be a list"),
        ("getopt(('-n'), 'n')[xy] = x", "getopt() field argument must be a single option character"),
        ("tolower(proc.name)[1] = x", "filter error: transformer 'tolower' does not support field arguments"),
        ("proc.name pmatch val(proc.exe)", "operator 'PMATCH' doesn't support right-hand side fields"),
        ("fd.snet = val(fd.snet)", "field type 'IPNET' doesn't support right-hand side fields"),
        ("proc.name = val(proc.aname)", "field 'proc.aname' can't be used as a right-hand side field"),
        ("proc.aname = val(proc.name)", "field 'proc.aname' doesn't support right-hand side fields"),
        (
            "proc.name = val(proc.pid)",
            "field 'proc.name' has type 'CHARBUF' while the right-hand side field 'proc.pid' has incompatible type 'INT64'",
        ),
        (
            "tolower(proc.pid) = 1",
            "can't add field transformer: type 'INT64' is not supported by 'tolower' transformer applied on field 'proc.pid'",
        ),
        ("evt.around[5] > 3", "evt.around supports only '=' comparison operator"),
        ("evt.around[5] = x", "x is not a valid number, in a comparison of field 'evt.around'"),
        (
            "evt.buffer bcontains 4x",
            "filter error: bcontains and bstartswith operator support hex strings only, in a comparison of field 'evt.buffer'",
        ),
        (
            "proc.name regex '(a{1000}){1000}'",
            "invalid regex pattern: Compiled regex exceeds size limit of 10485760 bytes.: (a{1000}){1000}, in a comparison of \
             field 'proc.name'",
        ),
    ] {
        let error = error(filter);
        let (what, place) = error.rsplit_once(", at ").unwrap();
        assert_eq!(what, message, "{filter}");
        assert!(place.starts_with("index "), "{error}");
    }
    assert!(error("proc.name regex '['").starts_with("invalid regex pattern"));
    assert!(error("evt.type = open and").starts_with("filter error at index 19, line 1, column 20: "));
}

#[test]
fn an_error_says_where_its_check_begins() {
    let compiled = Factory::new().compile_text(b"proc.name = x and\n  proc.pid = abc");
    let Err(crate::Error::Check { at, part, what }) = compiled else { panic!("it compiles") };
    assert_eq!((at.offset, at.line, at.column), (20, 2, 3));
    assert_eq!((part.offset, part.line, part.column), (31, 2, 14));
    assert_eq!(what, "abc is not a valid number, in a comparison of field 'proc.pid', at index 31, line 2, column 14");
}

#[test]
fn trees_that_were_built_by_hand_are_checked() {
    use ast::Expr;
    let at = crate::Position::default();
    let compile = |ast: &Ast| Factory::new().compile(ast);
    assert!(compile(&Ast::new()).is_err());
    let mut ast = Ast::new();
    ast.push(at, Expr::Value("x".into())).unwrap();
    assert!(compile(&ast).is_err());
    let mut ast = Ast::new();
    let value = ast.push(at, Expr::Value("x".into())).unwrap();
    ast.push(at, Expr::Unary { left: value, op: ast::Operator::Exists }).unwrap();
    assert!(compile(&ast).is_err());
}

/// Adds a tree of `depth` levels at most to `ast`, with expressions of 0 to 3 parts; returns its root and whether it holds.
fn grow(ast: &mut Ast, seed: &mut u64, depth: u32) -> (ast::NodeId, bool) {
    use ast::Expr;
    let at = crate::Position::default();
    *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    let choice = *seed >> 60;
    if depth == 0 || choice < 4 {
        let left = ast.push(at, Expr::Field { name: "proc.pid".into(), arg: None }).unwrap();
        let holds = choice.is_multiple_of(2);
        let right = ast.push(at, Expr::Value(if holds { "42" } else { "1" }.into())).unwrap();
        let check = Expr::Binary { left, op: ast::Operator::Eq, modifier: None, right };
        return (ast.push(at, check).unwrap(), holds);
    }
    if choice == 4 {
        let (child, holds) = grow(ast, seed, depth - 1);
        return (ast.push(at, Expr::Not(child)).unwrap(), !holds);
    }
    let parts: Vec<_> = (0..choice % 4).map(|_| grow(ast, seed, depth - 1)).collect();
    let (nodes, results): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    match choice < 11 {
        true => (ast.push(at, Expr::And(nodes)).unwrap(), results.iter().all(|holds| *holds)),
        false => (ast.push(at, Expr::Or(nodes)).unwrap(), results.iter().any(|holds| *holds)),
    }
}

#[test]
fn trees_of_any_form() {
    let mut seed = 1;
    for i in 0..500 {
        let mut ast = Ast::new();
        let (_, want) = grow(&mut ast, &mut seed, 1 + i % 5);
        let filter = Factory::new().compile(&ast).unwrap();
        assert_eq!(Sample::new().chdir(7, |event| filter.run(event).unwrap()), want, "{ast:?}");
    }
}

#[test]
fn filters_share_what_they_have_in_common() {
    let factory = Factory::new();
    let compile = |text: &str| factory.compile_text(text.as_bytes()).unwrap();
    let a = compile("proc.name = Bash and proc.pid = 42");
    assert_eq!(factory.size(), (2, 2));
    let b = compile("proc.pid = 42 and (proc.name == Bash or proc.name in (x))");
    assert_eq!(factory.size(), (2, 3));
    let c = compile("proc.name in (x) or proc.name = 'in (x)'");
    assert_eq!(factory.size(), (2, 4));
    let sample = Sample::new();
    assert_eq!(sample.chdir(1, |e| [a.run(e).unwrap(), b.run(e).unwrap(), c.run(e).unwrap()]), [true, true, false]);
    // Stateful fields are not shared.
    let _own = [compile("evt.deltatime > 1"), compile("evt.deltatime > 1")];
    assert_eq!(factory.size(), (4, 6));
}

#[test]
fn what_no_filter_uses_any_more_goes() {
    let factory = Factory::new();
    let kept = factory.compile_text(b"proc.pid = 42").unwrap();
    for i in 0..100 {
        let filter = format!("proc.name = x{i} and toupper(proc.env[V{i}]) = val(proc.exe)");
        drop(factory.compile_text(filter.as_bytes()).unwrap());
        factory.compile_text(format!("proc.env[W{i}] = x and proc.nothing = 1").as_bytes()).unwrap_err();
    }
    let other = factory.compile_text(b"proc.pid = 42 and proc.name = Bash").unwrap();
    assert_eq!(factory.size(), (2, 2));
    assert_eq!(Sample::new().chdir(1, |e| [kept.run(e).unwrap(), other.run(e).unwrap()]), [true, true]);
    drop(kept);
    assert!(Sample::new().chdir(2, |e| other.run(e).unwrap()));
    let ast = parse(b"toupper(proc.name) exists").unwrap();
    let extractor = factory.extractor(&ast, 1, Form::Compared).unwrap();
    drop(other);
    factory.compile_text(b"evt.num = 1").unwrap();
    assert_eq!(factory.size(), (3, 1));
    assert_eq!(
        Sample::new().chdir(3, |e| extractor.extract(e, |v| v.text(&v.items()[0]).to_vec())).unwrap().unwrap(),
        b"BASH"
    );
}

#[test]
fn what_the_parsers_may_still_change_is_asked_again() {
    let filter = Factory::new().compile_text(b"proc.name = Bash").unwrap();
    let mut sample = Sample::new();
    assert!(sample.chdir(1, |e| filter.run(e).unwrap()));
    sample.rename("other");
    assert!(sample.chdir(1, |e| filter.run(e).unwrap()));
    sample.complete();
    assert!(!sample.chdir(1, |e| filter.run(e).unwrap()));
}

#[test]
fn nothing_is_remembered_beyond_an_event() {
    let factory = Factory::new();
    let filter = factory.compile_text(b"evt.type = chdir and evt.num > 1").unwrap();
    let sample = Sample::new();
    assert!(!sample.chdir(1, |e| filter.run(e).unwrap()));
    assert!(sample.chdir(2, |e| filter.run(e).unwrap()));
    assert!(!sample.generic(3, |e| filter.run(e).unwrap()));
    // Events without a number are not cached.
    let by_path = factory.compile_text(b"evt.arg.path = /a").unwrap();
    let chdir = |path: &str| {
        let params = [0i64.into(), path.into()];
        sample.event(0, driver::EventType::SYSCALL_CHDIR_X, &params, |e| by_path.run(e).unwrap())
    };
    assert!(chdir("/a") && !chdir("/b") && chdir("/a"));
}

#[test]
fn no_answer_outlives_a_change_of_the_state() {
    let mut sample = Sample::new();
    sample.complete();
    let factory = Factory::new();
    let filter = factory.compile_text(b"user.uid = 7").unwrap();
    let format = |sample: &Sample| {
        let mut text = Vec::new();
        let mut formatter = crate::format::Formatter::new(&factory, b"%user.uid").unwrap();
        sample.chdir(1, |e| formatter.format(e, crate::format::Output::Text, &mut text).unwrap());
        String::from_utf8(text).unwrap()
    };
    sample.set_uid(5);
    assert!(!sample.chdir(1, |e| filter.run(e).unwrap()));
    // The epoch did not change, so the cached result is used; a format extracts anew.
    sample.set_uid(7);
    assert!(!sample.chdir(1, |e| filter.run(e).unwrap()) && format(&sample) == "7");
    sample.state_mut().touch();
    assert!(sample.chdir(1, |e| filter.run(e).unwrap()) && format(&sample) == "7");
    // Exposed threads can change without a change of the epoch.
    let _exposed = sample.state_mut().threads.exposures().add();
    for uid in [8, 7, 9] {
        sample.set_uid(uid);
        assert_eq!((sample.chdir(1, |e| filter.run(e).unwrap()), format(&sample)), (uid == 7, uid.to_string()));
    }
}

#[test]
fn what_is_known_is_what_an_evaluation_found() {
    let mut sample = Sample::new();
    sample.complete();
    let factory = Factory::new();
    let filter = factory.compile_text(b"evt.type = chdir and (proc.pid = 1 or user.uid = 7)").unwrap();
    let same = factory.compile_text(b"user.uid = 7 and evt.type = chdir").unwrap();
    let other = factory.compile_text(b"evt.type = open").unwrap();
    let known = |filter: &Filter, num| sample.chdir(num, |e| filter.known(&e.moment()));
    assert_eq!((known(&filter, 1), known(&other, 1)), (None, Some(false)));
    assert!(!sample.chdir(1, |e| filter.run(e).unwrap()));
    assert_eq!((known(&filter, 1), known(&same, 1)), (Some(false), Some(false)));
    assert_eq!(known(&filter, 2), None);
    sample.set_uid(7);
    sample.state_mut().touch();
    let known = |filter: &Filter, num| sample.chdir(num, |e| filter.known(&e.moment()));
    assert_eq!(known(&filter, 2), None);
    assert!(sample.chdir(2, |e| same.run(e).unwrap()));
    // The id of the process was not compared yet.
    assert_eq!((known(&same, 2), known(&filter, 2)), (Some(true), None));
    // What exposed threads decide may have changed.
    let _exposed = sample.state_mut().threads.exposures().add();
    assert_eq!(sample.chdir(2, |e| same.known(&e.moment())), None);
    sample.make_transient(true);
    assert!(sample.chdir(3, |e| same.run(e).unwrap()));
    assert_eq!(sample.chdir(3, |e| same.known(&e.moment())), None);
}

#[test]
fn what_comes_from_the_event_alone_is_kept_while_threads_are_exposed() {
    let mut sample = Sample::new();
    sample.complete();
    let _exposed = sample.state_mut().threads.exposures().add();
    let delta = |sample: &Sample, extractor: &Extractor, num| {
        sample.chdir(num, |e| extractor.extract(e, |values| format!("{:?}", values.items())).unwrap())
    };
    let ast = parse(b"evt.deltatime = 1").unwrap();
    let extractor = Factory::new().extractor(&ast, ast::NodeId::default(), Form::Shown).unwrap();
    // A stateful field is extracted once per event: a second extraction would give 0.
    delta(&sample, &extractor, 1);
    let first = delta(&sample, &extractor, 3);
    assert!(first.as_ref().is_some_and(|text| text.contains("2000000000")), "{first:?}");
    assert_eq!(delta(&sample, &extractor, 3), first);
}

#[test]
fn states_and_events_of_others_are_distinguished() {
    let (mut one, mut other) = (Sample::new(), Sample::new());
    one.complete();
    other.complete();
    other.set_uid(7);
    let filter = Factory::new().compile_text(b"user.uid = 7 and evt.arg.path = /tmp").unwrap();
    for _ in 0..2 {
        assert!(!one.chdir(1, |e| filter.run(e).unwrap()) && other.chdir(1, |e| filter.run(e).unwrap()));
    }
    // A transient event can have any number and is not cached.
    let path = |sample: &Sample, path: &str| {
        sample.event(1, driver::EventType::SYSCALL_CHDIR_X, &[0i64.into(), path.into()], |e| filter.run(e).unwrap())
    };
    assert!(path(&other, "/tmp"));
    other.make_transient(true);
    assert!(!path(&other, "/x") && path(&other, "/tmp") && !path(&other, "/y"));
    other.make_transient(false);
    assert!(path(&other, "/tmp"));
}

#[test]
fn a_filter_knows_which_events_it_can_hold_for() {
    use driver::EventType;
    let can =
        |filter: &str, ty: EventType| Factory::new().compile_text(filter.as_bytes()).unwrap().types().contains(ty.0);
    let (chdir, open) = (EventType::SYSCALL_CHDIR_X, EventType::SYSCALL_OPEN_X);
    assert!(can("evt.type = chdir", chdir) && !can("evt.type = chdir", open));
    assert!(!can("evt.type != chdir", chdir) && can("evt.type != chdir", open));
    assert!(!can("not (evt.type = chdir or proc.pid = 1)", chdir));
    assert!(can("not (evt.type = chdir and proc.pid = 1)", chdir));
    assert!(!can("evt.type in (open, openat) and proc.pid = 1", chdir));
    assert!(can("evt.type in (open) or proc.pid = 1", chdir));
    assert!(can("evt.type contains chdir", chdir));
    // The name of a generic event is not in the event table.
    assert!(can("evt.type = getppid", EventType::GENERIC_X) && can("evt.type != getppid", EventType::GENERIC_X));
    let filter = Factory::new().compile_text(b"evt.type = getppid").unwrap();
    assert!(Sample::new().generic(1, |e| filter.run(e).unwrap()));
}

#[test]
fn warnings() {
    let warnings = |filter: &str| {
        let filter = Factory::new().compile_text(filter.as_bytes()).unwrap();
        filter.warnings().iter().map(|w| (w.at.offset, w.what.clone())).collect::<Vec<_>>()
    };
    assert_eq!(warnings("proc.name = x"), []);
    assert_eq!(
        warnings("proc.name = proc.pname"),
        [(12, "'proc.pname' may be a valid field misused as a const string value".to_string())]
    );
    assert_eq!(
        warnings("proc.name = 'val( x )'"),
        [(12, "'val( x )' may be a valid field transformer misused as a const string value".to_string())]
    );
    assert_eq!(warnings("proc.name regex 'abc.*'").len(), 1);
    assert_eq!(warnings("proc.name regex 'a.c'"), []);
}

/// Texts made from pieces of filters, with a fixed sequence.
fn mangled(count: usize) -> impl Iterator<Item = Vec<u8>> {
    const FILTERS: &[&str] = &[
        "(proc.name in (bash, \"a b\") and not evt.type = open) or fd.sip = 10.0.0.1",
        "tolower(proc.exepath) startswith anyof ('/usr', \"/bin\\n\") and proc.aname[2] exists",
        "join(\"-\", (proc.name, len(proc.cmdline), 5)) regex '^[a-z]{2,4}(x|y)*$'",
        "getopt(proc.args, \"nt:\")[t] != val(proc.env[HOME]) and fd.snet in (10.0.0.0/8, fe80::/10)",
        "evt.buffer bcontains 4745 or evt.rawarg.res < -0x5 or proc.name glob '[a-[:digit:]]*\\?'",
    ];
    let mut seed = 1u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize % below
    };
    (0..count).map(move |_| {
        let mut text = FILTERS[random(FILTERS.len())].as_bytes().to_vec();
        for _ in 0..=random(3) {
            let other = FILTERS[random(FILTERS.len())].as_bytes();
            let (from, to) = (random(other.len()), random(other.len()));
            let at = random(text.len() + 1);
            let end = (at + random(6)).min(text.len());
            text.splice(at..end, other.get(from..to).unwrap_or(&[b"()[]'\"\\*\xff\0"[random(10)]]).iter().copied());
        }
        text
    })
}

#[test]
fn no_text_breaks_the_compiler_or_what_it_makes() {
    let sample = Sample::new();
    let factory = Factory::new();
    let mut compiled = 0;
    for text in mangled(4000) {
        if let Ok(filter) = factory.compile_text(&text) {
            compiled += 1;
            sample.chdir(compiled, |e| filter.run(e).unwrap());
        }
        let format = [&b"*%"[..], &text].concat();
        if let Ok(mut formatter) = crate::format::Formatter::new(&factory, &format) {
            sample.chdir(1, |e| formatter.format(e, crate::format::Output::Json, &mut Vec::new()).unwrap());
        }
    }
    assert!(compiled > 10, "{compiled}");
}

#[test]
fn a_tree_reads_back_from_its_text() {
    for text in mangled(2000) {
        let Ok(ast) = parse(&text) else { continue };
        let printed = ast.text(ast.root());
        // Values with parentheses or commas are printed without quotes, the empty text as nothing, so not all output
        // parses.
        if let Ok(again) = parse(&printed) {
            assert_eq!(again.text(again.root()), printed);
        }
    }
}
