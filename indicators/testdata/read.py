"""Reads a release with readers written by others and holds each against the CSV."""
import csv, json, pathlib, sys

here = pathlib.Path(sys.argv[1])
with open(here / "data.csv", newline="", encoding="utf-8") as f:
    rows = list(csv.DictReader(f))
want = [(r["REF_AREA"], r["MEASURE"], r["OBS_VALUE"]) for r in rows]
assert any(v == "" for _, _, v in want)

import pyarrow.parquet as pq
table = pq.read_table(here / "data.parquet").to_pylist()
got = [(r["REF_AREA"], r["MEASURE"], r["OBS_VALUE"]) for r in table]
assert len(got) == len(want)
for (a, m, v), (b, n, w) in zip(got, want):
    assert a == b and m == n and (v is None) == (w == "") and (v is None or abs(v - float(w)) < 0.005), (a, m, v, w)
print("parquet: pyarrow")

import openpyxl
book = openpyxl.load_workbook(here / "data.xlsx")
assert book["ward"].max_row == 42, book["ward"].max_row
print("xlsx: openpyxl")

from rdflib import Graph, Namespace, RDF
g = Graph().parse(here / "catalog.jsonld", format="json-ld")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
assert len(list(g.subjects(RDF.type, DCAT.Dataset))) == 1
files = list(g.subjects(RDF.type, DCAT.Distribution))
assert len(files) == 8
for f in files:
    for p in (DCAT.downloadURL, DCAT.mediaType, DCAT.byteSize):
        assert g.value(f, p) is not None, (f, p)
meta = json.load(open(here / "data.csv-metadata.json"))
assert [c["name"] for c in meta["tableSchema"]["columns"]] == list(rows[0])
print("DCAT: rdflib")

from pysdmx.io import read_sdmx
data = read_sdmx(here / "sdmx.csv", validate=True)
frame = data.data[0].data
assert len(frame) == len(rows), (len(frame), len(rows))
print("SDMX-CSV 2.0: pysdmx")
import msgspec
from pysdmx.io.json.sdmxjson2.messages import JsonStructureMessage
message = msgspec.json.decode((here / "structure.json").read_bytes(), type=JsonStructureMessage).to_model()
assert message.get_data_structure_definitions()[0].id == "OCOP_TRADE"
assert len(message.get_codelists()) >= 9
print("SDMX-JSON 2.0 structure: pysdmx")
print("all read")
