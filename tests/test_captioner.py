import itertools
import math
from dataclasses import replace

import pytest
import torch

from lecturekit import training
from lecturekit.models import captioner
from lecturekit.models.captioner import BEGIN, END, PADDING

SENTENCES = ["A puppet jumps, then waves.", "A puppet WAVES  fast."]
CONFIG = captioner.CaptionerConfig(width=5, hidden=8)


def network(pool="gru", words=7, channels=6, seed=0):
    torch.manual_seed(seed)
    return captioner.Captioner(channels, words, replace(CONFIG, pool=pool))


def film(batch=3, channels=6, moments=5, seed=1):
    return torch.randn(
        batch, channels, moments, 2, 3, generator=torch.Generator().manual_seed(seed)
    )


# Words


def test_words_and_numbers():
    vocabulary = captioner.Vocabulary.of(SENTENCES)
    assert vocabulary.words == ("a", "fast.", "jumps,", "puppet", "then", "waves", "waves.")
    assert len(vocabulary) == 10
    tokens = vocabulary.encode(SENTENCES)
    assert tokens.tolist() == [[BEGIN, 3, 6, 5, 7, 9, END], [BEGIN, 3, 6, 8, 4, END, PADDING]]
    assert tokens.dtype == torch.int64
    assert [vocabulary.decode(row) for row in tokens] == [
        "a puppet jumps, then waves.", "a puppet waves fast."
    ]  # fmt: skip
    assert vocabulary.decode([3, END, 4]) == "a"
    assert vocabulary.decode([]) == ""
    assert vocabulary.encode([""]).tolist() == [[BEGIN, END]]


def test_words_that_are_none():
    vocabulary = captioner.Vocabulary.of(SENTENCES)
    with pytest.raises(ValueError, match="sentences: expected words of the vocabulary, got 'runs'"):
        vocabulary.encode(["A puppet runs"])
    for wrong in ("A puppet", []):
        with pytest.raises(ValueError, match="sentences: expected a list of at least one"):
            vocabulary.encode(wrong)
    with pytest.raises(ValueError, match="words: expected each once"):
        captioner.Vocabulary(["a", "b", "a"])


# The network


@pytest.mark.parametrize("pool", captioner.POOLS)
def test_shapes_and_weights(pool):
    tokens = torch.tensor([[BEGIN, 3, 4, END], [BEGIN, 5, END, PADDING], [BEGIN, 6, 6, 6]])
    model = network(pool)
    scores, weights = model(film(), tokens, return_attention=True)
    assert scores.shape == (3, 3, 7)
    assert weights.shape == (3, 3, 5)
    assert torch.allclose(weights.sum(2), torch.ones(3, 3))
    assert torch.equal(scores, model(film(), tokens))
    assert (scores[..., [PADDING, BEGIN]] == -math.inf).all()
    assert torch.isfinite(scores[..., END:]).all()
    alike = torch.allclose(weights, torch.full_like(weights, 1 / 5))
    assert alike == (pool == "mean")


def test_a_pool_that_is_none():
    with pytest.raises(ValueError, match="pool: expected one of 'mean', 'attention', 'gru', got"):
        network("max")
    with pytest.raises(ValueError, match=r"tokens: expected shape \(3, L\), got \(2, 4\)"):
        network()(film(), torch.zeros(2, 4, dtype=torch.long))
    with pytest.raises(ValueError, match=r"features: expected shape \(B, 6, T', H', W'\)"):
        network()(film(channels=5), torch.zeros(3, 4, dtype=torch.long))


def test_a_score_depends_on_the_words_before_it_alone():
    model, tokens = network(), torch.tensor([[BEGIN, 3, 4, 5, END]])
    other = tokens.clone()
    other[0, 3] = 6
    before, after = model(film(1), tokens), model(film(1), other)
    assert torch.equal(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3, END:], after[:, 3, END:])


def test_attention_by_hand():
    """Bahdanau's: a query and each key through a tanh, one number of each, a softmax."""
    model = network("attention")
    states, hidden = torch.randn(1, 4, 8), torch.randn(1, 8)
    energy = [
        (model.match.weight[0] * torch.tanh(
            model.query.weight @ hidden[0] + model.key.weight @ state + model.key.bias
        )).sum()
        for state in states[0]
    ]  # fmt: skip
    expected = torch.stack(energy).softmax(0)
    assert torch.allclose(model.attend(hidden, states)[0], expected, atol=1e-6)


@pytest.mark.parametrize("pool", captioner.POOLS)
def test_who_knows_the_order_of_the_features(pool):
    """A sum over a set does not: neither the mean nor attention by itself."""
    model, features = network(pool).double(), film(moments=6).double()
    shuffled = features[:, :, [4, 1, 5, 0, 3, 2]]
    tokens = torch.tensor([[BEGIN, 3, 4, 5, END]] * 3)
    difference = (model(features, tokens) - model(shuffled, tokens))[..., END:].abs().max()
    assert (difference < 1e-12) == (pool != "gru")
    assert difference < 1e-12 or difference > 1e-3
    if pool != "gru":
        written = [[s.tokens for s in captioner.greedy(model, x, 9)] for x in (features, shuffled)]
        assert written[0] == written[1]


def test_places_are_averaged():
    pooled = film().mean((3, 4), keepdim=True)
    tokens = torch.tensor([[BEGIN, 3, END]] * 3)
    assert torch.allclose(
        network()(film(), tokens)[..., END:], network()(pooled, tokens)[..., END:], atol=1e-6
    )


def test_the_loss_by_hand():
    """Padding does not count, the END does."""
    tokens = torch.tensor([[BEGIN, 3, END], [BEGIN, END, PADDING]])
    scores = torch.zeros(2, 2, 4)
    scores[..., :END] = -math.inf  # two choices: the END, or the only word
    scores[0, 0, 3] = math.log(3)
    expected = -(math.log(3 / 4) + 2 * math.log(1 / 2)) / 3
    assert captioner.caption_loss(scores, tokens).item() == pytest.approx(expected)
    with pytest.raises(ValueError, match=r"tokens: expected shape \(2, 3\), got \(2, 2\)"):
        captioner.caption_loss(scores, tokens[:, 1:])


# Writing


def log_probability(model, features, tokens):
    """Of a sentence, from the network's scores under teacher forcing."""
    scores = model(features, torch.tensor([[BEGIN, *tokens]])).double().log_softmax(2)
    return sum(scores[0, i, token].item() for i, token in enumerate(tokens))


def every_sentence(words, longest):
    """With its END; those of the greatest length are cut before it."""
    alphabet = range(END + 1, END + 1 + words)
    for length in range(longest + 1):
        for tokens in itertools.product(alphabet, repeat=length):
            yield tokens if length == longest else (*tokens, END)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("pool", captioner.POOLS)
def test_a_wide_beam_finds_the_best_of_all_sentences(pool, seed):
    """Three words, four places: 121 sentences, each tried."""
    model, features = network(pool, words=6, seed=seed).double(), film(1, seed=seed).double()
    with torch.no_grad():
        model.score.weight *= 4  # decided enough that the best is no matter of length alone
        ranked = sorted(
            ((log_probability(model, features, s), s) for s in every_sentence(3, 4)), reverse=True
        )
    [found] = captioner.beam_search(model, features, beams=200, max_words=4)
    assert len(found) == len(ranked) == 121
    assert sum(math.exp(s.log_probability) for s in found) == pytest.approx(1)
    for sentence, (expected, tokens) in zip(found[:20], ranked[:20], strict=True):
        assert sentence.log_probability == pytest.approx(expected, abs=1e-9)
        assert sentence.tokens == tuple(token for token in tokens if token != END)


def test_a_beam_of_one_is_greedy_and_more_are_no_worse():
    better = 0
    for seed in range(6):
        model, features = network(words=9, seed=seed), film(4, seed=seed)
        with torch.no_grad():
            model.score.weight *= 4
        greedy = captioner.greedy(model, features, max_words=6)
        ones = captioner.beam_search(model, features, beams=1, max_words=6)
        fives = captioner.beam_search(model, features, beams=5, max_words=6)
        for by_greed, one, five in zip(greedy, ones, fives, strict=True):
            assert [by_greed.tokens] == [s.tokens for s in one]
            assert one[0].log_probability == pytest.approx(by_greed.log_probability, abs=1e-5)
            assert len(five) == 5
            assert [s.log_probability for s in five] == sorted(
                (s.log_probability for s in five), reverse=True
            )
            better += five[0].log_probability > by_greed.log_probability + 1e-6
    assert better > 0


def test_greedy_writes_the_most_probable_next_word():
    model, features = network(words=9), film(4)
    with torch.no_grad():
        model.score.weight *= 4
    lengths = set()
    for i, sentence in enumerate(captioner.greedy(model, features, max_words=6)):
        prefix = [BEGIN, *sentence.tokens]
        scores = model(features[i : i + 1], torch.tensor([[*prefix, PADDING]]))
        written = scores[0].argmax(1).tolist()
        cut = len(sentence.tokens) == 6
        assert written[: len(sentence.tokens) + (not cut)] == [
            *sentence.tokens, *([] if cut else [END])
        ]  # fmt: skip
        ended = sentence.tokens if cut else (*sentence.tokens, END)
        assert sentence.log_probability == pytest.approx(
            log_probability(model, features[i : i + 1], ended), abs=1e-5
        )
        lengths.add(len(sentence.tokens))
    assert lengths


@pytest.mark.parametrize("argument", ["beams", "max_words"])
def test_none_at_all_is_an_error(argument):
    with pytest.raises(ValueError, match=f"{argument}: expected at least 1, got 0"):
        captioner.beam_search(network(), film(), **{"beams": 2, "max_words": 3, argument: 0})


@pytest.mark.parametrize("pool", ["gru", "mean"])
def test_it_learns_which_came_first(pool):
    """Two events, in either order: the sentence says which; a mean cannot know."""
    vocabulary = captioner.Vocabulary.of(["jump then wave", "wave then jump"])
    sentences = ["jump then wave", "wave then jump"] * 8
    tokens = vocabulary.encode(sentences)
    features = 0.05 * torch.randn(16, 4, 6, 1, 1, generator=torch.Generator().manual_seed(0))
    features[0::2, 0, :3] += 1
    features[0::2, 1, 3:] += 1
    features[1::2, 1, :3] += 1
    features[1::2, 0, 3:] += 1
    data = [((x, t), t) for x, t in zip(features, tokens, strict=True)]
    model = network(pool, len(vocabulary), channels=4)
    training.fit(model, data, epochs=60, batch_size=8, max_lr=2e-2, loss=captioner.caption_loss)
    written = [vocabulary.decode(s.tokens) for s in captioner.greedy(model, features)]
    right = sum(w == s for w, s in zip(written, sentences, strict=True))
    assert right == 16 if pool == "gru" else right < 16
