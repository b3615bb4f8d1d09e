#!/usr/bin/env python3
"""What a capable colleague would write in an afternoon: pull a table from an
Eden page by page, read it with lxml, keep it in SQLite. No base, no history, no
conflicts, nothing sent back.

pull.py URL USER PASSWORD DATABASE"""
import gzip
import sqlite3
import sys
import urllib.request
from base64 import b64encode

from lxml import etree

PAGE = 500
RESOURCE = ("org", "organisation")


def fetch(url, user, password):
    request = urllib.request.Request(url)
    request.add_header("Authorization", "Basic " + b64encode(f"{user}:{password}".encode()).decode())
    request.add_header("Accept-Encoding", "gzip")
    with urllib.request.urlopen(request) as answer:
        body = answer
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.GzipFile(fileobj=answer)
        return etree.parse(body).getroot()


class Table:
    """A table with a column for each field, made as fields appear."""

    def __init__(self, db, name):
        self.db, self.name, self.columns = db, name, []
        db.execute(f'CREATE TABLE "{name}" (uuid TEXT PRIMARY KEY, master TEXT, created_on TEXT, modified_on TEXT, mci INTEGER)')
        db.execute(f'CREATE INDEX "{name}_modified" ON "{name}" (modified_on)')

    def put(self, element, master):
        values = {"uuid": element.get("uuid"), "master": master}
        for stamp in ("created_on", "modified_on", "mci"):
            values[stamp] = element.get(stamp)
        for child in element:
            if child.tag == "resource":
                continue
            name = child.get("field")
            if name not in self.columns:
                self.columns.append(name)
                self.db.execute(f'ALTER TABLE "{self.name}" ADD COLUMN "{name}"')
                self.db.execute(f'ALTER TABLE "{self.name}" ADD COLUMN "{name}_text"')
            value = child.get("uuid") if child.tag == "reference" else child.get("value")
            if value is None:
                values[name] = child.text
            else:
                values[name] = value.strip('"')
                if child.text:
                    values[name + "_text"] = child.text
        names = ",".join(f'"{n}"' for n in values)
        marks = ",".join("?" * len(values))
        self.db.execute(f'INSERT OR REPLACE INTO "{self.name}" ({names}) VALUES ({marks})', list(values.values()))


def main(url, user, password, path):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    tables = {}

    def put(element, master=None):
        name = element.get("name")
        if name not in tables:
            tables[name] = Table(db, name)
        tables[name].put(element, master)
        for child in element:
            if child.tag == "resource":
                put(child, element.get("uuid"))

    # A pull needs a registered repository: borrow what the peer gives to anybody
    # that introduces itself.
    identity = "urn:uuid:00000000-0000-4000-8000-00000000abcd"
    register(url, user, password, identity)
    start = 0
    while True:
        page = fetch(f"{url}/{RESOURCE[0]}/{RESOURCE[1]}/sync.xml?repository={identity}&start={start}&limit={PAGE}", user, password)
        masters = page.findall("resource")
        db.execute("BEGIN")
        for element in masters:
            put(element)
        db.execute("COMMIT")
        start += len(masters)
        if len(masters) < PAGE:
            break
    print(start, "records")


def register(url, user, password, identity):
    request = urllib.request.Request(
        f"{url}/sync/repository/register.json", method="POST",
        data=b'{"uuid": "%s", "name": "script"}' % identity.encode())
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", "Basic " + b64encode(f"{user}:{password}".encode()).decode())
    urllib.request.urlopen(request).read()


main(*sys.argv[1:])
