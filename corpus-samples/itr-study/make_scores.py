#!/usr/bin/env python3
"""Draws the scores of the fictional study. Standard library only; every run writes the same bytes.

    python3 make_scores.py          writes attachment.csv, wellbeing.csv, worker.csv, severity.csv and broken/;
                                    reads participants.csv
    python3 make_scores.py --check  writes nothing; prints marginals and alphas

The model
---------
1. What is set, not drawn: the class of every person at each measurement, the size of the change in well-being, and how
   they rate their social worker (PLAN below). For the 28 who are interviewed these follow the story that the interview
   tells; for the others they were chosen so that the marginals come out. The associations of the sample are therefore
   planted, and no finding.
2. Attachment, 36 items, 1 to 7. Two latent means, anxiety (odd items) and avoidance (even items). A secure person draws
   both around 3.1; an insecure one is anxious, avoidant or both, and draws the high side around 4.9. An answer is the
   latent mean + the item's own level + noise, rounded and cut to 1..7; reversed items are then turned round.
   A sheet is drawn again until its class is the planned one under the class rule.
3. Well-being, 14 items, 1 to 6. One latent mean; T1 is T0 plus the planned change. Drawn again until class and change
   (within 0.12) are as planned.
4. Worker questionnaire, 15 items, 1 to 5, three scales of five items. The planned level at T1; at M4 a little lower.
5. Severity, 16 items with ranges of their own, in the way of an addiction severity index (see `severity`). The three
   composites are formulas in instruments.toml.
6. A few answers are blanked at the end, where the class stays the same.

Class rules, declared: secure = anxiety below 4 and avoidance below 4 (exactly 4 is insecure); high well-being = mean above
3.5 (exactly 3.5 is low). A scale needs half of its items.

Only `Random.random` is used: the sequence of a seed is the same in every Python 3.
"""

import csv
import io
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
SEED = 7536

ATTACHMENT_REVERSED = {4, 7, 11, 16, 18, 21, 26, 29, 32, 35}
WELLBEING_REVERSED = {3, 8, 11}
ANXIETY, AVOIDANCE = range(1, 37, 2), range(2, 37, 2)
WORKER_SCALES = {"empathy": range(1, 6), "containment": range(6, 11), "empowerment": range(11, 16)}

# Completers: attachment at T0 and T1 (S secure, I insecure, - not measured), well-being at T0 and T1 (H high, L low),
# change in well-being, level of empathy, containment and empowerment as rated at T1. `*` = not interviewed.
PLAN = """
P02  IS HH +0.6 4.4 4.1 2.4
P05  SS HH +0.2 4.2 3.6 4.2
P07  IS LH +1.5 4.4 4.4 4.5
P09  II HH -0.2 4.3 4.2 4.1
P11  SS HH +0.5 4.4 4.3 3.4
P14  II LL +0.1 2.1 1.9 3.9
P16  IS LH +1.4 4.2 4.4 2.6
P19  SS HH -0.1 2.4 2.2 3.4
P22  II HL -0.9 1.8 2.2 1.8
P24  IS HH +0.6 3.7 3.4 4.4
P27  SS HH +0.2 4.5 4.5 3.5
P30  I- H- +0.0 0.0 0.0 0.0
P31  II HH +0.4 4.4 3.8 3.2
P33  IS LH +1.6 4.2 4.4 4.3
P38  SS HH +0.4 4.0 4.1 2.3
P41  SI HL -1.1 2.3 2.4 2.8
P44  IS HH +0.3 2.2 2.1 3.0
P47  SS HH +0.3 3.6 3.3 4.4
P52  II LH +1.1 3.1 3.2 4.2
P55  II HH +0.1 3.3 4.0 2.2
P58  SS HH -0.2 3.4 3.3 4.0
P63  IS LH +1.3 4.3 4.3 2.3
P68  II LL -0.1 2.2 3.9 4.1
P71  SS HH +0.1 4.4 3.6 4.4
P04* SS HH +0.3 3.9 3.8 2.9
P18* SS HH +0.5 4.1 3.6 3.9
P21* SS HH +0.1 3.8 3.9 3.3
P26* SS HH -0.2 3.1 2.9 3.6
P36* SS LH +0.9 4.0 4.2 3.5
P40* SS HH +0.4 3.7 3.5 2.6
P46* SI HH -0.3 3.2 3.0 3.8
P53* IS HH +0.6 4.1 4.0 3.4
P57* IS HH +0.2 3.5 3.7 2.5
P61* II HH +0.0 2.9 3.1 3.4
P70* S- H- +0.0 0.0 0.0 0.0
P74* I- L- +0.0 0.0 0.0 0.0
"""

# Of the 39 who left, at arrival.
LEFT_SECURE = "P35 P03 P10 P15 P20 P25 P32 P39 P43 P48 P54 P60 P65 P72".split()
LEFT_HIGH = "P35 P01 P03 P08 P10 P15 P20 P25 P29 P32 P37 P39 P43 P45 P48 P54 P60 P65 P69 P72".split()


class Draws:
    """Random numbers from one stream per purpose, so that a change in one table leaves the others alone."""

    def __init__(self, purpose):
        self.random = random.Random(f"{SEED}/{purpose}").random

    def normal(self, mean=0.0, sd=1.0):
        """Near enough to normal, from twelve uniform numbers: the same on every machine."""
        return mean + sd * (sum(self.random() for _ in range(12)) - 6)

    def between(self, low, high):
        return low + (high - low) * self.random()

    def chance(self, p):
        return self.random() < p

    def whole(self, low, high):
        return low + int((high - low + 1) * self.random())


def plan():
    """Rows of PLAN by participant."""
    rows = {}
    for line in PLAN.split("\n"):
        if line.strip():
            who, attachment, wellbeing, *numbers = line.split()
            change, empathy, containment, empowerment = map(float, numbers)
            levels = {"empathy": empathy, "containment": containment, "empowerment": empowerment}
            rows[who.rstrip("*")] = {"att": attachment, "wb": wellbeing, "change": change, "levels": levels}
    return rows


def mean(sheet, items, reversed_items, turn):
    """Mean of the answered items after keying; nothing if fewer than half are answered."""
    answered = [turn - sheet[k] if k in reversed_items else sheet[k] for k in items if sheet[k] is not None]
    return sum(answered) / len(answered) if 2 * len(answered) >= len(items) else None


def attachment_class(sheet):
    high = [mean(sheet, items, ATTACHMENT_REVERSED, 8) >= 4 for items in (ANXIETY, AVOIDANCE)]
    return "I" if any(high) else "S"


def wellbeing_mean(sheet):
    return mean(sheet, range(1, 15), WELLBEING_REVERSED, 7)


def wellbeing_class(sheet):
    return "H" if wellbeing_mean(sheet) > 3.5 else "L"


def answers(draws, latent, levels, noise, low, high, reversed_items):
    """One sheet: `latent(item)` is where the person stands on what the item measures."""
    sheet = {}
    for item, level in levels.items():
        value = round(draws.normal(latent(item) + level, noise))
        value = min(high, max(low, value))
        sheet[item] = low + high - value if item in reversed_items else value
    return sheet


def attachment_sheet(draws, levels, wanted):
    while True:
        anxiety, avoidance = draws.normal(3.1, 0.5), draws.normal(3.1, 0.5)
        if wanted == "I":
            side = draws.whole(1, 5)
            anxiety = draws.normal(4.9, 0.45) if side != 2 else anxiety + 0.3
            avoidance = draws.normal(4.9, 0.45) if side >= 2 and side != 5 else avoidance + 0.3
        latent = lambda item: anxiety if item % 2 else avoidance
        sheet = answers(draws, latent, levels, 1.55, 1, 7, ATTACHMENT_REVERSED)
        if attachment_class(sheet) == wanted:
            return sheet


def wellbeing_sheets(draws, levels, wanted, change):
    """Sheets at T0 and, where `wanted` names two classes, at T1."""
    while True:
        start = draws.normal(4.25, 0.5) if wanted[0] == "H" else draws.normal(2.75, 0.4)
        sheets = [answers(draws, lambda _, at=at: at, levels, 0.93, 1, 6, WELLBEING_REVERSED)
                  for at in ([start, start + change] if len(wanted) == 2 else [start])]
        near = len(sheets) == 1 or abs(wellbeing_mean(sheets[1]) - wellbeing_mean(sheets[0]) - change) < 0.12
        if near and [wellbeing_class(sheet) for sheet in sheets] == list(wanted):
            return sheets


def item_levels(draws, items, sd):
    """Some items are agreed to more readily than others. They sum to zero."""
    drawn = {item: draws.normal(0, sd) for item in items}
    centre = sum(drawn.values()) / len(drawn)
    return {item: level - centre for item, level in drawn.items()}


def attachment(people):
    draws = Draws("attachment")
    levels = {**item_levels(draws, ANXIETY, 0.5), **item_levels(draws, AVOIDANCE, 0.5)}
    table, planned = {}, plan()
    for who in people:
        classes = planned[who]["att"] if who in planned else "S" if who in LEFT_SECURE else "I"
        for wave, wanted in zip(("T0", "T1"), classes):
            if wanted != "-":
                table[who, wave] = attachment_sheet(draws, levels, wanted)
    return blanked(draws, table, 11, attachment_class)


def wellbeing(people):
    draws = Draws("wellbeing")
    levels = item_levels(draws, range(1, 15), 0.35)
    table, planned = {}, plan()
    for who in people:
        row = planned.get(who, {"wb": "H" if who in LEFT_HIGH else "L", "change": 0.0})
        sheets = wellbeing_sheets(draws, levels, row["wb"].rstrip("-"), row["change"])
        table.update({(who, wave): sheet for wave, sheet in zip(("T0", "T1"), sheets)})
    return blanked(draws, table, 6, wellbeing_class)


def worker():
    draws = Draws("worker")
    levels = item_levels(draws, range(1, 16), 0.2)
    table = {}
    for who, row in sorted(plan().items()):
        measured = row["att"][1] != "-"
        # Who is not measured at T1 was still asked at M4.
        at = row["levels"] if measured else {scale: draws.normal(3.3, 0.5) for scale in WORKER_SCALES}
        for wave, less in (("M4", 0.25), ("T1", 0.0)):
            if wave == "M4" or measured:
                own = {scale: draws.normal(at[scale] - less, 0.2) for scale in WORKER_SCALES}
                latent = lambda item: own[next(s for s, items in WORKER_SCALES.items() if item in items)]
                table[who, wave] = answers(draws, latent, levels, 0.6, 1, 5, set())
    return blanked(draws, table, 4, lambda _: None)


def severity(people):
    """Answers of the severity questionnaire.

    1-5 alcohol: days drunk, days drunk to excess, days troubled by it (each of 30), trouble and wish for help (each 0 to 4).
    6-12 drugs: days of opioids, cocaine, cannabis, other, days troubled (each of 30), trouble, wish for help.
    13-16 state of mind: days troubled (of 30), symptoms (of 7), trouble, wish for help.
    At T0 the thirty days are those before arrival, at T1 the last thirty in the house, where hardly anybody uses.
    """
    draws = Draws("composites")
    planned, table = plan(), {}
    for who, person in people.items():
        used = person["substances"].split(";")
        measured = who in planned and planned[who]["att"][1] != "-"
        for wave in ("T0", "T1") if measured else ("T0",):
            days = lambda yes: min(30, max(0, round(draws.normal(17, 7)))) if yes and wave == "T0" else 0
            rate = lambda high: min(4, max(0, round(draws.normal(2.7 if high else 0.9, 0.9))))
            drinks, any_drug = "alcohol" in used, used != ["alcohol"]
            drunk = days(drinks)
            alcohol = [drunk, round(drunk * draws.between(0.3, 1)), round(drunk * draws.between(0.2, 1)),
                       rate(wave == "T0") if drinks else 0, rate(wave == "T0") if drinks else 0]
            drugs = [days("heroin" in used or "opioid painkillers" in used), days("cocaine" in used),
                     days("cannabis" in used), days("amphetamines" in used or "sedatives" in used)]
            drugs += [round(max(drugs) * draws.between(0.3, 1)),
                      rate(wave == "T0") if any_drug else 0, rate(wave == "T0") if any_drug else 0]
            low = wellbeing_is_low(who, wave, planned)
            mind = [min(30, max(0, round(draws.normal(17 if low else 8, 5)))),
                    min(7, max(0, round(draws.normal(3.6 if low else 1.8, 1.2)))), rate(low), rate(low)]
            table[who, wave] = dict(enumerate(alcohol + drugs + mind, start=1))
    return table


def wellbeing_is_low(who, wave, planned):
    if who not in planned:
        return who not in LEFT_HIGH
    return planned[who]["wb"]["T0 T1".split().index(wave)] == "L"


def blanked(draws, table, how_many, classify):
    """Takes a few answers away where the class stays."""
    sheets = sorted(table)
    while how_many:
        sheet = table[sheets[draws.whole(0, len(sheets) - 1)]]
        item = draws.whole(1, len(sheet))
        kept, before = sheet[item], classify(sheet)
        sheet[item] = None
        if kept is None or classify(sheet) != before:
            sheet[item] = kept
        else:
            how_many -= 1
    return table


def item_table(prefix, table):
    items = sorted(next(iter(table.values())))
    rows = [["id", "wave", *(f"{prefix}_{item}" for item in items)]]
    rows += [[who, wave, *("" if v is None else v for _, v in sorted(sheet.items()))]
             for (who, wave), sheet in sorted(table.items())]
    return rows


def written(rows):
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def broken(tables, participants):
    """A copy with three planted errors. What is planted is listed in broken/README.md."""
    attachment_rows = [list(row) for row in tables["attachment.csv"]]
    row = next(row for row in attachment_rows if row[:2] == ["P33", "T0"])
    row[attachment_rows[0].index("attachment_17")] = 8
    wellbeing_rows = [list(row) for row in tables["wellbeing.csv"]]
    unknown = next(k for k, row in enumerate(wellbeing_rows) if row[:2] == ["P70", "T0"])
    wellbeing_rows.insert(unknown + 1, ["P76", *wellbeing_rows[unknown][1:]])
    people = [list(row) for row in participants]
    twice = next(k for k, row in enumerate(people) if row[0] == "P24")
    copy = list(people[twice])
    copy[1] = str(int(copy[1]) + 3)
    people.insert(twice + 1, copy)
    return {"attachment.csv": attachment_rows, "wellbeing.csv": wellbeing_rows, "participants.csv": people}


def cronbach(sheets):
    """Alpha of complete sheets, each a list of keyed answers."""
    def variance(values):
        centre = sum(values) / len(values)
        return sum((v - centre) ** 2 for v in values) / (len(values) - 1)
    k = len(sheets[0])
    items = sum(variance([sheet[i] for sheet in sheets]) for i in range(k))
    return k / (k - 1) * (1 - items / variance([sum(sheet) for sheet in sheets]))


def keyed(table, items, reversed_items, turn, wave):
    """Complete sheets of a wave, keyed."""
    sheets = []
    for (_, at), sheet in sorted(table.items()):
        if at == wave and all(sheet[i] is not None for i in items):
            sheets.append([turn - sheet[i] if i in reversed_items else sheet[i] for i in items])
    return sheets


def check(att, wb, wq):
    completers = plan()
    for wave in ("T0", "T1"):
        for name, table, classify, first in (("secure", att, attachment_class, "S"), ("high", wb, wellbeing_class, "H")):
            seen = [classify(table[who, wave]) for who in completers if (who, wave) in table]
            print(f"{name} at {wave}, completers: {seen.count(first)} of {len(seen)}")
        print(f"alpha at {wave}: attachment {cronbach(keyed(att, range(1, 37), ATTACHMENT_REVERSED, 8, wave)):.3f}"
              f" (anxiety {cronbach(keyed(att, ANXIETY, ATTACHMENT_REVERSED, 8, wave)):.3f},"
              f" avoidance {cronbach(keyed(att, AVOIDANCE, ATTACHMENT_REVERSED, 8, wave)):.3f}),"
              f" well-being {cronbach(keyed(wb, range(1, 15), WELLBEING_REVERSED, 7, wave)):.3f}")
    left = [who for who, wave in att if wave == "T0" and who not in completers]
    print(f"secure at T0, left: {sum(attachment_class(att[who, 'T0']) == 'S' for who in left)} of {len(left)};"
          f" high: {sum(wellbeing_class(wb[who, 'T0']) == 'H' for who in left)} of {len(left)}")
    for scale, items in WORKER_SCALES.items():
        alphas = ", ".join(f"{wave} {cronbach(keyed(wq, items, set(), 0, wave)):.3f}" for wave in ("M4", "T1"))
        print(f"alpha of the worker questionnaire, {scale}: {alphas}")


def main():
    with open(HERE / "participants.csv", newline="", encoding="utf-8") as file:
        participants = list(csv.reader(file))
    people = {row[0]: dict(zip(participants[0], row)) for row in participants[1:]}
    att, wb, wq = attachment(people), wellbeing(people), worker()
    if "--check" in sys.argv:
        return check(att, wb, wq)
    tables = {"attachment.csv": item_table("attachment", att), "wellbeing.csv": item_table("wellbeing", wb),
              "worker.csv": item_table("worker", wq), "severity.csv": item_table("severity", severity(people))}
    files = dict(tables)
    files.update({f"broken/{name}": rows for name, rows in broken(tables, participants).items()})
    (HERE / "broken").mkdir(exist_ok=True)
    for name, rows in files.items():
        (HERE / name).write_text(written(rows), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
