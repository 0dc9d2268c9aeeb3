"""Published accuracies with their protocols apart: each field is what the source's text says."""

from pathlib import Path

import pytest
import torch
from fact_protocols import said
from pybtex.database import parse_file

from lecturekit import facts, ops
from lecturekit.models import PUBLISHED

REFERENCES = Path(__file__).resolve().parents[1] / "book" / "references.bib"
LINES = {line.top1: line for line in facts.comparisons()}
DATASETS = ("Kinetics-400", "Something-Something V2")
FIELDS = ("frames", "stride", "clips", "crops", "size_px", "pretraining")

LEFT_OUT = {
    "k400-tsn-best-tsncode-top1": "a line of news, without a protocol",
    "k400-lstm-table2-carreira2017-top1": "Table 3 prints the same line",
    "k400-timesformer-bertasius2021-top1": "Table 1 prints the same line, as divided attention",
    "k400-vjepa-vit-l-probe-jepacode-top1": "features not trained on the data set",
    "ssv2-vjepa2-probe-assran2025-top1": "features not trained on the data set",
}

# For each source said to count multiply–adds: its figure, a network of the book that is the same,
# and how many views the figure is for.
COUNTED = {
    "torchvision": ("r3d-18-torchvision-gflops", "r3d_18", 1),
    "vmz": ("r3d-18-16f-vmz-gflops", "r3d_18", 1),
    "mmaction2": ("timesformer-divided-mmaction2-gflops", "timesformer_b", 1),
    "pytorchvideo": ("slow-r50-8x8-pytorchvideo-gflops", "slow_r50", 1),
    "pyslowfast": ("stmae-vit-b-pyslowfast-gflops", "videomae_b", 1),
    "feichtenhofer2019": ("slowfast-8x8-r50-feichtenhofer2019-gflops", "slowfast_r50", 1),
    "fan2021": ("mvitv1-b-16x4-fan2021-gflops", "mvit_v1_b", 1),
    "arnab2021": ("vivit-b-16x2-model1-arnab2021-gflops", "vivit_b", 1),
    "bertasius2021": ("timesformer-bertasius2021-tflops", "timesformer_b", 3),
    "tong2022": ("videomae-vit-b-tong2022-gflops", "videomae_b", 1),
}


def test_every_accuracy_on_both_data_sets_is_there_or_left_out_for_a_reason() -> None:
    printed = {
        fact.id
        for fact in facts.table().values()
        if fact.quantity == "top-1 accuracy" and fact.dataset in DATASETS
    }
    assert len(LINES) == len(facts.comparisons()), "an accuracy stands twice"
    assert set(LINES) | set(LEFT_OUT) == printed
    assert not set(LINES) & set(LEFT_OUT)


@pytest.mark.parametrize("id", LINES)
def test_each_field_is_what_the_texts_say(id: str) -> None:
    line = LINES[id]
    texts = said(facts.get(id))
    for field, of_cost in (said(facts.get(line.cost)) if line.cost else {}).items():
        if field != "inputs":
            assert texts.setdefault(field, of_cost) == of_cost, f"{field}: its cost says otherwise"
    for field in FIELDS:
        assert (getattr(line, field) or None) == texts.get(field), field
    assert line.inputs == texts["inputs"]
    both = "clips" in texts and "crops" in texts
    assert line.views == (texts["clips"] * texts["crops"] if both else texts.get("views"))


def test_ids_are_figures_of_their_kind() -> None:
    for line in LINES.values():
        if line.cost:
            assert facts.get(line.cost).quantity.startswith(("cost of one ", "cost of all views"))
            assert facts.get(line.cost).unit in ("GFLOPs", "TFLOPs")
        if line.parameters:
            assert facts.get(line.parameters).quantity == "parameters"
        assert line.family in facts.FAMILIES, line.top1
        assert line.pretraining in ("", *facts.PRETRAINING), line.top1


def test_the_year_is_that_of_the_paper() -> None:
    papers = parse_file(str(REFERENCES)).entries
    for line in LINES.values():
        year = int(papers[line.paper].fields["year"]) if line.paper else None
        assert line.year == year, line.top1


@pytest.mark.parametrize("source", COUNTED)
def test_a_source_said_to_count_multiply_adds_prints_our_count(source: str) -> None:
    fact, name, views = COUNTED[source]
    one = PUBLISHED[name]
    with torch.device("meta"):
        model, inputs = one.make().eval(), [torch.zeros(1, *shape) for shape in one.inputs]
    unit = {"GFLOPs": 1e9, "TFLOPs": 1e12}[facts.get(fact).unit]
    assert facts.get(fact).key == source
    assert facts.value(fact) * unit / views == pytest.approx(
        ops.count_macs(model, *inputs), rel=0.01
    )


def test_no_other_source_is_said_to_count_them() -> None:
    assert {facts.get(line.cost).key for line in LINES.values() if line.counts} <= set(COUNTED)
    uncounted = LINES["k400-video-swin-t-in-1k-videoswincode-top1"]
    assert uncounted.cost
    assert uncounted.counts == ""


def test_costs_are_of_one_view_and_of_all() -> None:
    slowfast = LINES["k400-slowfast-4x16-r50-feichtenhofer2019-top1"]
    assert slowfast.view_gflops == 36.1  # printed as 36.1 × 30
    assert slowfast.total_gflops == pytest.approx(1083)
    long = LINES["k400-timesformer-l-bertasius2021-top1"]
    assert long.total_gflops == pytest.approx(7140)  # printed as 7.14 TFLOPs
    other = "timesformer-l-96f-fan2021-gflops"  # another paper prints the cost of one view
    assert long.view_gflops == facts.value(other)
    unsaid = LINES["k400-i3d-rgb-val-wang2018nonlocal-top1"]
    assert unsaid.view_gflops == 108
    assert unsaid.total_gflops is None  # "views: number not stated"
    assert LINES["k400-r3d-18-torchvision-top1"].million_parameters == pytest.approx(33.371472)


def test_what_differs_is_said_in_words() -> None:
    i3d = LINES["k400-i3d-rgb-carreira2017-top1"]
    large = LINES["k400-mvitv2-l-40x3-312px-pyslowfast-top1"]
    r3d = LINES["k400-r2plus1d-r34-8x8x1-mmaction2-top1"]
    assert facts.differences(i3d, r3d, ("split", "pretraining")).known == (
        "test against val",
        "ImageNet against no pretraining",
    )
    found = facts.differences(large, r3d)
    assert "312 px against 224 px" in found.known
    assert "views: 15 against views: 30" in found.known
    assert found.unsaid == ("pretraining", "videos left")
    assert "counting" in facts.differences(r3d, i3d).unsaid  # one of them has no cost
    scenic = LINES["k400-vivit-b-16x2-scenic-top1"]
    assert "17,637 videos against 19,796 videos" in facts.differences(scenic, r3d).known


def test_not_said_is_not_the_same() -> None:
    r50, r101 = (LINES[f"k400-slowfast-8x8-{r}-feichtenhofer2019-top1"] for r in ("r50", "r101"))
    assert facts.same_protocol(r50, r101)
    space, divided = (
        LINES[f"k400-timesformer-{kind}-bertasius2021-top1"] for kind in ("space-only", "divided")
    )
    assert facts.differences(space, divided, facts.PROTOCOL) == ((), ("size",))
    assert not facts.same_protocol(space, divided)
    assert facts.same_protocol(space, divided, ("data set", "split", "pretraining", "views"))


def test_twins_are_one_network_of_one_source_on_two_data_sets() -> None:
    twins = facts.twins()
    ids = {(one.top1, other.top1) for one, other in twins}
    for kind in ("space-only", "divided"):
        network = f"timesformer-{kind}-bertasius2021-top1"
        assert (f"k400-{network}", f"ssv2-{network}") in ids
    for one, other in twins:
        assert (one.dataset, other.dataset) == DATASETS
        assert (one.name, one.source) == (other.name, other.source)
