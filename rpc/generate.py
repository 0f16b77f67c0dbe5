#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""rpc/generate.py FOLDER: the protocol's list of facts, rpc/procedures.txt, as C: FOLDER/rpc_records.h and rpc_tables.h."""

import re
import sys
from pathlib import Path

FACTS = Path(__file__).with_name("procedures.txt")
RECORD = re.compile(r"([A-Z0-9_]+) \{ (.*) \}")
PROCEDURE = re.compile(r" *(\d+) ([wse-]+) +([A-Z0-9_]+)\((.*?)\)(?: > (.*))?")
FIELD = re.compile(r"(\w+):(\w+?)(\?|<(\d+)>|\[(\d+)\])?")
# Type: (C type, name of the kind, smallest size on the wire)
SCALARS = {"i": ("int32_t", "I32", 4), "u": ("uint32_t", "U32", 4), "h": ("int64_t", "I64", 8), "U": ("uint64_t", "U64", 8),
           "d": ("double", "DOUBLE", 8), "s": ("const char *", "STRING", 4), "c": ("char", "CHAR", 4),
           "uuid": ("uint8_t", "UUID", 16), "TP": ("struct rpc_param", "PARAM", 12)}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z]+)", lambda m: "_" + m.group(1), name).lower()


# Words of libvirt's functions that are no words.
SHORT = {w.upper(): w for w in ("XML", "CPU", "NMI", "PM", "FD", "SSH", "NWFilter", "IOThread")} | {
    w.upper(): w for w in ("FSFreeze", "FSInfo", "FSThaw", "FSTrim")}


def function(name: str) -> str:
    """What libvirt's library calls a procedure, behind "vir"."""
    return "".join(SHORT.get(word, word.capitalize()) for word in name.split("_"))


class Field:
    """One field: how it stands in C, and its row of the table."""

    def __init__(self, text: str, records: dict):
        match = FIELD.fullmatch(text.strip())
        if not match:
            raise SystemExit(f"{FACTS.name}: \"{text}\" is no field")
        self.name, self.type, self.shape = snake(match[1]), match[2], match[3] or ""
        self.limit = int(match[4] or match[5] or 0)
        if self.type == "o":
            self.c, self.kind, self.least, self.record = "uint8_t", "OPAQUE", 4, None
        elif self.type in SCALARS:
            (self.c, self.kind, self.least), self.record = SCALARS[self.type], None
        elif self.type in records:
            self.record = records[self.type]
            self.c, self.kind, self.least = f"struct rpc_{self.record.c}", "RECORD", self.record.least
        else:
            raise SystemExit(f"{FACTS.name}: \"{text}\": no such type")

    def declaration(self) -> str:
        space = "" if self.c.endswith("*") else " "
        # Eight bytes before what it counts, whatever comes before it.
        count = f"\t_Alignas(8) uint32_t {self.name}_count;\n"
        if self.type == "uuid":
            return f"\tuint8_t {self.name}[16];"
        if self.shape.startswith("["):
            return f"\t{self.c}{space}{self.name}[{self.limit}];"
        if self.type == "o" or self.shape.startswith("<"):
            constant = "const " if self.c.endswith("*") else ""
            return f"{count}\t{'' if constant else 'const '}{self.c}{space}{constant}*{self.name};"
        if self.shape == "?" and self.type != "s":
            return f"\tconst {self.c} *{self.name};"
        return f"\t{self.c}{space}{self.name};"

    def least_on_wire(self) -> int:
        if self.type == "o" or self.shape.startswith("<") or self.shape == "?":
            return 4
        return self.least * max(self.limit, 1)

    def row(self, of: str) -> str:
        shape = "COUNTED" if self.shape.startswith("<") else {"?": "OPTIONAL", "": "ONE"}.get(self.shape, "FIXED")
        record = f"RPC_TYPE_{self.record.c.upper()}" if self.record else "0"
        return f"\t{{ RPC_KIND_{self.kind}, RPC_SHAPE_{shape}, {record}, offsetof(struct rpc_{of}, {self.name}), {self.limit} }},"


class Record:
    def __init__(self, name: str, fields: str, records: dict):
        self.c = name.lower()
        self.fields = [Field(text, records) for text in fields.split(", ")] if fields else []
        self.least = sum(f.least_on_wire() for f in self.fields)
        # What its rows say: records that begin with the same types have their fields at the same offsets.
        self.types = tuple((f.type, f.shape) for f in self.fields)


def read(text: str):
    """(records in their order, procedures as (number, kind, name, record of arguments, record of what is returned))."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    waiting = [m.groups() for m in map(RECORD.fullmatch, lines) if m]
    records, procedures = {}, []
    while waiting:
        ready = [(n, f) for n, f in waiting if all(t in SCALARS or t == "o" or t in records
                                                   for t in re.findall(r":(\w+)", f))]
        if not ready:
            raise SystemExit(f"{FACTS.name}: a record that is not there, or a circle: {[n for n, _ in waiting]}")
        for name, fields in ready:
            records[name] = Record(name, fields, records)
            waiting.remove((name, fields))
    for line in lines:
        if RECORD.fullmatch(line):
            continue
        match = PROCEDURE.fullmatch(line)
        if not match:
            raise SystemExit(f"{FACTS.name}: \"{line}\" is neither a record nor a procedure")
        number, kind, name, arguments, returned = match.groups()
        both = []
        for suffix, fields in (("ARGS", arguments), ("RET", returned)):
            both.append(Record(f"{name}_{suffix}", fields, records) if fields else None)
        procedures.append((int(number), kind, name, *both))
    return list(records.values()), procedures


def main() -> None:
    records, procedures = read(FACTS.read_text(encoding="utf-8"))
    every = records + [r for p in procedures for r in p[3:] if r]
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    note = "/* SPDX-License-Identifier: GPL-2.0-only */\n/* Made by rpc/generate.py from rpc/procedures.txt. */\n"

    head = [note, "enum rpc_procedure {"]
    head += [f"\tRPC_{name} = {number}," for number, _, name, *_ in procedures]
    head += [f"\tRPC_PROCEDURE_END = {max(p[0] for p in procedures) + 1}", "};", "", "enum rpc_type {", "\tRPC_TYPE_NONE,"]
    types = {}
    for r in every:
        types.setdefault(r.types, (len(types) + 1, r))
    head += [f"\tRPC_TYPE_{r.c.upper()} = {types[r.types][0]}," for r in every] + ["};", ""]
    for r in every:
        head += [f"struct rpc_{r.c} {{", *[f.declaration() for f in r.fields], "};", ""]
    (out / "rpc_records.h").write_text("\n".join(head), encoding="utf-8")

    tables = [note, "static const struct rpc_field fields[] = {"]
    rows, starts = [], {}
    for r in sorted(every, key=lambda r: -len(r.types)):
        if r.types not in starts:
            starts |= {r.types[:length]: len(rows) for length in range(len(r.types) + 1)}
            rows += [f.row(r.c) for f in r.fields]
    layouts = ["\t[RPC_TYPE_NONE] = { 0, 0, 0, 0 },"]
    layouts += [f"\t[RPC_TYPE_{r.c.upper()}] = {{ sizeof(struct rpc_{r.c}), {starts[r.types]}, {len(r.fields)}, {r.least} }},"
                for _, r in types.values()]
    tables += [*rows, "};", "", "static const struct rpc_layout layouts[] = {", *layouts, "};", "",
               "static const struct rpc_signature signatures[] = {"]
    for number, kind, name, arguments, returned in procedures:
        types = [f"RPC_TYPE_{r.c.upper()}" if r else "RPC_TYPE_NONE" for r in (arguments, returned)]
        flags = " | ".join({"w": "RPC_WRITES", "s": "RPC_STREAMS", "e": "RPC_EVENT"}[k] for k in kind if k != "-") or "0"
        tables.append(f"\t[RPC_{name}] = {{ {types[0]}, {types[1]}, RPC_KNOWN | {flags} }},")
    tables += ["};", "", "/* Of those that change something. */", "static const char *const functions[RPC_PROCEDURE_END] = {"]
    tables += [f"\t[RPC_{name}] = \"vir{function(name)}\"," for _, kind, name, *_ in procedures if "w" in kind]
    tables += ["};", ""]
    (out / "rpc_tables.h").write_text("\n".join(tables), encoding="utf-8")


if __name__ == "__main__":
    main()
