"""Say it: a sentence for a film, word by word.

An encoder makes a state of each moment, a decoder (a gated recurrent unit, GRU; Cho et al., EMNLP
2014) writes: at each word it looks at the states with weights of its own choice. Attention after
Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate",
ICLR 2015, Sec. 3; of video first by Yao et al., "Describing Videos by Exploiting Temporal
Structure", ICCV 2015. Before them the states were averaged: Venugopalan et al., "Translating Videos
to Natural Language Using Deep Recurrent Neural Networks", NAACL 2015.

Which of these knows in what order things happened is the question of `POOLS`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from einops import rearrange
from torch import nn
from torch.nn import functional

from lecturekit import checks
from lecturekit.models.heads import check_features

PADDING, BEGIN, END = range(3)
"""The numbers of what is no word: nothing (behind the end), a sentence's start, and its end."""

POOLS = ("mean", "attention", "gru")
"""How the decoder reads the features of a film: their mean; a weighted mean of its choice; the same
of what a GRU made of them, which read them in order, forwards and backwards. The first two are sums
over a set: features in any other order give the same sentence."""


class Vocabulary:
    """Words and their numbers. A word is lower-cased and ends at white space, with its comma.

    Args:
        words: all there are, in the order of their numbers, the first of which is 3.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._numbers = {word: number for number, word in enumerate(self.words, END + 1)}
        if len(self._numbers) != len(self.words):
            raise ValueError("words: expected each once")

    @classmethod
    def of(cls, sentences: Iterable[str]) -> "Vocabulary":
        """All words of the sentences, in alphabetical order."""
        return cls(sorted({word for sentence in sentences for word in _split(sentence)}))

    def __len__(self) -> int:
        """How many numbers there are: of the words, and the three that are none."""
        return END + 1 + len(self.words)

    def encode(self, sentences: Sequence[str]) -> torch.Tensor:
        """The sentences in numbers, int64 ``(B, L)``: BEGIN, the words, END, then PADDING.

        Raises:
            ValueError: a word that is not in the vocabulary, or no sentence at all.
        """
        if isinstance(sentences, str) or not sentences:
            raise ValueError(f"sentences: expected a list of at least one, got {sentences!r}")
        unknown = {w for s in sentences for w in _split(s)} - self._numbers.keys()
        if unknown:
            raise ValueError(f"sentences: expected words of the vocabulary, got {min(unknown)!r}")
        rows = [[BEGIN, *(self._numbers[w] for w in _split(s)), END] for s in sentences]
        longest = max(map(len, rows))
        return torch.tensor([row + [PADDING] * (longest - len(row)) for row in rows])

    def decode(self, tokens: Iterable[int]) -> str:
        """The words of numbers, up to the END, if there is one."""
        words = []
        for token in map(int, tokens):
            if token == END:
                break
            if token > END:
                words.append(self.words[token - END - 1])
        return " ".join(words)


def _split(sentence: str) -> list[str]:
    return sentence.lower().split()


class Sentence(NamedTuple):
    """What was written.

    Attributes:
        tokens: the words' numbers, without BEGIN and END.
        log_probability: of these words, and of the END where it was written.
    """

    tokens: tuple[int, ...]
    log_probability: float

    def and_then(self, word: int, gain: float) -> "Sentence":
        """One step on: its log-probability added, and the word, if it is one."""
        tokens = self.tokens if word == END else (*self.tokens, word)
        return Sentence(tokens, self.log_probability + gain)


@dataclass(frozen=True)
class CaptionerConfig:
    """A captioner's size, and how it reads.

    Attributes:
        width: numbers for each word.
        hidden: of the decoder's state, an even number; also of the encoder's states.
        pool: one of ``POOLS``.
    """

    width: int = 32
    hidden: int = 48
    pool: str = "gru"


class Captioner(nn.Module):
    """An encoder of features and a decoder of words.

    Args:
        channels: C of the features.
        num_words: length of the vocabulary, the three that are no words included.
        config: size and kind.
    """

    def __init__(
        self, channels: int, num_words: int, config: CaptionerConfig | None = None
    ) -> None:
        super().__init__()
        config = config or CaptionerConfig()
        self.pool = checks.one_of("pool", config.pool, POOLS)
        self.channels, hidden = channels, config.hidden
        self.read = nn.Linear(channels, hidden)
        if self.pool == "gru":
            self.read = nn.GRU(channels, hidden // 2, bidirectional=True)
        if self.pool != "mean":
            self.query = nn.Linear(hidden, hidden, bias=False)
            self.key = nn.Linear(hidden, hidden)
            self.match = nn.Linear(hidden, 1, bias=False)
        self.begin = nn.Linear(hidden, hidden)
        self.embed = nn.Embedding(num_words, config.width)
        self.cell = nn.GRUCell(config.width + hidden, hidden)
        self.score = nn.Linear(2 * hidden, num_words - END)  # of the END, and of the words

    def forward(
        self, features: torch.Tensor, tokens: torch.Tensor, return_attention: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """Scores of the next word behind each word of the *true* sentence ("teacher forcing").

        Args:
            features: ``(B, C, T', H', W')``, averaged over places.
            tokens: int64 ``(B, L)``, BEGIN first.
            return_attention: the weights of the moments as well, for each word.

        Returns:
            ``(B, L − 1, num_words)``, for the words behind tokens 0 … L − 2. PADDING and BEGIN,
            which never come next, score minus infinity. With ``return_attention`` also
            ``(B, L − 1, T')``; with the pool "mean" all weights are equal.
        """
        checks.shape("tokens", tokens, f"{len(features)} L")
        states = self.encode(features)
        hidden = self.first(states)
        scores, weights = [], []
        for words in tokens[:, :-1].unbind(1):
            of_word, hidden, looks = self.step(words, hidden, states)
            scores.append(of_word)
            weights.append(looks)
        if return_attention:
            return torch.stack(scores, 1), torch.stack(weights, 1)
        return torch.stack(scores, 1)

    def encode(self, features: torch.Tensor) -> torch.Tensor:
        """A state for each moment, ``(B, T', hidden)``."""
        check_features(features, self.channels)
        states = self.read(rearrange(features.mean((3, 4)), "b c t -> t b c"))
        # A GRU also gives its last states, which nobody needs here.
        return rearrange(states[0] if self.pool == "gru" else states, "t b d -> b t d")

    def first(self, states: torch.Tensor) -> torch.Tensor:
        """The decoder's state before the first word, ``(B, hidden)``."""
        return self.begin(states.mean(1)).tanh()

    def step(
        self, words: torch.Tensor, hidden: torch.Tensor, states: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """One word on.

        Args:
            words: the last ones, int64 ``(B,)``.
            hidden: the decoder's state, ``(B, hidden)``.
            states: the encoder's, ``(B, T', hidden)``.

        Returns:
            Scores of the next word ``(B, num_words)``, the new state, and the weights ``(B, T')``.
        """
        weights = self.attend(hidden, states)
        context = (weights[:, :, None] * states).sum(1)
        hidden = self.cell(torch.cat([self.embed(words), context], 1), hidden)
        scores = self.score(torch.cat([hidden, context], 1))
        return functional.pad(scores, (END, 0), value=-torch.inf), hidden, weights

    def attend(self, hidden: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """How much the decoder looks at each moment, ``(B, T')``; a row sums to 1."""
        if self.pool == "mean":
            return torch.full_like(states[:, :, 0], 1 / states.shape[1])
        matches = self.match((self.query(hidden)[:, None] + self.key(states)).tanh())
        return matches.squeeze(2).softmax(1)


def caption_loss(scores: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the true next words, the END among them; a mean over all of the batch.

    Args:
        scores: ``(B, L − 1, num_words)``, of `Captioner`.
        tokens: ``(B, L)``, the true sentences.
    """
    checks.shape("tokens", tokens, f"{scores.shape[0]} {scores.shape[1] + 1}")
    return functional.cross_entropy(
        scores.flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=PADDING
    )


@torch.no_grad()
def greedy(captioner: Captioner, features: torch.Tensor, max_words: int = 20) -> list[Sentence]:
    """A sentence for each film: at each step the most probable word.

    Args:
        captioner: it has no dropout, so that its mode does not matter.
        features: ``(B, C, T', H', W')``.
        max_words: here a sentence without an END is cut.
    """
    checks.integer("max_words", max_words, 1)
    states = captioner.encode(features)
    hidden = captioner.first(states)
    words = torch.full((len(features),), BEGIN, device=features.device)
    sentences, ended = [Sentence((), 0.0)] * len(features), [False] * len(features)
    for _ in range(max_words):
        scores, hidden, _ = captioner.step(words, hidden, states)
        gains, words = scores.double().log_softmax(1).max(1)
        for film, (word, gain) in enumerate(zip(words.tolist(), gains.tolist(), strict=True)):
            if not ended[film]:
                sentences[film] = sentences[film].and_then(word, gain)
                ended[film] = word == END
        if all(ended):
            break
    return sentences


@torch.no_grad()
def beam_search(
    captioner: Captioner, features: torch.Tensor, beams: int, max_words: int = 20
) -> list[list[Sentence]]:
    """The most probable sentences that it finds, for each film by itself.

    At each step every sentence kept goes on with every word, and the ``beams`` most probable are
    kept: one is `greedy`; with as many as there are sentences nothing is missed. A sentence that
    has ended stays as it is, among the others.

    Args:
        captioner: as in `greedy`.
        features: ``(B, C, T', H', W')``.
        beams: how many sentences are kept.
        max_words: here a sentence without an END is cut.

    Returns:
        For each film at most ``beams`` sentences, the most probable first.
    """
    checks.integer("beams", beams, 1)
    checks.integer("max_words", max_words, 1)
    return [_beams(captioner, of_one, beams, max_words) for of_one in features.split(1)]


def _beams(
    captioner: Captioner, features: torch.Tensor, beams: int, max_words: int
) -> list[Sentence]:
    states = captioner.encode(features)
    hidden = captioner.first(states)
    ended: list[Sentence] = []
    going, words = [Sentence((), 0.0)], [BEGIN]
    for _ in range(max_words):
        last = torch.tensor(words).to(features.device)
        scores, hidden, _ = captioner.step(last, hidden, states.expand(len(going), -1, -1))
        gains = scores.double().log_softmax(1)
        so_far = torch.tensor([sentence.log_probability for sentence in going]).to(gains)
        best = (so_far[:, None] + gains).flatten().argsort(descending=True, stable=True)[:beams]
        # (the sentence, its last word, the row that it goes on from)
        kept = [(sentence, END, -1) for sentence in ended]
        for row, word in (divmod(place, gains.shape[1]) for place in best.tolist()):
            gain = gains[row, word].item()
            if gain > -torch.inf:
                kept.append((going[row].and_then(word, gain), word, row))
        kept = sorted(kept, key=lambda one: -one[0].log_probability)[:beams]
        ended = [sentence for sentence, word, _ in kept if word == END]
        going = [sentence for sentence, word, _ in kept if word != END]
        words = [word for _, word, _ in kept if word != END]
        if not going:
            break
        rows = torch.tensor([row for _, word, row in kept if word != END])
        hidden = hidden[rows.to(hidden.device)]
    return sorted(ended + going, key=lambda sentence: -sentence.log_probability)
