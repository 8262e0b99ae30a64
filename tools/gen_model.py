#!/usr/bin/env python3
"""Turns the tables src/model/*.model into C: shapes.h, the structs of every input and output, and
shapes.c, the tables by which the model layer decodes, validates and encodes them.

    gen_model.py <output folder> <model file>...

A later file knows the shapes of the earlier ones. The file of another version of the API has
operations and shapes of its own under names that are taken: it begins with "version <name>", which
in C stands before all of them, and its operations come after all others. The rules of naming stand
in model/model.h.
"""

import copy
import pathlib
import re
import sys

# kind: (C type of a member, kind in shape_table.h)
SCALARS = {
    "string": ("struct slice", "SHAPE_STRING"),
    "enum": ("struct model_enum", "SHAPE_ENUM"),
    "integer": ("struct model_integer", "SHAPE_INTEGER"),
    "long": ("struct model_integer", "SHAPE_LONG"),
    "boolean": ("struct model_boolean", "SHAPE_BOOLEAN"),
    "double": ("struct model_double", "SHAPE_DOUBLE"),
    "timestamp": ("struct model_double", "SHAPE_TIMESTAMP"),
    "value": ("struct value_reading", "SHAPE_VALUE"),
    "item": ("struct item_reading", "SHAPE_ITEM"),
}


NAME_PATTERN = "[a-zA-Z0-9_.-]+"


class Shape:
    def __init__(self, word, kind, version):
        self.word = word  # as the service calls it
        self.version = version
        self.name = version + word
        self.kind = kind
        self.symbol = f"shape_{snake(self.name)}"
        self.element = self.key = None
        self.members = []
        self.values = []
        self.min = self.max = None
        self.pattern = None
        self.or_arn = False  # an ARN will do as well


class Member:
    def __init__(self, name, target, required, limits):
        self.name, self.target, self.required = name, target, required
        self.limits = limits  # text that replaces the shape's own limits, or ""
        self.shape = None


class Operation:
    def __init__(self, name, service, input_shape, output_shape, version):
        self.name, self.service, self.version = name, service, version
        self.input, self.output = input_shape, output_shape
        self.errors = []

    def constant(self):
        return "MODEL_OPERATION_" + constant(self.version + self.name)


def snake(name):
    name = name.replace("PartiQL", "Partiql")
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def constant(name):
    return re.sub(r"[^A-Z0-9]", "_", snake(name).upper())


def value_constant(value):
    """Values are written like ALL_OLD or like ConditionalCheckFailed."""
    return constant(value) if re.search(r"[a-z]", value) else re.sub(r"[^A-Z0-9]", "_", value)


def service_constant(prefix, version):
    """DynamoDB_20120810 is MODEL_SERVICE_DYNAMODB."""
    return "MODEL_SERVICE_" + constant(version + prefix.split("_")[0].replace("DynamoDB", "Dynamodb"))


def services_of(operations):
    """Pairs of a service's prefix and its constant."""
    services = {(operation.service, operation.version) for operation in operations}
    return [(prefix, service_constant(prefix, version)) for prefix, version in sorted(services)]


def read_limits(shape, rest, where):
    """[length|range|name a..b] [pattern <to the end of the line>]"""
    match = re.fullmatch(r"(?:(length|range|name) (-?\d*)\.\.(-?\d*))?(?: ?pattern (.+))?", rest)
    if not match:
        sys.exit(f"{where}: cannot read '{rest}'")
    what, low, high, shape.pattern = match.groups()
    shape.min = int(low) if low else None
    shape.max = int(high) if high else None
    if what == "name":
        shape.pattern, shape.or_arn = NAME_PATTERN, True


def read_model(path, shapes, operations):
    service = shape = operation = None
    version = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path}:{number}"
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if line.startswith("    "):
            operation.errors += words
        elif line.startswith("  ") and words[0] == "errors":
            operation.errors += words[1:]
        elif line.startswith("  "):
            shape.members.append(Member(words[0].rstrip("*"), words[1], words[0].endswith("*"),
                                        " ".join(words[2:])))
        elif words[0] == "version":
            version = words[1]
        elif words[0] == "service":
            service = words[1]
        elif words[0] == "operation":
            output = None if words[3] == "-" else words[3]
            operation = Operation(words[1], service, words[2], output, version)
            operations.append(operation)
        else:
            shape = read_shape(words, line, where, version)
            if shape.name in shapes:
                sys.exit(f"{where}: {shape.name} is there already")
            shapes[shape.name] = shape


def read_shape(words, line, where, version):
    kind, name = words[0], words[1]
    shape = Shape(name, kind, version)
    if kind == "enum":
        shape.values = words[2:]
    elif kind == "list":
        shape.element = words[3]
        read_limits(shape, " ".join(words[4:]), where)
    elif kind == "map":
        shape.element, shape.key = words[3], words[5]
        if shape.element == "AttributeValue":
            shape.kind = "item"
        read_limits(shape, " ".join(words[6:]), where)
    elif kind in SCALARS:
        rest = re.sub(r"^\S+ \S+ ?", "", line)
        read_limits(shape, rest, where)
    elif kind != "structure":
        sys.exit(f"{where}: no such kind: {kind}")
    return shape


def struct_of(shape):
    """The C type of a shape's storage: what a list element or a map value is."""
    if shape.kind in SCALARS:
        return SCALARS[shape.kind][0]
    prefix = {"structure": "", "list": "list_", "map": "map_"}[shape.kind]
    return f"struct model_{prefix}{snake(shape.name)}"


def member_type(shape):
    return struct_of(shape) + (" *" if shape.kind == "structure" else " ")


def of_kind(shapes, *kinds):
    return [shape for shape in shapes.values() if shape.kind in kinds]


def write_enums(out, shapes, operations):
    out.append("enum model_service {")
    out += [f"    {symbol}," for _, symbol in services_of(operations)]
    out += ["    MODEL_SERVICE_COUNT", "};", "", "enum model_operation {", "    MODEL_OPERATION_NONE,"]
    out += [f"    {o.constant()}," for o in operations if not o.version]
    out += ["    MODEL_OPERATION_COUNT, /* of the current version; those of others follow */"]
    others = [o.constant() for o in operations if o.version]
    out += [f"    {symbol} = MODEL_OPERATION_COUNT," for symbol in others[:1]]
    out += [f"    {symbol}," for symbol in others[1:]]
    out += ["    MODEL_OPERATION_ALL_COUNT", "};", ""]
    for shape in of_kind(shapes, "enum"):
        out.append(f"enum model_{snake(shape.name)} {{")
        for index, value in enumerate(shape.values, 1):
            out.append(f"    MODEL_{constant(shape.name)}_{value_constant(value)} = {index},")
        out += ["};", ""]


def write_structs(out, shapes):
    for shape in of_kind(shapes, "structure"):
        out.append(f"{struct_of(shape)};")
    for shape in of_kind(shapes, "map"):
        out.append(f"struct model_entry_{snake(shape.name)};")
    out.append("")
    for shape in of_kind(shapes, "list"):
        element = struct_of(shape.element)
        out += [f"{struct_of(shape)} {{", "    bool present;", "    size_t count;",
                f"    {element} *items;", "};"]
    for shape in of_kind(shapes, "map"):
        out += [f"{struct_of(shape)} {{", "    bool present;", "    size_t count;",
                f"    struct model_entry_{snake(shape.name)} *entries;", "};"]
    for shape in of_kind(shapes, "structure"):
        out.append(f"{struct_of(shape)} {{")
        for member in shape.members:
            note = " /* required */" if member.required else ""
            out.append(f"    {member_type(member.shape)}{snake(member.name)};{note}")
        if not shape.members:
            out.append("    uint8_t nothing;")
        out.append("};")
    for shape in of_kind(shapes, "map"):
        out += [f"struct model_entry_{snake(shape.name)} {{", "    struct slice key;",
                f"    {struct_of(shape.element)} value;", "};"]


def header(shapes, operations):
    out = ["/* Generated by tools/gen_model.py from src/model/. Naming: see model/model.h. */",
           "#ifndef HASHRANGE_MODEL_SHAPES_H", "#define HASHRANGE_MODEL_SHAPES_H", "",
           '#include "item/value_json.h"', '#include "model/scalars.h"', ""]
    write_enums(out, shapes, operations)
    write_structs(out, shapes)
    out += ["", "#endif", ""]
    return "\n".join(out)


def limits(shape):
    out = ""
    if shape.min is not None:
        out += f", .has_min = true, .min = {shape.min}"
    if shape.max is not None:
        out += f", .has_max = true, .max = {shape.max}"
    if shape.or_arn:
        out += ", .or_arn = true"
    return out


def shape_row(shape, patterns):
    kind = SCALARS[shape.kind][1] if shape.kind in SCALARS else f"SHAPE_{shape.kind.upper()}"
    text = (f'const struct shape {shape.symbol} = {{.name = "{shape.word}", .kind = {kind}, '
            f".bytes = sizeof({struct_of(shape)}){limits(shape)}")
    if shape.pattern:
        text += f", .pattern = {patterns[shape.pattern]}"
    if shape.values:
        text += f", .values = values_{snake(shape.name)}, .value_count = {len(shape.values)}"
    if shape.element:
        text += f", .element = &{shape.element.symbol}"
    if shape.key:
        text += f", .key = &{shape.key.symbol}"
    if shape.kind == "map":
        entry = f"struct model_entry_{snake(shape.name)}"
        text += f", .entry_bytes = sizeof({entry}), .entry_value_offset = offsetof({entry}, value)"
    if shape.members:
        text += f", .members = members_{snake(shape.name)}, .member_count = {len(shape.members)}"
    return text + "};"


def all_rows(shapes):
    """The shapes, and those of members with limits of their own."""
    own = [m.shape for shape in shapes.values() for m in shape.members if m.limits]
    return list(shapes.values()) + own


def c_string(text):
    """As a C string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def tables(shapes, operations):
    patterns = {}
    rows = all_rows(shapes)
    for shape in rows:
        if shape.pattern and shape.pattern not in patterns:
            patterns[shape.pattern] = f"PATTERN_{constant(shape.name)}"
    out = ["/* Generated by tools/gen_model.py from src/model/. */", '#include "model/shape_table.h"', "",
           "#include <stddef.h>", "", '#include "model/shapes.h"', ""]
    out += [f"static const struct shape {shape.symbol};" for shape in rows]
    for shape in of_kind(shapes, "enum"):
        values = ", ".join(f'TEXT("{value}")' for value in shape.values)
        out.append(f"static const struct slice values_{snake(shape.name)}[] = {{{values}}};")
    for shape in of_kind(shapes, "structure"):
        if not shape.members:
            continue
        out.append(f"static const struct shape_member members_{snake(shape.name)}[] = {{")
        for member in shape.members:
            out.append(f'    {{TEXT("{member.name}"), &{member.shape.symbol}, '
                       f"offsetof({struct_of(shape)}, {snake(member.name)}), "
                       f"{str(member.required).lower()}}},")
        out.append("};")
    out += ["static " + shape_row(shape, patterns) for shape in rows]
    out += ["", "const struct operation_row operation_rows[MODEL_OPERATION_ALL_COUNT] = {"]
    for o in operations:
        output = f"&{o.output.symbol}" if o.output else "NULL"
        out.append(f'    [{o.constant()}] = {{TEXT("{o.name}"), '
                   f"{service_constant(o.service, o.version)}, &{o.input.symbol}, {output}}},")
    out += ["};", ""]
    out.append("const char *const pattern_texts[PATTERN_COUNT] = {")
    out += [f"    [{symbol}] = {c_string(text)}," for text, symbol in patterns.items()]
    out += ["};", ""]
    out.append("const struct slice service_prefixes[MODEL_SERVICE_COUNT] = {")
    out += [f'    [{symbol}] = TEXT("{prefix}"),' for prefix, symbol in services_of(operations)]
    out += ["};", ""]
    return "\n".join(out)


def write(path, text):
    """Untouched when nothing changed, so that nothing is compiled again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def find(shapes, version, name, where):
    """A version's own shape of that name goes before the current one's. None: none is named."""
    if not name:
        return None
    shape = shapes.get(version + name) or shapes.get(name)
    if not shape:
        sys.exit(f"{where} refers to {name}, which is in no model file")
    return shape


def resolve(shapes, operations):
    """Names become shapes."""
    for o in operations:
        o.input = find(shapes, o.version, o.input, o.name)
        o.output = find(shapes, o.version, o.output, o.name)
    for shape in shapes.values():
        shape.element = find(shapes, shape.version, shape.element, shape.name)
        shape.key = find(shapes, shape.version, shape.key, shape.name)
        for member in shape.members:
            member.shape = find(shapes, shape.version, member.target, shape.name)
            if member.limits:
                member.shape = copy.copy(member.shape)
                member.shape.symbol = f"shape_{snake(shape.name)}_{snake(member.name)}"
                read_limits(member.shape, member.limits, f"{shape.name}.{member.name}")


def main():
    folder = pathlib.Path(sys.argv[1])
    shapes, operations = {}, []
    for name in sys.argv[2:]:
        read_model(pathlib.Path(name), shapes, operations)
    resolve(shapes, operations)
    operations.sort(key=lambda operation: (operation.version, operation.name))
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "shapes.h", header(shapes, operations))
    write(folder / "shapes.c", tables(shapes, operations))


main()
