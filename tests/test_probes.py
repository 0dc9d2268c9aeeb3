"""Probes: what a network must be blind to is found, nothing else is; all is left as it was."""

import re

import matplotlib
import numpy as np
import pytest
import torch
from torch import nn

from lecturekit import probes, puppets
from lecturekit.models import convnets, fusion

matplotlib.use("agg")
import matplotlib.pyplot as plt

IN_TIME = ("reverse", "shuffle", "freeze", "double speed")
ORDER = {"reverse", "shuffle", "double speed"}
K = 5


def clips_of(num_clips=6, num_frames=8, height=10, width=12):
    draw = torch.Generator().manual_seed(0)
    return torch.randn(num_clips, 3, num_frames, height, width, generator=draw)


def figures_of(clips):
    """One place for all clips, so that a network can know it."""
    figures = torch.zeros(len(clips), *clips.shape[2:], dtype=torch.bool)
    figures[:, :, 3:8, 4:7] = True
    return figures


class Frames(nn.Module):
    """A head over what each frame by itself gives: ``(B, T, 16)``."""

    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 16, 3), nn.Linear(16, K)

    def each(self, clips):
        maps = self.conv(clips.transpose(1, 2).flatten(0, 1)).relu()
        # Weighted over columns, or a mirror of the kernel's inside would hardly be seen.
        weights = torch.linspace(0, 1, maps.shape[-1], dtype=maps.dtype, device=maps.device)
        return (maps * weights).mean((-2, -1)).unflatten(0, (len(clips), -1))

    def forward(self, clips):
        return self.head(self.pool(self.each(clips)))


class OneFrame(Frames):
    def pool(self, each):
        return each[:, each.shape[1] // 2]


class Average(Frames):
    def pool(self, each):
        return each.mean(1)


class Attention(Frames):
    """Over frames, without positions."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), 2, enable_nested_tensor=False
        )

    def pool(self, each):
        return self.blocks(each).mean(1)


class Recurrent(Frames):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(16, 16, batch_first=True)

    def pool(self, each):
        return self.lstm(each)[0][:, -1]


class Differences(Frames):
    """How much neighbours differ, not in which direction."""

    def forward(self, clips):
        return self.head(self.each(clips.diff(dim=2).abs()).mean(1))


class MirrorPooled(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, clips):
        return self.net(clips) + self.net(clips.flip(-1))


class FiguresOnly(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net
        self.register_buffer("mask", figures_of(clips_of(1))[0])

    def forward(self, clips):
        return self.net(clips * self.mask)


class Nothing(Frames):
    def forward(self, clips):
        return self.head.bias.expand(len(clips), -1)


BLIND = {
    "one frame": (OneFrame, {"freeze"}),
    "average of frames": (Average, ORDER),
    "attention without positions": (Attention, ORDER),
    "recurrent": (Recurrent, set()),
    "absolute differences": (Differences, {"reverse"}),
    "mirror-pooled": (lambda: MirrorPooled(Recurrent()), {"mirror"}),
    "mirror-pooled average": (lambda: MirrorPooled(Average()), {*ORDER, "mirror"}),
    "figures only": (lambda: FiguresOnly(Recurrent()), {"blank background"}),
    "nothing": (Nothing, set(probes.INTERVENTIONS)),
    "R3D-18": (lambda: convnets.VideoResNet(convnets.R3D, K), set()),
    **{
        f"the library's {name}": (lambda make=make: make(K, 8, width=4), blind)
        for (name, make), blind in zip(
            {**fusion.FAMILIES, **fusion.RELATIVES}.items(),
            [{"freeze"}, set(), ORDER, set(), set(), set()],
            strict=True,
        )
    },
}


def made(make):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return make()


@pytest.mark.parametrize("name", BLIND)
def test_a_network_is_found_blind_to_what_it_cannot_see_and_to_nothing_else(name):
    make, blind = BLIND[name]
    clips = clips_of()
    report = probes.report(made(make), clips, figures=figures_of(clips))
    assert set(report.cannot_see) == blind
    assert list(report.scores) == [probes.AS_THEY_ARE, *probes.INTERVENTIONS]
    assert report.steady
    assert not report.left_out
    for intervention in blind:
        assert report.changed(intervention) == 0
        assert report.largest(intervention) <= 2 * report.rounding


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_threads_and_batches_change_no_verdict(threads, batch_size):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        report = probes.report(made(Attention), clips_of(5), batch_size=batch_size)
    finally:
        torch.set_num_threads(before)
    assert set(report.cannot_see) == ORDER


def test_an_odd_clip_has_its_middle_frame_in_the_middle_of_its_reverse():
    assert set(probes.report(made(OneFrame), clips_of(num_frames=7)).cannot_see) == {
        "reverse",
        "freeze",
    }


def test_one_clip_is_enough():
    assert set(probes.report(made(Average), clips_of(1)).cannot_see) == ORDER


def test_a_faint_sight_is_no_blindness():
    class Faint(Average):
        def forward(self, clips):
            return super().forward(clips) + 1e-5 * clips[:, :1, -1, 0, 0]

    report = probes.report(made(Faint), clips_of())
    assert report.cannot_see == ("double speed",)  # which leaves the last of eight frames alone
    assert report.changed("shuffle") == 0
    assert report.largest("shuffle") < 1e-4


def test_half_precision_rounds_more_and_is_not_taken_for_sight():
    report = probes.report(made(Average).bfloat16(), clips_of())
    assert set(report.cannot_see) >= ORDER
    assert report.rounding > 1e-4
    assert report.scores["reverse"].dtype == np.float32


@pytest.mark.parametrize("num_frames", [1, 2, 3, 8, 9])
def test_time_is_changed_as_it_is_said(num_frames):
    clips = torch.arange(4.0 * num_frames).reshape(4, 1, num_frames, 1, 1).expand(-1, 3, -1, 2, 2)
    forwards = torch.arange(num_frames)
    for name in IN_TIME:
        order = probes.frame_order(name, 4, num_frames, seed=3)
        assert order.shape == (4, num_frames)
        changed = probes.intervene(name, clips, seed=3)
        for clip, after, frames in zip(clips, changed, order, strict=True):
            assert torch.equal(after, clip[:, frames])
    first = {name: probes.frame_order(name, 4, num_frames)[0] for name in IN_TIME}
    assert first["reverse"].tolist() == forwards.flip(0).tolist()
    assert first["freeze"].tolist() == [num_frames // 2] * num_frames
    assert first["double speed"].tolist() == [*range(0, num_frames, 2), *range(1, num_frames, 2)]


@pytest.mark.parametrize("num_frames", [2, 3, 4, 16])
def test_a_shuffle_is_an_order_of_each_clip_s_own_never_the_one_it_had(num_frames):
    orders = probes.frame_order("shuffle", 200, num_frames)
    forwards = torch.arange(num_frames)
    assert torch.equal(orders.sort(1).values, forwards.expand(200, -1))
    assert not (orders == forwards).all(1).any()
    others = {1 if num_frames == 2 else num_frames}
    assert len(set(map(tuple, orders.tolist()))) >= max(others) - 1
    # Same seed, same orders, whatever else is there; another seed, others.
    assert torch.equal(probes.frame_order("shuffle", 9, num_frames), orders[:9])
    if num_frames > 2:
        assert not torch.equal(probes.frame_order("shuffle", 200, num_frames, seed=1), orders)


def test_what_is_exchanged_twice_is_as_before_and_what_is_blank_stays_blank():
    clips, figures = clips_of(), figures_of(clips_of())
    for name in ("reverse", "mirror"):
        once = probes.intervene(name, clips)
        assert not torch.equal(once, clips)
        assert torch.equal(probes.intervene(name, once), clips)
    assert torch.equal(probes.intervene("mirror", clips)[..., 0], clips[..., -1])
    frozen = probes.intervene("freeze", clips)
    assert torch.equal(probes.intervene("freeze", frozen), frozen)
    blank = probes.intervene("blank background", clips, figures=figures)
    behind = ~figures[:, None].expand_as(clips)
    assert torch.equal(blank[~behind], clips[~behind])
    for colour in range(3):
        (value,) = set(blank[:, colour][behind[:, colour]].tolist())
        assert value == pytest.approx(clips[:, colour][behind[:, colour]].mean().item(), abs=1e-6)
    again = probes.intervene("blank background", blank, figures=figures)
    assert torch.allclose(again, blank, atol=1e-6)


def test_a_network_is_left_as_it_was():
    model = nn.Sequential(
        *(nn.Conv3d(3, 4, 3), nn.BatchNorm3d(4), nn.Dropout(), nn.Flatten()),
        nn.Linear(4 * 6 * 8 * 10, K),
    ).train()
    model[1].eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    chance, clips = torch.get_rng_state(), clips_of()
    report = probes.report(model, clips)
    assert [module.training for module in model.modules()] == [True, True, False, True, True, True]
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), chance)
    assert torch.equal(clips, clips_of())
    assert all(p.grad is None for p in model.parameters())
    # Dropout was off, or two runs would differ.
    assert report.steady
    again = probes.report(model.eval(), clips)
    assert all(np.array_equal(report.scores[name], again.scores[name]) for name in report.scores)


def test_a_network_that_fails_is_left_as_it_was():
    model = nn.Sequential(nn.Flatten(), nn.Linear(1, K)).train()
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        probes.report(model, clips_of())
    assert all(module.training for module in model.modules())


def test_a_network_that_overwrites_its_input_overwrites_a_copy():
    class Careless(Average):
        def forward(self, clips):
            return super().forward(clips.mul_(2))

    clips = clips_of()
    assert set(probes.report(made(Careless), clips).cannot_see) == ORDER
    assert torch.equal(clips, clips_of())


class Random(Average):
    def pool(self, each):
        return nn.functional.dropout(super().pool(each))


class OfTheBatch(Average):
    def pool(self, each):
        return super().pool(each) - each.mean((0, 1))


class Single(Average):
    """Knows single precision only."""

    def forward(self, clips):
        return super().forward(clips.float())


class NoCopy(Average):
    def __deepcopy__(self, memo):
        raise NotImplementedError("this network cannot be copied")


@pytest.mark.parametrize(
    ("make", "blind", "note"),
    [
        (Random, set(), "draws at random in eval mode too"),
        (OfTheBatch, set(), "in another batch it gives a clip other scores"),
        (Single, None, "no copy in double precision"),
        (NoCopy, None, r"no copy in double precision \(this network cannot be copied\)"),
        (
            lambda: nn.Sequential(nn.BatchNorm3d(3), Average()),
            ORDER,
            "1 of 1 batch norms have seen no data",
        ),
    ],
)
def test_what_spoils_the_comparison_is_noted(make, blind, note):
    report = probes.report(made(make), clips_of())
    (found,) = report.notes
    assert re.search(note, found)
    assert f"note: {found}" in str(report).replace("\n", " ")
    assert max(map(len, str(report).splitlines())) <= 90
    # Without double precision a blind network may be missed; a seeing one is not found blind.
    assert (
        set(report.cannot_see) == blind if blind is not None else (set(report.cannot_see) <= ORDER)
    )
    assert report.steady == (make not in (Random, OfTheBatch))
    assert ("not known" in str(report)) != report.steady


def test_a_batch_norm_that_has_seen_data_is_not_noted():
    model = nn.Sequential(nn.BatchNorm3d(3), made(Average))
    model.train()(clips_of())
    assert not probes.report(model, clips_of()).notes


def test_an_intervention_that_changes_nothing_is_left_out_and_said_so():
    def left(clips, **options):
        return probes.report(made(Average), clips, **options).left_out

    nothing, masks = "it changes none of these clips", "it needs `figures`"
    blank = {"blank background": masks}
    assert left(clips_of()) == blank
    assert left(clips_of(num_frames=1)) == {**dict.fromkeys(IN_TIME, nothing), **blank}
    assert left(clips_of(num_frames=2)) == {"double speed": nothing, **blank}
    still = clips_of()[:, :, :1].expand(-1, -1, 8, -1, -1)
    assert set(left(still)) == {*IN_TIME, "blank background"}
    everywhere = torch.ones(6, 8, 10, 12, dtype=torch.bool)
    assert left(clips_of(), figures=everywhere) == {"blank background": nothing}
    alike = torch.ones(2, 3, 4, 5, 6)
    report = probes.report(made(Average), alike)
    assert str(report).endswith("No intervention applies to these clips.")


class Corner(nn.Module):
    """Three classes: by the sum of each third of the columns, of the last frame or of all."""

    def __init__(self, last):
        super().__init__()
        self.last = last

    def forward(self, clips):
        pixels = clips[:, 0, -1:] if self.last else clips[:, 0]
        return torch.stack([pixels[..., i::3].mean((1, 2, 3)) for i in range(3)], 1)


def walkers():
    """Four clips: a dot goes from column 0 to 2 or from 2 to 0, or stays in column 1."""
    clips = torch.zeros(4, 3, 3, 1, 3)
    for clip, way in zip(clips, [(0, 1, 2), (2, 1, 0), (1, 1, 1), (0, 1, 2)], strict=True):
        for t, x in enumerate(way):
            clip[:, t, 0, x] = 1 + t
    return clips


LABELS = [2, 0, 1, 2]
AFTER = {"reverse": [0, 2, 1, 0], "mirror": torch.tensor([0, 2, 1, 0]), "freeze": [-1, -1, 1, -1]}
GROUPS = ["goes", "goes", "stays", "goes"]


def test_right_answers_are_counted_by_label_and_group():
    report = probes.report(Corner(True), walkers(), LABELS, labels_after=AFTER, groups=GROUPS)
    assert report.accuracy(probes.AS_THEY_ARE) == 1
    assert report.accuracy("reverse") == 0.25
    assert report.accuracy("reverse", "stays") == 1
    assert report.accuracy_after("reverse") == report.accuracy_after("mirror") == 1
    assert report.accuracy_after("freeze") == 1
    assert report.accuracy_after("freeze", "goes") is None
    assert report.accuracy_after("shuffle") is None
    assert report.changed("mirror") == 0.75
    assert report.changed("mirror", "goes") == 1
    assert report.largest("mirror") == pytest.approx(3)
    unlabelled = probes.report(Corner(True), walkers())
    assert unlabelled.accuracy("reverse") is None
    with pytest.raises(ValueError, match=r"group: expected one of 'goes', .*got 'runs'"):
        report.changed("mirror", "runs")


TABLE = """\
4 clips, 3 classes

clips         answers changed  largest change  right, own label  right, label after  of
as they are                                                1.00                   –
reverse                  0.75               3              0.25                1.00   4
shuffle                  0.75               3              0.25                   –
freeze                   0.75               3              0.25                1.00   1
double speed             0.75               3              0.25                   –
mirror                   0.75               3              0.25                1.00   4

right answers, by group (label after where one is given)
clips         goes  stays
as they are   1.00   1.00
reverse       1.00   1.00
shuffle       0.00   1.00
freeze           –   1.00
double speed  0.00   1.00
mirror        1.00   1.00

blank background: left out, it needs `figures`
Each intervention tried changes some score by more than rounding."""

SHORT = """\
4 clips, 3 classes

clips         answers changed  largest change
as they are
reverse                  0.00        rounding
shuffle                  0.00        rounding
freeze                   0.75             1.3
double speed             0.00        rounding
mirror                   0.75            0.67

blank background: left out, it needs `figures`
Cannot see, as far as these clips tell: reverse, shuffle, double speed. The scores stay
the same but for rounding, which is evidence and no proof."""


def test_a_report_is_a_table():
    report = probes.report(Corner(True), walkers(), LABELS, labels_after=AFTER, groups=GROUPS)
    assert str(report) == TABLE
    assert str(probes.report(Corner(False), walkers())) == SHORT
    changed = str(probes.report(Corner(True), walkers(), groups=GROUPS))
    assert (
        "answers changed, by group\nclips         goes  stays\nreverse       1.00   0.00" in changed
    )


def test_a_report_is_drawn_as_bars():
    report = probes.report(Corner(False), walkers())
    ax = plt.figure().add_subplot()
    assert report.plot(ax) is ax
    assert [bar.get_width() for bar in ax.patches] == [0, 0, 0.75, 0, 0.75]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["reverse", "shuffle", "freeze", "double speed", "mirror"]
    same = "0%, same scores"
    assert [text.get_text() for text in ax.texts] == [same, same, "75%", same, "75%"]
    title = ax.get_title(loc="left") or ax.get_title()
    assert title == "3 of 5 interventions leave the scores as they are"
    plt.close("all")


class Scores(nn.Module):
    def __init__(self, give):
        super().__init__()
        self.give = give

    def forward(self, clips):
        return self.give(len(clips))


GOOD = {"model": Corner(True), "clips": walkers()}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"model": lambda clips: clips}, TypeError, "model: expected a torch.nn.Module, got func"),
        ({"clips": walkers().numpy()}, TypeError, "clips: expected a float32 tensor .* ndarray"),
        ({"clips": walkers().byte()}, TypeError, r"clips: expected a float32 .* got torch.uint8"),
        ({"clips": walkers()[0]}, ValueError, r"clips: .*\(B, 3, T, H, W\), got \(3, 3, 1, 3\)"),
        (
            {"clips": walkers()[:, :2]},
            ValueError,
            r"clips: expected shape .* got \(4, 2, 3, 1, 3\)",
        ),
        ({"clips": walkers()[:0]}, ValueError, r"clips: expected shape .* got \(0, 3, 3, 1, 3\)"),
        ({"clips": walkers().index_fill(0, torch.tensor(2), torch.nan)}, ValueError, "in clip 2"),
        ({"model": Scores(lambda n: [0] * n)}, TypeError, "model: expected a tensor .* got list"),
        ({"model": Scores(lambda n: torch.ones(n, 1))}, ValueError, r"K classes.* got \(4, 1\)"),
        ({"model": Scores(lambda n: torch.ones(n))}, ValueError, r"\(4, K\).* got \(4,\)"),
        ({"model": Scores(lambda n: torch.ones(1, 2))}, ValueError, r"\(4, K\).* got \(1, 2\)"),
        ({"model": Scores(lambda n: torch.ones(n, 2) / 0)}, ValueError, "model: .* finite scores"),
        ({"model": Scores(lambda n: torch.ones(n, 2).int())}, ValueError, "model: .* floats"),
        (
            {"labels": [0, 1, 2]},
            ValueError,
            r"labels: expected one for each of 4 clips, got \(3,\)",
        ),
        ({"labels": [0, 1, 2, 3]}, ValueError, "labels: expected 0 to 2, .* got 3"),
        ({"labels": [0, 1, 2, -1]}, ValueError, "labels: expected 0 to 2, .* got -1"),
        ({"labels": [0.0, 1, 2, 0]}, TypeError, "labels: expected whole numbers, got float64"),
        ({"labels_after": {"rewind": LABELS}}, ValueError, "labels_after: .* got 'rewind'"),
        (
            {"labels_after": {"reverse": [0, 0, 0, -2]}},
            ValueError,
            r"labels_after\['reverse'\]: expected -1 to 2, .* got -2",
        ),
        ({"groups": ["a"]}, ValueError, r"groups: expected one for each of 4 clips, got \(1,\)"),
        (
            {"figures": torch.ones(4, 3, 1, 3)},
            TypeError,
            r"figures: expected a bool tensor .* got torch.float32",
        ),
        ({"figures": np.ones((4, 3, 1, 3), bool)}, TypeError, "figures: expected a bool tensor"),
        (
            {"figures": torch.ones(4, 3, 1, 2, dtype=torch.bool)},
            ValueError,
            r"figures: expected shape \(4, 3, 1, 3\), got \(4, 3, 1, 2\)",
        ),
        ({"seed": -1}, ValueError, "seed: expected at least 0, got -1"),
        ({"batch_size": 0}, ValueError, "batch_size: expected at least 1, got 0"),
    ],
)
def test_a_bad_argument_is_named(change, error, message):
    with pytest.raises(error, match=message):
        probes.report(**{**GOOD, **change})


def test_a_bad_intervention_is_named():
    with pytest.raises(ValueError, match=r"name: expected one of 'reverse', .*, got 'rewind'"):
        probes.intervene("rewind", walkers())
    with pytest.raises(ValueError, match=r"name: expected one of .*'double speed', got 'mirror'"):
        probes.frame_order("mirror", 1, 2)
    with pytest.raises(ValueError, match=r"figures: expected bool .*, got None"):
        probes.intervene("blank background", walkers())


def test_puppets_know_what_they_show_once_they_are_changed():
    classes = tuple(puppets.ACTIONS)
    after = puppets.labels_after(range(12), classes)
    assert tuple(after) == probes.INTERVENTIONS
    pairs = dict(zip(classes, range(12), strict=True))
    for change, labels in after.items():
        assert labels.dtype == torch.int64
        assert labels[:2].tolist() == [0, 1], change  # what is held stays held
    reverse, mirror = after["reverse"].tolist(), after["mirror"].tolist()
    assert reverse == [0, 1, 3, 2, 5, 4, 6, 7, 8, 9, 11, 10]
    assert mirror == [0, 1, 3, 2, *range(4, 12)]
    assert after["blank background"].tolist() == list(range(12))
    assert after["freeze"].tolist() == after["shuffle"].tolist() == [0, 1] + [-1] * 10
    assert after["double speed"].tolist() == [*range(6)] + [-1] * 6
    few = puppets.labels_after([1, 0], ("walk left", "run"))
    assert few["reverse"].tolist() == [1, -1]
    assert pairs["walk left"] == 2
    with pytest.raises(ValueError, match=r"classes: expected one of .* got 'swim'"):
        puppets.labels_after([0], ["swim"])
