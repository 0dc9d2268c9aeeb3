"""How near a sentence comes to what people wrote: BLEU and CIDEr, from counts of n-grams.

An n-gram is n words in a row. Both scores ask which n-grams of the machine's sentence (the
candidate) the people's sentences (the references) have too, for n from 1 to 4. Neither asks whether
the sentence is true.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

ORDERS = range(1, 5)
# CIDEr's penalty for a candidate that is longer or shorter: a Gaussian of this width, in words.
SIGMA_WORDS = 6.0

Grams = Counter[tuple[str, ...]]
Vector = dict[tuple[str, ...], float]


def bleu(candidates: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Corpus BLEU-4, from 0 to 1: the geometric mean of four precisions, less for brevity.

    For each n, precision is the share of the candidates' n-grams that a reference of the same film
    has, each counted at most as often as the reference that has it most often. The counts are added
    up over all films first: this is not the mean of scores of sentences. If the candidates
    together are shorter than the references (of each film the one nearest in length, the shorter
    of two), the score is multiplied by exp(1 − references' words / candidates' words).

    Conventions are sacrebleu's, and other ones give other numbers: words are split at white space
    and compared in lower case, so that "waves." and "waves" are two words; a precision of 0 is
    replaced by 1 / (2 · possible), the next such one by 1 / (4 · possible) ("exp" smoothing); with
    no common word at all, or no candidate of four words or more, the score is 0.

    Args:
        candidates: one sentence for each film.
        references: of each film one sentence or more; their number may vary.

    Raises:
        ValueError: no film, unequal numbers of films, or a film without reference.
        TypeError: something else than sentences.

    >>> bleu(["the one in red waves"], [["The one in red waves", "a wave"]])
    1.0
    >>> round(bleu(["the one in red waves"], [["the one in blue waves"]]), 3)
    0.427
    """
    candidates, references = _sentences(candidates, references)
    matched, possible = np.zeros(len(ORDERS)), np.zeros(len(ORDERS))
    words = words_of_references = 0
    for candidate, those in zip(candidates, references, strict=True):
        mine, theirs = candidate.lower().split(), [each.lower().split() for each in those]
        words += len(mine)
        words_of_references += _nearest_length(len(mine), theirs)
        for i, n in enumerate(ORDERS):
            counts, allowed = ngrams(mine, n), Counter()
            for each in theirs:
                allowed |= ngrams(each, n)
            matched[i] += (counts & allowed).total()
            possible[i] += counts.total()
    if not matched.any() or not possible.all():
        return 0.0
    brevity = min(1.0, np.exp(1 - words_of_references / words))
    return float(brevity * np.exp(np.log(_smoothed(matched) / possible).mean()))


def cider(candidates: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """CIDEr, from 0 to 10: does the candidate weigh its n-grams as the references do?

    A sentence becomes a vector for each n: of each n-gram, how often it has it times
    log(films / films whose references have it). What every film's references say ("a", "the one")
    weighs nothing, what few say weighs much. A candidate's score with a reference is the cosine of
    their vectors (what the candidate has more often than the reference is cut to the reference's
    weight), times exp(−(difference in words)² / 72); the mean over n, references and films, times
    10, is CIDEr.

    **A single film gives 0, whatever the sentence**: each n-gram of its references is in all films
    there are, log(1 / 1) = 0, and nothing weighs anything. So the score of a film depends on which
    other films are evaluated with it, and numbers from different sets do not compare.

    Conventions are those of ``pycocoevalcap.cider.Cider()``, without its tokenizer: words are split
    at white space and compared as they are, so put the sentences in lower case first.

    Args:
        candidates: one sentence for each film.
        references: of each film one sentence or more; their number may vary.

    Raises:
        ValueError: no film, unequal numbers of films, or a film without reference.
        TypeError: something else than sentences.

    >>> said = ["one waves", "one jumps high", "one sits down"]
    >>> cider(said[:1], [said[:1]]), round(cider(said, [[each] for each in said]), 3)
    (0.0, 6.667)
    """
    candidates, references = _sentences(candidates, references)
    seen_in = Counter(
        gram for those in references for gram in set().union(*map(_all_ngrams, those))
    )
    films = [
        np.mean([_likeness(candidate, each, seen_in, len(candidates)) for each in those])
        for candidate, those in zip(candidates, references, strict=True)
    ]
    return float(10 * np.mean(films))


def ngrams(words: Sequence[str], n: int) -> Grams:
    """How often each n words in a row are there.

    >>> ngrams("a b a b".split(), 2)
    Counter({('a', 'b'): 2, ('b', 'a'): 1})
    """
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _all_ngrams(sentence: str) -> Grams:
    words = sentence.split()
    return sum((ngrams(words, n) for n in ORDERS), Counter())


def _nearest_length(length: int, references: Sequence[Sequence[str]]) -> int:
    return min(map(len, references), key=lambda other: (abs(other - length), other))


def _smoothed(matched: np.ndarray) -> np.ndarray:
    """Counts with the first 0 made 1/2, the next 1/4, and so on."""
    zeros = np.cumsum(matched == 0)
    return np.where(matched == 0, 0.5**zeros, matched)


def _likeness(candidate: str, reference: str, seen_in: Grams, num_films: int) -> float:
    """The mean over n of two sentences' cosines, less for another length."""
    longer = len(candidate.split()) - len(reference.split())
    cosines = map(
        _cosine,
        _vectors(candidate, seen_in, num_films),
        _vectors(reference, seen_in, num_films),
    )
    return float(np.exp(-(longer**2) / (2 * SIGMA_WORDS**2)) * np.mean(list(cosines)))


def _vectors(sentence: str, seen_in: Grams, num_films: int) -> list[Vector]:
    """For each n, n-gram by n-gram: its count times log(films / films that have it)."""
    vectors: list[Vector] = [{} for _ in ORDERS]
    for gram, count in _all_ngrams(sentence).items():
        # One that no reference has weighs as if one film had it.
        rarity = np.log(num_films) - np.log(max(1, seen_in[gram]))
        vectors[len(gram) - 1][gram] = count * rarity
    return vectors


def _cosine(candidate: Vector, reference: Vector) -> float:
    """Of two vectors, the candidate's entries cut to the reference's."""
    both = sum(
        min(w, reference[gram]) * reference[gram]
        for gram, w in candidate.items()
        if gram in reference
    )
    norms = [np.sqrt(sum(w**2 for w in each.values())) for each in (candidate, reference)]
    return both / (norms[0] * norms[1]) if all(norms) else 0.0


def _sentences(candidates: Any, references: Any) -> tuple[list[str], list[list[str]]]:
    """Both as lists: of each film a candidate and its references."""
    for argument, value in (("candidates", candidates), ("references", references)):
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
            raise TypeError(f"{argument}: expected a list, one entry a film, got {value!r}")
    if not candidates:
        raise ValueError("candidates: expected at least one sentence, got none")
    if len(candidates) != len(references):
        raise ValueError(
            f"references: expected a list of sentences for each of {len(candidates)} candidates, "
            f"got {len(references)}"
        )
    for film, (candidate, those) in enumerate(zip(candidates, references, strict=True)):
        if not isinstance(candidate, str):
            raise TypeError(f"candidates[{film}]: expected a sentence, got {candidate!r}")
        if isinstance(those, (str, bytes)) or not isinstance(those, Sequence):
            raise TypeError(f"references[{film}]: expected a list of sentences, got {those!r}")
        if not those:
            raise ValueError(f"references[{film}]: expected at least one sentence, got none")
        for each in those:
            if not isinstance(each, str):
                raise TypeError(f"references[{film}]: expected sentences, got {each!r}")
    return list(candidates), [list(those) for those in references]
