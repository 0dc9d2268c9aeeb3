"""Every network of the register against its source, on the meta device: no memory, no time."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn

from lecturekit import checkpoints, facts, ops
from lecturekit.models import PUBLISHED

REFERENCES = Path(__file__).parent.parent / "book" / "references.bib"
SECONDS = Path(__file__).parent.parent / "book" / "model_seconds.json"
UNITS = {"": 1, "M": 1e6, "GFLOPs": 1e9}

every = pytest.mark.parametrize("name", PUBLISHED)


def build(name):
    one = PUBLISHED[name]
    with torch.device("meta"):
        return one, one.make().eval(), [torch.zeros(2, *shape) for shape in one.inputs]


@every
def test_it_has_the_parameters_and_takes_the_inputs_it_says(name):
    one, model, inputs = build(name)
    assert ops.count_parameters(model) == one.parameters
    assert model(*inputs).shape == (2, one.classes)


def normalised(model, *inputs):
    """How many numbers the batch norms give in one forward pass."""
    counts = []
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.register_forward_hook(lambda *call: counts.append(call[2].numel()))
    model(*inputs)
    return sum(counts)


@cache
def macs_of_two(name):
    _, model, inputs = build(name)
    return ops.count_macs(model, *inputs)


@every
def test_its_figures_are_the_sources(name):
    one, model, inputs = build(name)
    counted = {
        one.parameters_fact: ops.count_parameters(model),
        one.macs_fact: (macs_of_two(name) + one.norm_cost * normalised(model, *inputs)) / 2,
    }
    for fact, count in counted.items():
        if fact is not None:
            printed = facts.get(fact)
            decimals = len(printed.value.partition(".")[2])
            assert f"{count / UNITS[printed.unit]:.{decimals}f}" == printed.value


@every
def test_its_time_on_the_page_of_models_is_that_of_this_network(name):
    timed = json.loads(SECONDS.read_text(encoding="utf-8"))["models"]
    assert timed[name]["macs"] * 2 == macs_of_two(name), "run benchmarks/published.py --store"


def test_no_other_network_has_a_time():
    assert set(json.loads(SECONDS.read_text(encoding="utf-8"))["models"]) == set(PUBLISHED)


@every
def test_its_source_is_in_the_bibliography(name):
    keys = re.findall(r"^@\w+\{(\w+),", REFERENCES.read_text(encoding="utf-8"), re.MULTILINE)
    assert PUBLISHED[name].source in keys


@every
def test_a_format_is_one_of_those_that_weights_are_published_in(name):
    assert set(PUBLISHED[name].formats) <= set(checkpoints.FORMATS)
