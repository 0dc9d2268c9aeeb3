"""Which tokens a network's answer hangs on, and what a map shows of it."""

from functools import cache

import numpy as np
import torch
from einops import rearrange

from lecturekit.exercises import Claim, Exercise, Judgement, Misconception, Property
from lecturekit.explorers.token_room import network as room
from lecturekit.puppets import PuppetClips

KEPT = 4
_CLIPS, _SEED = 48, 209


@cache
def _drawn() -> tuple[torch.Tensor, torch.Tensor]:
    """Clips that no page shows, and their classes."""
    clips = PuppetClips("test", _CLIPS, num_frames=room.FRAMES, size=room.SIZE_PX, seed=_SEED)
    return clips.inputs(list(range(_CLIPS))), torch.as_tensor(clips.labels)


@torch.inference_mode()
def accuracy(kept: torch.Tensor) -> float:
    """Share of the clips that the network names rightly from the tokens kept, ``(B, n)``."""
    clips, classes = _drawn()
    network = room.load("joint")
    tokens = network.positions(network.embed(clips))
    tokens = tokens.gather(1, kept[:, :, None].expand(-1, -1, room.WIDTH))
    for block in network.blocks:
        tokens = block(tokens)
    named = network.head(network.norm(tokens).mean(1)).argmax(1)
    return (named == classes).float().mean().item()


def _most(values: torch.Tensor) -> torch.Tensor:
    return values.topk(KEPT, 1).indices


@cache
@torch.inference_mode()
def _weights() -> dict[str, torch.Tensor]:
    """How much each token is looked at ``(B, 64)``: by layer, and by rollout."""
    network = room.load("joint")
    maps = [each.mean(1) for each in network(_drawn()[0], return_attention=True)[1]]
    own, total = torch.eye(room.TOKENS), torch.eye(room.TOKENS)
    for each in maps:
        total = (each + own) / 2 @ total
    return {"rollout": total.mean(1)} | {f"layer {i + 1}": m.mean(1) for i, m in enumerate(maps)}


@cache
def attended() -> dict[str, float]:
    """Accuracy with the tokens that are looked at most, by map."""
    return {name: accuracy(_most(weight)) for name, weight in _weights().items()}


@cache
def at_random() -> float:
    """Accuracy with random tokens, on average over ten draws."""
    return float(np.mean([accuracy(_random(seed)) for seed in range(10)]))


def _random(seed: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return _most(torch.rand(_CLIPS, room.TOKENS, generator=random))


def _motion(clips: torch.Tensor) -> torch.Tensor:
    """How much a token's pixels change from frame to frame."""
    change = (clips[:, :, 1:] - clips[:, :, :-1]).abs().mean(1)
    change = torch.cat([change, change[:, -1:]], 1)
    t, h, w = room.TUBELET
    boxes = "b (t x) (h y) (w z) -> b (t h w) (x y z)"
    return rearrange(change, boxes, x=t, y=h, z=w).mean(-1)


def _are_tokens(got: object, clips: np.ndarray, _: object) -> bool:
    kept = np.asarray(got)
    return (
        kept.shape == (len(clips), KEPT)
        and kept.dtype.kind in "iu"
        and bool(((kept >= 0) & (kept < room.TOKENS)).all())
        and all(len(set(row)) == KEPT for row in kept.tolist())
    )


def _reached(got: object) -> float:
    return accuracy(torch.from_numpy(np.asarray(got).astype(np.int64)))


def _beats_random(got: object) -> bool:
    return _reached(got) > at_random() + 0.05


def _beats_maps(got: object) -> bool:
    return _reached(got) > max(attended().values())


CHOOSE_TOKENS = Exercise(
    name="choose_tokens",
    kind="experiment",
    library="torch",
    cases=lambda: [(_drawn()[0], room.load("joint"))],
    properties=[
        Property(
            f"for each clip {KEPT} different tokens of 0 to {room.TOKENS - 1}, whole numbers",
            _are_tokens,
        ),
        Property(
            "more clips named rightly than with random tokens",
            lambda got, *_: _beats_random(got),
        ),
        Property(
            "more clips named rightly than with the tokens that any attention map looks at most",
            lambda got, *_: _beats_maps(got),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda clips, network: _most(_weights()["rollout"]),
            "those are the tokens with the most weight, by rollout: that is the answer to beat. "
            "Weight says how values are mixed. What would you measure at the answer?",
        ),
        Misconception(
            lambda clips, network: _most(_motion(clips)),
            "where pixels change, something happens, and that beats random tokens. But it says "
            "nothing of what the network makes of them. You have the network: ask it.",
        ),
        Misconception(
            lambda clips, network: _most(_weights()["layer 4"]),
            "better than random tokens, not better than attention. What do you measure: pixels, a "
            "map, a slope, or the answer itself? `keep` lets you ask for the answer with some "
            "tokens, or without. If you did: for the class that the network names of all 64, "
            "whatever it is surest of with fewer? And the right way round: without some tokens "
            "that class *gains*.",
            lambda got, *case: (
                _are_tokens(got, *case) and _beats_random(got) and not _beats_maps(got)
            ),
        ),
        Misconception(
            lambda clips, network: _most(-_weights()["rollout"]),
            "those are the tokens that are looked at *least*: turn the order round.",
        ),
        Misconception(
            lambda clips, network: torch.arange(KEPT).expand(len(clips), -1),
            "the same tokens for every clip: the figure is elsewhere in each.",
            lambda got, *case: _are_tokens(got, *case) and bool((np.asarray(got) == got[0]).all()),
        ),
        Misconception(
            lambda clips, network: _random(10)[: len(clips)],
            "that is about what random tokens reach, or less. Try it on one clip: which "
            "tokens does `network(clip, keep=…)` need in order to say what it says of all 64?",
            lambda got, *case: _are_tokens(got, *case) and not _beats_random(got),
        ),
        Misconception(
            lambda clips, network: _weights()["rollout"].topk(KEPT + 28, 1).indices,
            f"another number of tokens than {KEPT}.",
            lambda got, *_: np.asarray(got).ndim == 2 and np.asarray(got).shape[1] != KEPT,
        ),
        Misconception(
            lambda clips, network: torch.arange(room.TOKENS - KEPT, room.TOKENS),
            "one row of tokens. Each clip needs its own: (B, 4).",
            lambda got, *_: np.asarray(got).ndim == 1,
        ),
    ],
)  # fmt: skip

JUDGED = Judgement(
    name="judged",
    claims={
        "a": Claim(
            False,
            "as much weight, but without B the score stays. Its values may be of no use, or there "
            "twice.",
            "compare A and B in both columns.",
        ),
        "b": Claim(
            True,
            "its weight is below 1/64, and the score falls by a quarter without it.",
            "what is an even share of 64 tokens? And what happens without C?",
        ),
        "c": Claim(
            False,
            "without D the score *rises*. Weight has no sign.",
            "read D's last column: which way does the score go?",
        ),
        "d": Claim(
            False,
            "joint attention: every token reaches every other. Reach is what can get there; that "
            "nothing changed is importance.",
            "what decides about reach: the scheme, or what was measured?",
        ),
        "e": Claim(
            False,
            "nobody took both out. They may stand in for each other, or need each other.",
            "what was measured with two tokens gone?",
        ),
        "f": Claim(
            True,
            "rows sum to 1, so a weighted mean of equal values is that value.",
            "what is a weighted mean of 64 vectors that are all the same?",
        ),
        "g": Claim(
            True,
            "A and D are of different moments, and no look leaves its moment; only the mean at the "
            "end joins them.",
            "which tokens does a token look at, in space only? Are A and D of one moment?",
        ),
    },
)
