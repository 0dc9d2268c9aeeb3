"""A masked loss, mended: where tokens stand, and over what the mean is taken."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from lecturekit.exercises import Exercise, Misconception, Property, same
from lecturekit.models.attention import Block

Arguments = tuple[torch.Tensor, torch.Tensor, torch.Tensor, nn.Module]


class _Decoder(nn.Module):
    """Small, and with weights so large that each token's position can be heard in all others."""

    def __init__(self, patches: int, width: int, numbers: int) -> None:
        super().__init__()
        self.mask_token = nn.Parameter(torch.randn(1, 1, width))
        self.where = torch.randn(1, patches, width)
        self.block = Block(width, 2, 2 * width)
        self.say = nn.Linear(width, numbers)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.say(self.block(tokens))


def _case(seed: int, batch: int, patches: int, hidden: int, numbers: int) -> Arguments:
    # The global generator is the reader's: what a check draws must leave it as it was.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        width = 8
        decoder = _Decoder(patches, width, numbers)
        mask = torch.rand(batch, patches).argsort(1) < hidden
        seen = torch.randn(batch, patches - hidden, width)
        wanted = torch.randn(batch, patches, numbers)
    return seen, mask, wanted, decoder


def _open_first(seen: torch.Tensor, mask: torch.Tensor, decoder: nn.Module) -> torch.Tensor:
    """Without positions."""
    hidden = decoder.mask_token.expand(len(mask), int(mask[0].sum()), -1)
    return torch.cat([seen, hidden], 1)


def _side_by_side(seen: torch.Tensor, mask: torch.Tensor, decoder: nn.Module) -> torch.Tensor:
    return _open_first(seen, mask, decoder) + decoder.where


def _in_place(seen: torch.Tensor, mask: torch.Tensor, decoder: nn.Module) -> torch.Tensor:
    return _standing(seen, mask, decoder) + decoder.where


def _standing(seen: torch.Tensor, mask: torch.Tensor, decoder: nn.Module) -> torch.Tensor:
    tokens = decoder.mask_token.expand(*mask.shape, -1).clone()
    tokens[~mask] = seen.flatten(0, 1)
    return tokens


def _own_positions(seen: torch.Tensor, mask: torch.Tensor, decoder: nn.Module) -> torch.Tensor:
    """Each with its own position, but the open ones first."""
    where = decoder.where.expand(*mask.shape, -1)
    order = mask.long().argsort(dim=1, stable=True)[..., None].expand(-1, -1, where.shape[-1])
    return _open_first(seen, mask, decoder) + where.gather(1, order)


def _sorted_once(seen: torch.Tensor, mask: torch.Tensor, decoder: nn.Module) -> torch.Tensor:
    """Put in order by the order itself, where its inverse is needed."""
    tokens = _open_first(seen, mask, decoder)
    order = mask.long().argsort(dim=1, stable=True)[..., None].expand_as(tokens)
    return tokens.gather(1, order) + decoder.where


def _one_mask_for_all(seen: torch.Tensor, mask: torch.Tensor, decoder: nn.Module) -> torch.Tensor:
    back = mask[0].long().argsort(stable=True).argsort()
    return _open_first(seen, mask, decoder)[:, back] + decoder.where


def _only_asked_have_positions(
    seen: torch.Tensor, mask: torch.Tensor, decoder: nn.Module
) -> torch.Tensor:
    tokens = (decoder.mask_token + decoder.where).expand(len(mask), -1, -1).clone()
    tokens[~mask] = seen.flatten(0, 1)
    return tokens


def _from_the_end(
    seen: torch.Tensor, mask: torch.Tensor, wanted: torch.Tensor, decoder: nn.Module
) -> torch.Tensor:
    """The right answers for the right patches, with the positions 0, 1, 2, …."""
    said = decoder(_side_by_side(seen, mask, decoder))[:, seen.shape[1] :]
    return (said.flatten(0, 1) - wanted[mask]).pow(2).mean()


def _other_way(seen: torch.Tensor, mask: torch.Tensor, decoder: nn.Module) -> torch.Tensor:
    tokens = decoder.mask_token.expand(*mask.shape, -1).clone()
    tokens[mask] = seen.flatten(0, 1)
    return tokens + decoder.where


def _over_hidden(error: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return error[mask].mean()


def _over_number_of_all(error: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (error * mask).mean()


def _over_all(error: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return error.mean()


def _answer(place: Callable[..., torch.Tensor], mean: Callable[..., torch.Tensor]) -> Callable:
    """The loss with one way to make tokens and one way to take the mean."""

    def loss(seen: torch.Tensor, mask: torch.Tensor, wanted: torch.Tensor, decoder: nn.Module):  # noqa: ANN202
        said = decoder(place(seen, mask, decoder))
        return mean((said - wanted).pow(2).mean(-1), mask)

    return loss


def _expected(*case: object) -> float:
    """From the case as the check hands it over, arrays in place of tensors."""
    seen, mask, wanted = (torch.from_numpy(np.asarray(x)) for x in case[:3])
    with torch.no_grad():
        return _answer(_in_place, _over_hidden)(seen, mask, wanted, case[3]).item()


REBUILD_LOSS = Exercise(
    name="rebuild_loss",
    kind="debug",
    library="torch",
    # Three of four hidden, half, and one of four.
    cases=[_case(0, 3, 16, 12, 6), _case(1, 4, 12, 6, 9), _case(2, 2, 12, 3, 6)],
    properties=[
        Property("one number", lambda got, *_: np.asarray(got).size == 1),
        Property(
            "the mean squared error of the hidden patches, each token at its own place",
            lambda got, *case: same(np.float64(got).item(), _expected(*case), rtol=1e-4),
        ),
    ],
    misconceptions=[
        Misconception(
            _answer(_side_by_side, _over_number_of_all),
            "two things are wrong. What is the loss of saying zeros with half of the patches "
            "hidden? And which position does the first open token get?",
        ),
        Misconception(
            _answer(_in_place, _over_number_of_all),
            "each token has its place now. But the sum over the hidden patches is still divided "
            "by the number of all: the more is open, the lower the loss.",
        ),
        Misconception(
            _answer(_side_by_side, _over_hidden),
            "the mean is over the hidden patches now. But the open tokens still stand first, "
            "with the positions 0, 1, 2, …, wherever they were cut.",
        ),
        Misconception(
            _answer(_in_place, _over_all),
            "each token has its place now. But the mean is over all patches: to say what it sees "
            "is easy.",
        ),
        Misconception(
            _answer(_side_by_side, _over_all),
            "the mean is over all patches now, open ones too, and the open tokens still stand "
            "first, with the positions 0, 1, 2, ….",
        ),
        Misconception(
            _answer(_in_place, lambda error, mask: error[~mask].mean()),
            "that is the error of the open patches. The mask is True where a patch is hidden.",
        ),
        Misconception(
            _answer(_in_place, lambda error, mask: (error * mask).sum()),
            "a sum grows with the number of patches. Asked for: the mean over the hidden ones.",
        ),
        Misconception(
            _answer(
                _in_place, lambda error, mask: ((error * mask).sum(1) / (~mask).sum(1)).mean()
            ),
            "you divide by the number of the open patches.",
        ),
        Misconception(
            _answer(_standing, _over_hidden),
            "the tokens stand in their order now, but they have lost their positions: a mask "
            "token does not know which patch it shall say.",
        ),
        Misconception(
            _answer(_own_positions, _over_hidden),
            "each token has its own position, rightly. But they stand open ones first, so the "
            "decoder's answers do, too, and `wanted` and `mask` stand in the order of the film.",
        ),
        Misconception(
            _from_the_end,
            "the right answers meet the right patches now. But the tokens still carry the "
            "positions 0, 1, 2, …, wherever they were cut.",
        ),
        Misconception(
            _answer(_only_asked_have_positions, _over_hidden),
            "the open tokens need the decoder's positions, too: it knows only from `where` which "
            "place a token is of.",
        ),
        Misconception(
            _answer(_in_place, lambda error, mask: (error * mask).sum(1).mean()),
            "a sum over each clip's hidden patches, and a mean over clips only. Divide by how "
            "many patches are hidden.",
        ),
        Misconception(
            _answer(_sorted_once, _over_hidden),
            "that order takes the film apart into open and hidden. To put it together again you "
            "need the inverse order (`argsort` once more).",
        ),
        Misconception(
            _answer(_one_mask_for_all, _over_hidden),
            "you put all clips in order by the mask of the first. Each clip has its own mask.",
        ),
        Misconception(
            _answer(_other_way, _over_hidden),
            "the mask is True where a patch is hidden: what was seen belongs where it is False.",
        ),
    ],
)  # fmt: skip
