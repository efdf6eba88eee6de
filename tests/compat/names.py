#!/usr/bin/env python3
"""Lists what a tree of C++ headers declares: names.py ROOT "FOLDER_OR_HEADER..." [COMPILER_OPTION...] > TABLE

Parses with libclang all headers in these folders below ROOT as one program that includes them by their path below ROOT, and prints a row for each
class, alias, enumeration, enumerator, method, member, function and variable that a program can use: the public ones, and the protected
ones, which a derived class can use. Of operators and of what namespace std and namespaces named detail contain there are no rows.

  header   the header that declares it, below ROOT
  owner    the class, enumeration or namespace that it is in, qualified, or the member or alias whose type without a name it is in; empty if none
  kind     header, class, alias, enum, enumerator, method, member, function or variable; a constructor is a method named `(constructor)`
  name
  counts   of methods and functions: the numbers of arguments that a call can have, such as 1,2; `*` stands for any number
"""
import pathlib, subprocess, sys

from clang.cindex import AccessSpecifier, Cursor, CursorKind as K, Index, TypeKind, conf

CLASSES = {K.CLASS_DECL, K.STRUCT_DECL, K.UNION_DECL, K.CLASS_TEMPLATE, K.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION}
FUNCTIONS = {K.FUNCTION_DECL, K.FUNCTION_TEMPLATE, K.CXX_METHOD, K.CONSTRUCTOR}
ALIASES = {K.TYPEDEF_DECL, K.TYPE_ALIAS_DECL, K.TYPE_ALIAS_TEMPLATE_DECL}
USABLE = {AccessSpecifier.PUBLIC, AccessSpecifier.PROTECTED, AccessSpecifier.INVALID, AccessSpecifier.NONE}


class Declaration:
    def __init__(self, header, owner, kind, name, counts=frozenset(), lines=(0, 0)):
        self.header, self.owner, self.kind, self.name, self.counts, self.lines = header, owner, kind, name, counts, lines


def parse(root, places, options=()):
    """The headers at these places below root, their declarations, and for each class or alias the classes whose members it has too."""
    root = pathlib.Path(root).resolve()
    paths = [p for place in places.split() for p in ((root / place).rglob("*.h") if (root / place).is_dir() else [root / place])]
    headers = sorted({str(p.relative_to(root)) for p in paths})
    text = "".join(f"#include <{h}>\n" for h in headers)
    # libclang by itself does not find the compiler's own headers.
    own = subprocess.run(["clang", "-print-resource-dir"], capture_output=True, text=True, check=True).stdout.strip()
    unit = Index.create().parse("all.cpp", ["-std=c++17", "-resource-dir", own, f"-I{root}", *options], unsaved_files=[("all.cpp", text)])
    errors = [d for d in unit.diagnostics if d.severity >= 3]
    if errors:
        sys.exit("\n".join(f"{d.location.file}:{d.location.line}: {d.spelling}" for d in errors[:10]))
    found, names = Finder(), {f"{root}/{h}": h for h in headers}
    for cursor in unit.cursor.get_children():
        file = cursor.location.file
        if file and file.name in names:
            found.visit(cursor, "", names[file.name])
    return headers, found.declarations, found.bases


class Finder:
    def __init__(self):
        self.declarations, self.bases = [], {}

    def add(self, cursor, header, owner, kind, name, counts=frozenset()):
        lines = (cursor.extent.start.line, cursor.extent.end.line)
        self.declarations.append(Declaration(header, owner, kind, name, counts, lines))

    def visit(self, cursor, owner, header):
        kind, name = cursor.kind, cursor.spelling
        inside = f"{owner}::{name}" if owner else name
        if kind in (K.NAMESPACE, K.LINKAGE_SPEC, K.UNEXPOSED_DECL):
            if kind != K.NAMESPACE or not name:
                inside = owner
            elif name == "std":
                return
            for child in cursor.get_children():
                # extern "C" may contain other headers.
                if child.location.file and child.location.file.name == cursor.location.file.name:
                    self.visit(child, inside, header)
            return
        usable = cursor.access_specifier in USABLE
        if not usable and kind not in FUNCTIONS:
            return
        # What an anonymous class or enumeration contains belongs to the class around it; libclang 16 names it `(anonymous at ...)`.
        unnamed = not name or "(" in name and kind not in FUNCTIONS
        if kind in CLASSES:
            if not unnamed:
                if not cursor.is_definition():
                    return
                self.add(cursor, header, owner, "class", name)
                self.bases[inside] = [base_name(c) for c in cursor.get_children() if c.kind == K.CXX_BASE_SPECIFIER and c.access_specifier in USABLE]
            elif not is_part_of_its_owner(cursor):
                return
            for child in cursor.get_children():
                self.visit(child, owner if unnamed else inside, header)
        elif kind == K.ENUM_DECL:
            if not unnamed and cursor.is_definition():
                self.add(cursor, header, owner, "enum", name)
            # Those of an unscoped enumeration are found in the scope around it too, where programs look for them.
            scope = inside if cursor.is_scoped_enum() else owner
            for child in cursor.get_children():
                if child.kind == K.ENUM_CONSTANT_DECL:
                    self.add(child, header, scope, "enumerator", child.spelling)
        elif kind in ALIASES:
            self.add(cursor, header, owner, "alias", name)
            self.members_of(cursor.type.get_canonical().get_declaration(), inside, header)
        elif kind in FUNCTIONS:
            self.function(cursor, owner, header, usable)
        elif kind == K.FIELD_DECL and name:
            self.add(cursor, header, owner, "member", name)
            self.members_of(cursor.type.get_declaration(), inside, header)
        elif kind == K.VAR_DECL:
            in_class = cursor.semantic_parent.kind in CLASSES
            if in_class == (cursor.lexical_parent.kind in CLASSES):
                self.add(cursor, header, owner, "member" if in_class else "variable", name)
        elif kind == K.USING_DECLARATION:
            # Constructors of a base bear its name, or that of the class.
            classes = {b.split("::")[-1] for b in (owner, *self.bases.get(owner, ()))}
            self.add(cursor, header, owner, "using", "(constructor)" if name in classes else name)

    def members_of(self, declared, owner, header):
        """What a member or an alias has by its type: what the type has, or, if that has no name, what is listed for it."""
        if declared.kind in ALIASES or declared.kind in CLASSES and declared.spelling and "(" not in declared.spelling:
            self.bases[owner] = [qualified(declared)]
        elif declared.kind in CLASSES:
            for child in declared.get_children():
                self.visit(child, owner, header)

    def function(self, cursor, owner, header, usable):
        name = cursor.spelling.split("<")[0]
        parent = cursor.semantic_parent.kind
        # A method defined outside of its class was declared inside.
        if name.startswith("operator") or parent in CLASSES and cursor.lexical_parent.kind not in CLASSES:
            return
        constructor = cursor.kind == K.CONSTRUCTOR or parent in CLASSES and name == cursor.semantic_parent.spelling
        if constructor:
            if cursor.is_copy_constructor() or cursor.is_move_constructor() or "delete" in {t.spelling for t in cursor.get_tokens()}:
                return
            name = "(constructor)"
        kind = "private" if not usable else "method" if parent in CLASSES else "function"
        self.add(cursor, header, owner, kind, name, argument_counts(cursor))


def is_part_of_its_owner(cursor):
    """Whether the members of a class without a name are members of the class around it: `union { int a; };`, not `union { int a; } b;`."""
    conf.lib.clang_Cursor_isAnonymousRecordDecl.argtypes = [Cursor]
    return bool(conf.lib.clang_Cursor_isAnonymousRecordDecl(cursor))


def argument_counts(cursor):
    """The numbers of arguments that a call can have."""
    arguments = [c for c in cursor.get_children() if c.kind == K.PARM_DECL]
    if cursor.type.kind == TypeKind.FUNCTIONPROTO and cursor.type.is_function_variadic() or any(
            c.type.spelling.endswith("...") for c in arguments):
        return frozenset({"*"})
    optional = 0
    for argument in arguments:
        has_default = any(t.spelling == "=" for t in argument.get_tokens())
        optional += has_default
    return frozenset(str(n) for n in range(len(arguments) - optional, len(arguments) + 1))


def base_name(cursor):
    """The qualified name of the class, or of the template of the class, that a base specifier names."""
    for child in cursor.get_children():
        if child.kind == K.TEMPLATE_REF:
            return qualified(child.referenced)
    return qualified(cursor.type.get_canonical().get_declaration()) or cursor.type.spelling


def qualified(cursor):
    names = []
    while cursor and cursor.kind not in (K.TRANSLATION_UNIT, K.NO_DECL_FOUND):
        if cursor.spelling:
            names.insert(0, cursor.spelling)
        cursor = cursor.semantic_parent
    return "::".join(names)


def merged(declarations):
    """One declaration for each name of an owner in a header, with the argument counts of all its overloads."""
    by_name = {}
    for d in declarations:
        key = (d.header, d.owner, d.kind, d.name)
        if key in by_name:
            by_name[key].counts = by_name[key].counts | d.counts
        else:
            by_name[key] = d
    return [by_name[key] for key in sorted(by_name)]


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    headers, declarations, _ = parse(sys.argv[1], sys.argv[2], sys.argv[3:])
    print("# What the installed headers declare, made by names.py: header, owner, kind, name, numbers of arguments.")
    rows = [(h, "", "header", h, "") for h in headers]
    for d in merged(declarations):
        if d.kind not in ("using", "private") and "detail" not in (*d.owner.split("::"), d.name):
            rows.append((d.header, d.owner, d.kind, d.name, ",".join(sorted(d.counts))))
    print("\n".join("\t".join(row) for row in sorted(rows)))
