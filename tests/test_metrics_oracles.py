"""Each metric against an implementation that nobody here wrote.

The stored cases always run. Where an oracle is installed (`metric_oracles` says which, and what
ACTIVITYNET_EVALUATION is), hundreds of cases run against it, as many as METRIC_CASES says.
"""

import json
import os
import warnings

import metric_oracles
import numpy as np
import pytest
from metric_cases import CASES, NUM_STORED, VALUES, Draw

from lecturekit import metrics

STORED = json.loads(VALUES.read_text(encoding="utf-8"))
NUMBER = int(os.environ.get("METRIC_CASES", "300"))


def ours(name, case):
    """The metric's numbers for a case, in the form of the oracle's."""
    if name in ("nms_1d", "nms_2d"):
        *arrays, threshold = case.values()
        return getattr(metrics, name)(*arrays, threshold).tolist()
    if name == "mean_average_precision":
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            return [metrics.mean_average_precision(**case)]
    found = getattr(metrics, name)(**case)
    if name == "temporal_map":
        return [found[tiou] for tiou in case["tious"]]
    if name == "bootstrap_interval":
        return list(found)
    return found.tolist() if isinstance(found, np.ndarray) else [found]


def difference(name, case, expected):
    got = ours(name, case)
    assert np.shape(got) == np.shape(expected), case
    apart = np.abs(np.subtract(got, expected)).max(initial=0)
    assert apart <= 1e-9, (case, got, expected)
    return apart


@pytest.mark.parametrize("name", CASES)
def test_a_metric_has_the_values_stored_of_its_oracle(name):
    assert len(STORED[name]) == NUM_STORED
    for seed, expected in enumerate(STORED[name]):
        difference(name, CASES[name](Draw(seed)), expected)


@pytest.mark.parametrize("name", CASES)
def test_a_metric_equals_its_oracle(name):
    for need in metric_oracles.NEEDS[name]:
        if need != metric_oracles.EVALUATION:
            pytest.importorskip(need)
        elif need not in os.environ:
            pytest.skip(f"{need} names no folder")
    oracle = metric_oracles.ORACLES[name]
    cases = [CASES[name](Draw(1000 + seed)) for seed in range(NUMBER)]
    largest = max(difference(name, case, oracle(**case)) for case in cases)
    print(f"\n{name}: {NUMBER} cases, largest difference {largest:.1e}")
