"""JEPA: say what a network makes of the hidden patches, not what they look like.

After Assran et al., "Self-Supervised Learning from Images with a Joint-Embedding Predictive
Architecture" (I-JEPA), CVPR 2023, and Bardes et al., "Revisiting Feature Prediction for Learning
Visual Representations from Video" (V-JEPA), TMLR 2024. An encoder sees the visible patches, a
predictor says the features of the hidden ones, and a second encoder, the target, which sees the
whole clip, makes the features that it should have said.

A target that says the same of every clip is the easiest to predict: the *collapse*. Two things
work against it, and `TARGETS` takes them away: the loss does not change the target (a
stop-gradient), and the target follows the encoder slowly (a moving average of its weights).
"""

import copy

import torch
from torch import nn
from torch.nn import functional

from lecturekit import checks
from lecturekit.models.attention import initialise
from lecturekit.models.masking import checked, take
from lecturekit.models.videomae import Decoder, Encoder, VideoMAEConfig

TARGETS = ("moving average", "stop-gradient", "own")
"""What the target is: a slow copy of the encoder; the encoder itself, as something given; the
encoder itself, which the loss changes on this side too."""


class JEPA(nn.Module):
    """Encoder, predictor and target; the encoder is VideoMAE's, the predictor its decoder.

    Call `update` after each step of the optimizer.

    Args:
        config: its ``decoder_`` fields are the predictor's; ``encoder_norm``, ``mean`` and ``std``
            play no part.
        target: one of ``TARGETS``.
    """

    def __init__(self, config: VideoMAEConfig, target: str = "moving average") -> None:
        super().__init__()
        self.target = checks.one_of("target", target, TARGETS)
        self.encoder = Encoder(config)
        self.predictor = Decoder(config, config.width)
        initialise(self)
        # Like a buffer, the copy moves to a device and into a checkpoint, but does not learn.
        self.slow = None
        if target == "moving average":
            self.slow = copy.deepcopy(self.encoder).requires_grad_(False)

    def forward(self, clips: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The loss: the mean distance of what is predicted from the target's features.

        Distances are absolute, as in V-JEPA. With features of spread 1, saying 0 costs about 0.8.

        Args:
            clips: ``(B, 3, T, H, W)``, normalised.
            mask: bool ``(B, N)``, True where hidden, equally many in each clip.
        """
        return functional.l1_loss(self.predict(clips, mask), self.targets(clips, mask))

    def predict(self, clips: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Features of the hidden patches, told from the visible ones: ``(B, hidden, width)``."""
        return self.predictor(self.encoder(clips, mask), mask)

    def targets(self, clips: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The features that the hidden patches have for a target that sees the whole clip."""
        with torch.set_grad_enabled(self.target == "own" and torch.is_grad_enabled()):
            features = self.features(clips)
        return take(features, checked(mask, features))

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """The target's features of all patches, ``(B, N, width)``.

        Those of a token have mean 0 and spread 1: without, a target could shrink them to please.
        """
        target = self.encoder if self.slow is None else self.slow
        tokens = target(clips)
        return functional.layer_norm(tokens, tokens.shape[-1:])

    @torch.no_grad()
    def update(self, momentum: float) -> None:
        """Move the target a little: ``momentum`` of what it was, the rest of the encoder now.

        Does nothing where the target is the encoder itself.
        """
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum: expected a number from 0 to 1, got {momentum!r}")
        if self.slow is not None:
            for ours, new in zip(self.slow.parameters(), self.encoder.parameters(), strict=True):
                ours.lerp_(new, 1 - momentum)


def spread(features: torch.Tensor) -> float:
    """How far features differ from clip to clip: their standard deviation, a mean over the rest.

    Collapsed features differ by nothing. Between the tokens of a clip they still may: each can say
    where it is, and that is as easy to predict. So each token is compared with its like alone.

    Args:
        features: ``(B, …)``, of at least two clips.
    """
    if len(features) < 2:
        raise ValueError(f"features: expected those of two clips at least, got {len(features)}")
    return features.std(0).mean().item()


def effective_rank(features: torch.Tensor) -> float:
    """Over how many directions features spread, whatever the size of the spread (from 1 to D).

    The exponential of the entropy of the singular values' shares: Roy and Vetterli, "The Effective
    Rank", EUSIPCO 2007.

    Args:
        features: ``(M, D)``; their mean is taken off.
    """
    values = torch.linalg.svdvals((features - features.mean(0)).double())
    shares = values / values.sum()
    return torch.special.entr(shares).sum().exp().item()
