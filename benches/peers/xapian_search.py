#!/usr/bin/env python3
"""xapian_search.py TEXTS QUERIES FOLDER: Xapian beside the index, as a process of its own.

TEXTS has a turn a line, QUERIES a kind, a tab and words a line. Builds a database in FOLDER, then asks each query for
the best 20 with a snippet each. Prints what building took in seconds of processor time, and for each kind the median
and the 99th percentile in microseconds.
"""

import collections
import sys
import time

import xapian

ROUNDS = 3


def build(texts, folder):
    before = time.process_time()
    database = xapian.WritableDatabase(folder, xapian.DB_CREATE_OR_OVERWRITE)
    terms = xapian.TermGenerator()
    with open(texts, encoding="utf8") as lines:
        for line in lines:
            document = xapian.Document()
            terms.set_document(document)
            terms.index_text(line)
            document.set_data(line)
            database.add_document(document)
    database.commit()
    return time.process_time() - before


def as_query(kind, line, database):
    """The query in Xapian's terms; it has no infixes."""
    query, words = xapian.Query, [word.lstrip("+") for word in line.split()]
    if kind == "prefix":
        parser = xapian.QueryParser()
        parser.set_database(database)
        return parser.parse_query(line + "*", xapian.QueryParser.FLAG_WILDCARD)
    operators = {
        "phrase": (query.OP_PHRASE,),
        "bool_and": (query.OP_AND,),
        "bool_or": (query.OP_OR,),
        "slop": (query.OP_PHRASE, len(words) + 5),
    }
    if kind == "term":
        return query(words[0])
    if kind not in operators:
        return None
    operator, *window = operators[kind]
    return query(operator, words, *window)


def best(database, query):
    enquire = xapian.Enquire(database)
    enquire.set_query(query)
    found = enquire.get_mset(0, 20)
    return sum(len(found.snippet(match.document.get_data().decode("utf8"), 200)) for match in found)


def percentile(times, percent):
    return sorted(times)[round((len(times) - 1) * percent / 100)] * 1e6


def main():
    texts, queries, folder = sys.argv[1:4]
    print(f"build {build(texts, folder):.2f}")
    database = xapian.Database(folder)
    kinds = collections.defaultdict(list)
    with open(queries, encoding="utf8") as lines:
        for line in lines:
            kind, words = line.rstrip("\n").split("\t")
            query = as_query(kind, words, database)
            if query is None:
                continue
            rounds = []
            for _ in range(ROUNDS):
                before = time.perf_counter()
                best(database, query)
                rounds.append(time.perf_counter() - before)
            kinds[kind].append(percentile(rounds, 50) / 1e6)
    for kind, times in sorted(kinds.items()):
        print(f"{kind} {percentile(times, 50):.0f} {percentile(times, 99):.0f}")


main()
