"""Chapter 14's trainings over several seeds: masks, few labels, collapse, pooled keys.

Four parts:

    masks         what is left of the loss on hidden patches for who copies, and for a network
    few labels    pretraining that rebuilds normalised pixels, plain ones, or what changes; then
                  5, 10 or 40 clips of each class, beside a start from nothing
    collapse      the loss of a JEPA beside how far its features spread, with one part taken away
    pooled keys   accuracy and cost of a small MViT as it pools its keys and values further

A row of differences is taken seed by seed: a seed draws the labelled clips, and sets the first
weights, the masks and the order of the clips. Settings were chosen on other clips.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import prod

import numpy as np
import torch
from by_cue import ByCue, Table
from masked_parts import (
    CLASSES,
    SIZE,
    TEST,
    UNLABELLED,
    Features,
    Recipe,
    all_of,
    figures,
    learn,
    probe,
    real_clips,
    test_clips,
    unlabelled,
)
from torch.nn import functional

from lecturekit import evaluation, puppets, training
from lecturekit.models import jepa, mvit, videomae
from lecturekit.models.attention import Grid
from lecturekit.models.masking import MASKS, copied, make_mask, normalise, patches_of, take
from lecturekit.ops import count_macs
from lecturekit.puppets import PuppetClips

CONFIG = videomae.TINY
# Tubelets of four frames: half as many tokens, and more accurate with all labels.
SMALL = replace(CONFIG, tubelet=(4, 8, 8))

# Masks

MASK_SHARE = 0.875
MASK_RECIPE = Recipe("tube", MASK_SHARE, steps=150, peak=3e-3)


@torch.no_grad()
def on_hidden(
    model: videomae.VideoMAEPretrain, clips: torch.Tensor, mask: torch.Tensor
) -> dict[str, float]:
    """The loss in normalised pixels of who says 0, who copies, and of a network."""
    config = model.encoder.config
    everywhere = normalise(patches_of(model.pixels(clips), config.tubelet))[0]
    true = take(everywhere, mask)
    said = {
        "flat": torch.zeros_like(true),
        "copied": copied(everywhere, mask, config.grid),
        "network": model.rebuild(clips, mask),
    }
    return {name: functional.mse_loss(guess, true).item() for name, guess in said.items()}


def masks_of(kind: str, share: float, clips: torch.Tensor, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return make_mask(kind, len(clips), CONFIG.grid, share, generator)


def show_masks(seeds: int) -> None:
    """Puppets, and real footage; a network learns from clips of the same kind."""
    test = {"puppets": all_of(test_clips())} | real_clips("test", TEST // 2)
    show_copies(test)
    results = Table(f"loss, {MASK_SHARE:.1%} hidden", ("flat", "copied", "network"), digits=3)
    for seed in range(seeds):
        masked_networks(seed, test, results)
    results.show()


def show_copies(test: dict[str, torch.Tensor]) -> None:
    """What a copy leaves hangs on the mask alone: nothing is trained."""
    copies = Table("loss of who copies", MASKS)
    untrained = videomae.VideoMAEPretrain(CONFIG)
    for film, clips in test.items():
        for share in (0.5, 0.75, MASK_SHARE):
            masks = [masks_of(kind, share, clips) for kind in MASKS]
            losses = [on_hidden(untrained, clips, mask)["copied"] for mask in masks]
            copies.add(f"{film}, {share:.1%} hidden", *losses)
    copies.show()


def masked_networks(seed: int, test: dict[str, torch.Tensor], results: Table) -> None:
    real = torch.cat(list(real_clips("train", UNLABELLED // 4).values()))
    for learned_from, films in ((unlabelled(), ["puppets"]), (real, list(test)[1:])):
        for kind in MASKS:
            torch.manual_seed(seed)
            model = videomae.VideoMAEPretrain(CONFIG)
            learn(model, learned_from, replace(MASK_RECIPE, kind=kind), seed)
            for film in films:
                mask = masks_of(kind, MASK_SHARE, test[film], seed)
                losses = on_hidden(model, test[film], mask)
                results.add(f"{film}, {kind}", *losses.values())
                print(f"seed {seed}: {film}, {kind} {losses['network']:.3f}", flush=True)


# Few labels

NUMBERS = (5, 10, 40)
PRETRAIN = Recipe("random", 0.75, steps=1000, peak=1.5e-3)
TUNE_STEPS, TUNE_BATCH, TUNE_PEAK = 200, 30, 3e-3
NOTHING, RANDOM, BEST = "from nothing", "random features", "what changes"


# What is rebuilt: of clips around zero, all patches.


def normalised(clips: torch.Tensor) -> torch.Tensor:
    """The paper's: each patch by itself minus its mean, over its standard deviation."""
    return normalise(patches_of(clips * puppets.STD + puppets.MEAN, SMALL.tubelet))[0]


def plain(clips: torch.Tensor) -> torch.Tensor:
    """The pixels of the network's input."""
    return patches_of(clips, SMALL.tubelet)


def changing(clips: torch.Tensor) -> torch.Tensor:
    """What changes: each pixel minus its mean over the clip, so enlarged that its spread is near 1.

    A still background is gone, but for the camera's trembling.
    """
    return patches_of(CHANGE * (clips - clips.mean(2, keepdim=True)), SMALL.tubelet)


def of_another(clips: torch.Tensor) -> torch.Tensor:
    """A control: as much training, but the visible patches say nothing of what is asked."""
    return changing(clips).roll(1, 0)


CHANGE = 4
REBUILT = {
    "normalised pixels": normalised,
    "plain pixels": plain,
    BEST: changing,
    "another clip's changes": of_another,
}


def pretrained(
    seed: int, rebuilt: Callable[[torch.Tensor], torch.Tensor]
) -> videomae.VideoMAEPretrain:
    torch.manual_seed(seed)
    model = videomae.VideoMAEPretrain(SMALL)

    def loss_of(
        model: videomae.VideoMAEPretrain, clips: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        return functional.mse_loss(model.rebuild(clips, mask), take(rebuilt(clips), mask))

    learn(model, unlabelled(), PRETRAIN, seed, loss_of)
    return model


def classifier(seed: int, start: videomae.VideoMAEPretrain | None) -> videomae.VideoMAE:
    torch.manual_seed(seed)
    model = videomae.VideoMAE(SMALL, len(CLASSES))
    if start is not None:
        model.encoder.load_state_dict(start.encoder.state_dict())
    return model


def fine_tuned(
    seed: int, number: int, start: videomae.VideoMAEPretrain | None
) -> evaluation.Evaluation:
    train = PuppetClips("train", len(CLASSES) * number, size=SIZE, seed=seed)
    settings = {"batch_size": TUNE_BATCH, "max_lr": TUNE_PEAK, "seed": seed}
    epochs = TUNE_STEPS * TUNE_BATCH // len(train)
    model = classifier(seed, start)
    return training.fit(model, train, test_clips(), epochs=epochs, **settings).test


FIGURE = 0.3


@torch.no_grad()
def where_loss_is_left(name: str, model: videomae.VideoMAEPretrain, table: Table) -> None:
    """Of hidden patches with none, little and much of the figure: how many they are, their share of
    what saying 0 costs, and how much of that is left."""
    clips, figure = all_of(test_clips()), figures("test", TEST, seed=0)
    generator = torch.Generator().manual_seed(0)
    mask = make_mask(PRETRAIN.kind, TEST, SMALL.grid, PRETRAIN.share, generator)
    true = take(REBUILT[name](clips), mask)
    flat = true.square().mean(2).flatten()
    left = (model.rebuild(clips, mask) - true).square().mean(2).flatten()
    covered = patches_of(figure.expand(-1, 3, -1, -1, -1).float(), SMALL.tubelet).mean(2)[mask]
    for group, where in {
        "no figure": covered == 0,
        "little": (covered > 0) & (covered < FIGURE),
        "much": covered >= FIGURE,
        "all": covered >= 0,
    }.items():
        share, of_it = flat[where].sum() / flat.sum(), left[where].sum() / flat[where].sum()
        table.add(f"{name}, {group}", where.float().mean().item(), share.item(), of_it.item())


def show_few_labels(seeds: int) -> None:
    results = ByCue(CLASSES)
    left = Table("hidden patches of test clips", ("their share", "of the loss", "left of it"))
    for seed in range(seeds):
        few_labels(seed, results, left)
    left.show()
    results.accuracies.show()
    print("\npaired differences: mean over seeds (lowest…highest)")
    for number in NUMBERS:
        results.accuracies.difference(f"{number}: {BEST}", f"{number}: {NOTHING}")
        for name in REBUILT:
            results.accuracies.difference(f"{number}: probe, {name}", f"{number}: probe, {RANDOM}")


def few_labels(seed: int, results: ByCue, left: Table) -> None:
    starts = {NOTHING: None} | {name: pretrained(seed, what) for name, what in REBUILT.items()}
    train = PuppetClips("train", len(CLASSES) * max(NUMBERS), size=SIZE, seed=seed)
    for name, start in starts.items():
        encoder = classifier(seed, start).encoder
        features, test = Features(encoder, train), Features(encoder, test_clips())
        for number in NUMBERS:
            row = f"{number}: probe, {name if start else RANDOM}"
            results.keep(row, probe(features, test, number))
        if start is not None:
            where_loss_is_left(name, start, left)
    for name in (NOTHING, BEST):
        for number in NUMBERS:
            tuned = results.keep(f"{number}: {name}", fine_tuned(seed, number, starts[name]))
            print(f"seed {seed}: {number} per class, {name} {tuned.accuracy:.3f}", flush=True)


# Collapse

COLLAPSE = Recipe("tube", 0.5, steps=120, peak=3e-3, weight_decay=0.01)
MOMENTUM = 0.97
LABELS = 40


def show_collapse(seeds: int) -> None:
    """Loss beside spread: with everything, then with a part taken away."""
    columns = ("loss", "spread", "rank", "probe", "standardising")
    results = Table("JEPA, its target", columns, digits=3)
    for seed in range(seeds):
        for target in jepa.TARGETS:
            results.add(target, *collapse(seed, target))
    results.show()


def collapse(seed: int, target: str) -> tuple[float, ...]:
    """The loss at the end; of test clips' features the spread and, of each clip's mean over its
    tokens, the effective rank and what a probe reads, without and with standardising."""
    torch.manual_seed(seed)
    model = jepa.JEPA(SMALL, target)
    losses = learn(model, unlabelled(), COLLAPSE, seed, after=partial(model.update, MOMENTUM))
    with torch.no_grad():
        features = model.features(all_of(test_clips()))
    train = Features(
        model.features, PuppetClips("train", len(CLASSES) * LABELS, size=SIZE, seed=seed)
    )
    test = Features(model.features, test_clips())
    return (
        float(np.mean(losses[-10:])),
        jepa.spread(features),
        jepa.effective_rank(features.mean(1)),
        *(probe(train, test, LABELS, standardise=how).accuracy for how in (False, True)),
    )


# Pooled keys

KV_STRIDES = ((1, 1, 1), (1, 2, 2), (1, 4, 4), (1, 8, 8))
POOLED = {"epochs": 4, "max_lr": 5e-3}
POOLED_CLIPS = 2400


def pyramid(seed: int, stride: Grid) -> mvit.MViT:
    torch.manual_seed(seed)
    return mvit.MViT(replace(mvit.TINY, kv_stride=stride), len(CLASSES))


def show_pooled_keys(seeds: int) -> None:
    results = ByCue(CLASSES)
    train = PuppetClips("train", POOLED_CLIPS, size=SIZE)
    names = {stride: "keys, stride " + " × ".join(map(str, stride)) for stride in KV_STRIDES}
    show_costs(names)
    for seed in range(seeds):
        pooled(seed, train, names, results)
    results.accuracies.show()
    finest, *others = names.values()
    print("\npaired differences: mean over seeds (lowest…highest)")
    for name in others:
        results.accuracies.difference(name, finest)


def pooled(seed: int, train: PuppetClips, names: dict[Grid, str], results: ByCue) -> None:
    for stride, name in names.items():
        result = training.fit(pyramid(seed, stride), train, test_clips(), seed=seed, **POOLED)
        results.keep(name, result.test)
        print(f"seed {seed}: {name} {result.test.accuracy:.3f}", flush=True)


def show_costs(names: dict[Grid, str]) -> None:
    """Of each network the keys of the first block, multiply–adds of a clip, time of a step."""
    clips, labels = test_clips().inputs(list(range(32))), test_clips().labels[:32]
    print(f"{'':36s}{'keys':>12s}{'multiply–adds':>16s}{'ms a step, least of 7':>24s}")
    for stride, name in names.items():
        model = pyramid(0, stride)
        keys = 1 + prod(mvit.strided(model.config.grid, stride))
        macs = count_macs(model.eval(), clips[:1])
        times = []
        for _ in range(7):
            start = time.perf_counter()
            functional.cross_entropy(model(clips), labels).backward()
            times.append(time.perf_counter() - start)
        print(f"{name:36s}{keys:12,}{macs:16,}{1000 * min(times):24.0f}", flush=True)


PARTS = {
    "masks": show_masks,
    "few labels": show_few_labels,
    "collapse": show_collapse,
    "pooled keys": show_pooled_keys,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="?", choices=PARTS, help="all unless one is named")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    for part in [given.part] if given.part else PARTS:
        print(f"\n{part}", flush=True)
        PARTS[part](given.seeds)


if __name__ == "__main__":
    main()
