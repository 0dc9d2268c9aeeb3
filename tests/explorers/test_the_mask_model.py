"""The mask without a browser: its errors against the network's own loss, and what is refused."""

import itertools

import numpy as np
import pytest
import torch
import traitlets
from einops import rearrange

from lecturekit.explorers.the_mask import TheMask, network
from lecturekit.models import masking
from lecturekit.models.masking import MASKS

FRAMES = np.random.default_rng(3).integers(0, 256, (2, 16, 32, 32, 3), dtype=np.uint8)


def make(**settings):
    return TheMask({"one": FRAMES[0], "other": FRAMES[1]}, **settings)


def test_the_errors_are_the_loss_of_network_copy_and_zeros():
    explorer, model = make(), network.load()
    clips = rearrange(torch.from_numpy(FRAMES), "b t h w c -> b c t h w").float() / 255
    config = network.CONFIG
    clips = (clips - config.mean[0]) / config.std[0]
    for kind, share in itertools.product(MASKS, network.SHARES):
        generator = torch.Generator().manual_seed(0)
        mask = masking.make_mask(kind, 1, config.grid, share, generator)
        assert mask.sum() == share * 128
        for n, name in enumerate(("one", "other")):
            explorer.clip, explorer.kind, explorer.share = name, kind, share
            answers = explorer.answers()
            with torch.inference_mode():
                loss = model(clips[n : n + 1], mask).item()
            assert answers["network"] == pytest.approx(loss, rel=1e-4)
            assert answers["flat"] == pytest.approx(127 / 128, rel=1e-3), "unbiased"
            if kind == "tube":
                assert answers["copy"] == pytest.approx(answers["flat"], rel=1e-6)
            else:
                assert answers["copy"] != pytest.approx(answers["flat"], rel=1e-2)


@pytest.mark.parametrize("borrow", [True, False])
def test_the_pictures_are_filled_clips(borrow):
    explorer = make(kind="random", borrow=borrow)
    mask = explorer._masks["random", 0.875]
    pixels = rearrange(torch.from_numpy(FRAMES[:1]), "b t h w c -> b c t h w").float() / 255
    normalised, _, _ = masking.normalise(masking.patches_of(pixels, network.CONFIG.tubelet))
    model, config = network.load(), network.CONFIG
    with torch.inference_mode():
        rebuilt = model.rebuild((pixels - config.mean[0]) / config.std[0], mask)
    for row, told, limit in (
        ("copied", masking.copied(normalised, mask, config.grid), 1e-5),
        ("rebuilt", rebuilt, 0.02),  # the first frames of patches, in a JPEG
    ):
        expected = masking.fill(pixels, mask, told, config.tubelet, borrow=borrow)
        expected = rearrange(expected, "1 c t h w -> t h w c")[::2].numpy()
        assert np.abs(explorer.pictures()[row] - expected).mean() < limit, row


def test_the_stored_network_is_light_and_says_where_it_comes_from():
    assert network.WEIGHTS.stat().st_size < 500_000
    about = network.about()
    assert about["script"] == "benchmarks/the_mask.py"
    assert about["loss at the end"] < 0.9, "it has learned"


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"clips\['one'\]: expected shape"):
        TheMask({"one": FRAMES[0, :8]})
    with pytest.raises(TypeError, match=r"clips\['one'\]"):
        TheMask({"one": FRAMES[0] / 255})
    with pytest.raises(ValueError, match=r"number of clips: expected .* got 0"):
        TheMask({})
    with pytest.raises(TypeError, match="no argument speed"):
        make(speed=1)
    with pytest.raises(traitlets.TraitError, match="clip: expected one of"):
        make().clip = "third"
    with pytest.raises(traitlets.TraitError):
        make(share=0.6)
