"""Chapter 8's pathways over several seeds: accuracy, and the answers inside the pairs.

Two parts. The first has the chapter's own settings: four classes that only speed tells apart. The
chapter asserts intervals around its one run; this says how far runs spread. The second trains
longer, on all classes, for more alphas and betas. A row of differences is taken seed by seed: a
seed sets the first weights and the order of the clips; the clips stay the same.

The second part's settings were chosen on other seeds and other clips: a peak of 0.02 left SlowFast
at anything from 0.56 to 0.92 of all clips, half as many steps left it blind to speed.
"""

import argparse
from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction

import torch
from by_cue import ByCue
from torch import nn

from lecturekit import evaluation, training
from lecturekit.models.slowfast import TINY, SlowFast, SlowFastConfig, SlowOnly, fast_only
from lecturekit.ops import count_macs, count_parameters
from lecturekit.puppets import ACTIONS, PuppetClips

FRAMES, SIZE = 32, 32


@dataclass(frozen=True)
class Part:
    """What is learned, from how many clips, how, and by which networks."""

    title: str
    classes: tuple[str, ...]
    clips: tuple[int, int]
    fit: dict[str, float]
    configs: tuple[SlowFastConfig, ...]
    layout: torch.memory_format

    def data(self) -> list[PuppetClips]:
        options = {"num_frames": FRAMES, "size": SIZE, "classes": self.classes}
        splits = zip(("train", "test"), self.clips, strict=True)
        return [PuppetClips(split, number, **options) for split, number in splits]


# The chapter's settings on a CPU.
CHAPTER = Part(
    "four classes, as in the chapter",
    ("wave slowly", "wave fast", "walk", "run"),
    clips=(320, 400),
    fit={"epochs": 6, "batch_size": 16, "max_lr": 2e-2},
    configs=(TINY,),
    layout=torch.channels_last_3d,
)
ALL = Part(
    "all twelve classes",
    tuple(ACTIONS),
    clips=(720, 600),
    fit={"epochs": 6, "batch_size": 32, "max_lr": 1e-2},
    configs=(
        TINY,
        replace(TINY, alpha=4),
        replace(TINY, alpha=2),
        replace(TINY, beta=Fraction(1, 2)),
    ),
    layout=torch.contiguous_format,
)
# SlowFast beside a slow pathway alone that costs a third more, and sees every fourth frame.
ALSO = ("SlowFast, α = 8, β = 1/8", "slow, α = 4")


def without_laterals(model: SlowFast) -> SlowFast:
    """A trained network whose laterals say nothing: its pathways meet in the head alone."""
    model = deepcopy(model)
    for lateral in model.laterals:
        lateral.register_forward_hook(lambda module, inputs, output: torch.zeros_like(output))
    return model


def networks(part: Part, config: SlowFastConfig, seed: int = 0) -> dict[str, nn.Module]:
    """The pathways alone and together; the slow one hangs on alpha alone, the fast one on beta."""
    made = {}
    for name, make in (
        (f"slow, α = {config.alpha}", SlowOnly),
        (f"fast, β = {config.beta}", fast_only),
        (f"SlowFast, α = {config.alpha}, β = {config.beta}", SlowFast),
    ):
        torch.manual_seed(seed)
        made[name] = make(config, len(part.classes)).to(memory_format=part.layout)
    return made


def one_seed(
    seed: int, part: Part, config: SlowFastConfig, data: list[PuppetClips], results: ByCue
) -> None:
    """Train and test a configuration's networks, but those that an earlier one had as well."""
    for name, model in networks(part, config, seed).items():
        if len(results.accuracies.rows.get(name, ())) > seed:
            continue
        result = training.fit(model, *data, seed=seed, **part.fit)
        results.keep(name, result.test)
        print(
            f"seed {seed}: {name} {result.test.accuracy:.3f}, "
            f"{result.history[-1].accuracy:.3f} in training, {result.seconds:.1f} s",
            flush=True,
        )
        if isinstance(model, SlowFast):
            cut = evaluation.evaluate(without_laterals(model), data[1])
            results.keep(f"{name}, cut", cut)


def show_costs(part: Part) -> None:
    """Multiply–adds of a clip and weights, each network once."""
    clip = torch.zeros(1, 3, FRAMES, SIZE, SIZE)
    costs = {
        name: (count_macs(model.eval(), clip), count_parameters(model))
        for config in part.configs
        for name, model in networks(part, config).items()
    }
    print(f"{part.title}\n{'':36s}{'multiply–adds':>16s}{'weights':>12s}")
    for name, (macs, weights) in costs.items():
        print(f"{name:36s}{macs:16,}{weights:12,}", flush=True)


def show(part: Part, results: ByCue) -> None:
    print('\n"cut": the same network, its laterals made to give zeros in testing')
    for table in (results.accuracies, results.pairs):
        table.show()
        print("\npaired differences: mean over seeds (lowest…highest)")
        for config in part.configs:
            slow, fast, both = networks(part, config)
            table.difference(both, slow)
            table.difference(both, fast)
            table.difference(f"{both}, cut", both)
        if part is ALL:
            table.difference(*ALSO)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    for part in (CHAPTER, ALL):
        show_costs(part)
        data, results = part.data(), ByCue(part.classes)
        for config in part.configs:
            for seed in range(seeds):
                one_seed(seed, part, config, data, results)
        show(part, results)


if __name__ == "__main__":
    main()
