use super::*;

fn text(filter: &str) -> String {
    let ast = parse(filter.as_bytes()).unwrap_or_else(|e| panic!("{filter}: {e}"));
    ast.text(ast.root()).to_string()
}

/// The position of the error: offset, line, column.
fn error(filter: &str) -> (u32, u32, u32) {
    match parse(filter.as_bytes()) {
        Err(Error::Filter { at, .. }) => (at.offset, at.line, at.column),
        Err(e) => panic!("{filter}: {e}"),
        Ok(ast) => panic!("{filter} parses as {}", ast.text(ast.root())),
    }
}

#[test]
fn groups_bind_as_written() {
    assert_eq!(text("a and b or c"), "((a and b) or c)");
    assert_eq!(text("(a)and(b)and(c or d)"), "(a and b and (c or d))");
    assert_eq!(text("not(a)and(not(b))"), "(not a and not b)");
    assert_eq!(text("not not not a"), "not a");
    assert_eq!(text("not not not not not(not not(not not_macro))"), "not not not_macro");
    assert_eq!(text("macro and and_macro"), "(macro and and_macro)");
    assert_eq!(text(" a.a=1 or b.b=2\n\tand c "), "(a.a = 1 or (b.b = 2 and c))");
}

#[test]
fn values_and_their_quotes() {
    assert_eq!(text("fd.name=*.log"), "fd.name = *.log");
    assert_eq!(text("a.b = 0a!@#456:/\\.;!$%^&*[]{}|"), "a.b = \"0a!@#456:/\\\\.;!$%^&*[]{}|\"");
    assert_eq!(text("a.b = 'mixed \"'"), "a.b = \"mixed \\\"\"");
    assert_eq!(text("a.b = \"bad escape \\ \" "), "a.b = \"bad escape \\\\\"");
    assert_eq!(text("a.b = not"), "a.b = not");
    assert_eq!(text("a.b in (1, 'a b', b.c)"), "a.b in (1, \"a b\", b.c)");
    assert_eq!(text("a.b in()"), "a.b in ()");
    assert_eq!(text("a.b in names"), "a.b in names");
    for bad in ["a.b = a,", "a.b = a=", "a.b = '", "a.b = \"'", "a.b = 'x''", "a.b = \"mixed \\'\"", "a.b = x y"] {
        error(bad);
    }
}

#[test]
fn numbers() {
    for good in ["1000", "+1", "-1", "0x12345", "0XaB00AB", "1.2", "-0.1222e+10"] {
        assert!(parse(format!("a.b > {good}").as_bytes()).is_ok(), "{good}");
        assert!(parse(format!("a.b >{good} and x").as_bytes()).is_ok(), "{good}");
    }
    for bad in ["!0.1222e+10", "0xAAA.1", "0aaaaa", "a", "\"1\"", "1e5"] {
        error(&format!("a.b > {bad}"));
    }
}

#[test]
fn lists_are_complete() {
    for bad in ["(", ")", "(value,)", "(value,,)", "(,)", "(, ,)", "", "(b64(a.b))", "(a, b64(a.b))"] {
        for op in ["in", "intersects", "pmatch"] {
            error(&format!("a.b {op} {bad}"));
        }
    }
    for op in ["=", "<", "startswith", "contains"] {
        error(&format!("a.b {op} (value)"));
    }
    // A list that begins with an invalid text is an error, not an empty list.
    assert_eq!(error("a.b in ('\\q')").0, 12);
}

#[test]
fn operators_and_what_follows_them() {
    for op in ["=", "==", "!="] {
        assert!(parse(format!("a.b {op}value").as_bytes()).is_ok());
        error(&format!("a.b {op}="));
    }
    for op in WORDS {
        assert!(parse(format!("a.b {}\nvalue", op.text()).as_bytes()).is_ok());
        error(&format!("a.b {}value", op.text()));
    }
    assert_eq!(text("a.b existsand c"), "(a.b exists and c)");
    for bad in ["a.b ExIsTs", "a.b exists something", "a.b ===", "a.b in", "a.b >", "macro > 12"] {
        error(bad);
    }
}

#[test]
fn modifiers_need_a_list() {
    assert_eq!(text("a.b == oneof (x, y)"), "a.b == oneof (x, y)");
    assert_eq!(text("a.b startswith anyof names"), "a.b startswith anyof names");
    assert_eq!(text("a.b = oneof oneof"), "a.b = oneof oneof");
    assert_eq!(text("a.b = anyof and c.c exists"), "(a.b = anyof and c.c exists)");
    assert_eq!(text("(a.b = allof) or x"), "(a.b = allof or x)");
    assert_eq!(text("a.b = oneof_something"), "a.b = oneof_something");
    assert_eq!(error("a.b =oneof (x)").0, 11);
    assert_eq!(error("proc.args oneof contains (-c, -l)").0, 10);
}

#[test]
fn transformers() {
    assert_eq!(text("b64( toupper(a.b ) ) exists"), "b64(toupper(a.b)) exists");
    assert_eq!(text("a.b = val( c.d[1] )"), "a.b = val(c.d[1])");
    assert_eq!(text("getopt(proc.args, \"nt:\")[\"t\"] = v"), "getopt(proc.args,nt:)[t] = v");
    assert_eq!(text("evt.arg[\"key with space\"] = v"), "evt.arg[\"key with space\"] = v");
    assert_eq!(text("a.b[\"\"] = v"), "a.b[\"\"] = v");
    assert_eq!(text("join(\"-\", ( a.b , 'x', 12, len(c.d) )) = v"), "join(-,(a.b,x,12,len(c.d))) = v");
    assert_eq!(text("join('-', ()) = v"), "join(-,()) = v");
    assert_eq!(text("a.b = b64 and(c)"), "(a.b = b64 and c)");
    for bad in [
        "val(a.b) exists",
        "b64(val(a.b)) exists",
        "a.b = val(val(c.d))",
        "a.b = val(toupper(c.d))",
        "b64(a.b [1]) exists",
        "b64 (a.b) exists",
        "b64(ab) exists",
        "b64(a.b exists",
        "b64() exists",
        "(a.b) exists",
        "unknown(a.b) = x",
        "a.b = (b64(c.d))",
        "join('-', (,a.b)) = v",
        "join('-', (a.b,)) = v",
        "join('-', ((a.b))) = v",
        "join('-', (macro)) = v",
        "evt.arg[] = v",
        "evt.arg[\"x\" = v",
        "a.b[ x ] = v",
        "a.b[[] = v",
    ] {
        error(bad);
    }
}

#[test]
fn errors_stand_where_the_text_stops_making_sense() {
    assert_eq!(error(""), (0, 1, 1));
    assert_eq!(error("and evt.type=open"), (4, 1, 5));
    assert_eq!(error("evt.type = open and"), (19, 1, 20));
    assert_eq!(error("evt.type=open or or evt.type=close"), (20, 1, 21));
    assert_eq!(error("(evt.type=open"), (14, 1, 15));
    assert_eq!(error("evt.type=open)"), (13, 1, 14));
    assert_eq!(error("proc.name === bash"), (12, 1, 13));
    assert_eq!(error("proc.name in (bash"), (18, 1, 19));
    assert_eq!(error("proc.aname[] = x"), (11, 1, 12));
    assert_eq!(error("proc.name contains 5 and 3"), (25, 1, 26));
    assert_eq!(error("evt.rawtime > \"abc\""), (14, 1, 15));
    assert_eq!(error("exists fd.name"), (7, 1, 8));
    assert_eq!(error("a and\n  b ="), (10, 2, 5));
}

#[test]
fn a_position_counts_lines_and_columns() {
    let at = |filter: &str| {
        let mut parser = Parser::new(filter.as_bytes());
        parser.parse().unwrap();
        let p = parser.position();
        (p.offset, p.line, p.column)
    };
    assert_eq!(at("a and b    "), (11, 1, 12));
    assert_eq!(at("a \n and \n  b"), (12, 3, 4));
    assert_eq!(at("a \n and \n not \n b"), (17, 4, 3));
}

/// The kind and position of each node, in text order.
fn places(filter: &str) -> String {
    fn walk(ast: &Ast, id: NodeId, out: &mut Vec<String>) {
        let node = ast.node(id);
        let (kind, children) = match &node.expr {
            Expr::And(c) => ("and", c.clone()),
            Expr::Or(c) => ("or", c.clone()),
            Expr::Not(c) => ("not", vec![*c]),
            Expr::Identifier(_) => ("identifier", vec![]),
            Expr::Value(_) => ("value", vec![]),
            Expr::List(_) => ("list", vec![]),
            Expr::TransformerList(c) => ("elements", c.clone()),
            Expr::Unary { left, .. } => ("unary", vec![*left]),
            Expr::Binary { left, right, .. } => ("binary", vec![*left, *right]),
            Expr::Field { .. } => ("field", vec![]),
            Expr::Transformer { values, .. } => ("transformer", values.clone()),
        };
        out.push(format!("{kind} {}:{}:{}", node.at.offset, node.at.line, node.at.column));
        children.iter().for_each(|c| walk(ast, *c, out));
    }
    let ast = parse(filter.as_bytes()).unwrap();
    let mut out = Vec::new();
    walk(&ast, ast.root(), &mut out);
    out.join(", ")
}

#[test]
fn nodes_know_where_they_begin() {
    assert_eq!(places("proc.name = nginx"), "binary 0:1:1, field 0:1:1, value 12:1:13");
    assert_eq!(places("proc.name in ( nginx, apache)"), "binary 0:1:1, field 0:1:1, list 13:1:14");
    assert_eq!(
        places("(proc.name=nginx\n or not a)"),
        "or 1:1:2, binary 1:1:2, field 1:1:2, value 11:1:12, not 21:2:5, identifier 25:2:9"
    );
    assert_eq!(
        places("a.b in val(some.field) or tolower(toupper(c.d))=b64( e.f)"),
        "or 0:1:1, binary 0:1:1, field 0:1:1, transformer 7:1:8, field 11:1:12, binary 26:1:27, transformer 26:1:27, \
         transformer 34:1:35, field 42:1:43, transformer 48:1:49, field 53:1:54"
    );
}

#[test]
fn nesting_has_a_limit() {
    let nested = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(nested(100).as_bytes()).is_ok());
    assert_eq!(error(&nested(101)).0, 101);
    assert!(parse("not ".repeat(100_000).as_bytes()).is_err());
    let deep = format!("{}a.b{} exists", "b64(".repeat(101), ")".repeat(101));
    error(&deep);
    assert!(Parser::new(nested(3).as_bytes()).max_depth(2).parse().is_err());
    assert!(Parser::new(nested(300).as_bytes()).max_depth(u32::MAX).parse().is_ok());
    assert!(Parser::new(nested(100_000).as_bytes()).max_depth(u32::MAX).parse().is_err());
}

#[test]
fn part_of_a_text() {
    let mut parser = Parser::new(b"a.b = 1 } rest").partial(true);
    parser.parse().unwrap();
    assert_eq!(parser.position().offset, 8);
    let mut parser = Parser::new(b"proc.aname[2] and more");
    parser.parse_field_or_transformer().unwrap();
    assert_eq!(parser.position().offset, 13);
    assert!(Parser::new(b" proc.name").parse_field_or_transformer().is_err());
}

#[test]
fn bytes_that_are_no_text() {
    assert!(parse(b"a.b = '\xff\x80'").is_ok());
    assert!(parse(b"a.b = x\xffy").is_err());
    assert!(parse(b"\0").is_err());
    for n in 0..40 {
        let _ = parse(&b"not(a.b in (\"x\\\" y', z)) and join('-', (a.b)) = "[..n]);
    }
}
