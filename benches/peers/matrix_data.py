#!/usr/bin/env python3
"""Data for benches/matrix.rs and for its peers: matrix_data.py PARTICIPANTS UNITS DIR

Theme by outcome: participants with a group, a score to one decimal and 5 themes, some mentioned several times, in rows of
(participant, theme). Agreement: units rated by 3 coders into 5 categories, a few ratings missing. Written as raw
little-endian arrays; the same seed gives the same bytes. Needs numpy.
"""
import pathlib
import sys

import numpy as np

people, units, folder = int(float(sys.argv[1])), int(float(sys.argv[2])), pathlib.Path(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(1)
group = rng.integers(0, 2, people).astype("int8")
score = np.round(rng.normal(50, 10, people), 1)
share = np.array([0.35, 0.2, 0.7, 0.5, 0.4])
says = rng.random((people, 5)) < (share[None, :] + 0.05 * group[:, None])
who, theme = np.nonzero(says)
times = rng.integers(1, 5, len(who))
who, theme = np.repeat(who, times).astype("int32"), np.repeat(theme, times).astype("int8")
order = rng.permutation(len(who))
group.tofile(folder / "group.i8")
score.tofile(folder / "score.f64")
who[order].tofile(folder / "who.i32")
theme[order].tofile(folder / "theme.i8")
rng = np.random.default_rng(2)
truth = rng.integers(0, 5, units)
ratings = np.stack(
    [np.where(rng.random(units) < 0.85, truth, rng.integers(0, 5, units)) for _ in range(3)]
).astype(float)
ratings[rng.random(ratings.shape) < 0.02] = np.nan
ratings.tofile(folder / "ratings.f64")
