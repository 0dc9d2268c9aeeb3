"""Attention in a stream: a frame's tokens look back over a store of keys and values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from lecturekit.exercises import Exercise, Misconception, Property, same

Arrays = tuple[np.ndarray, ...]


def _case(seed: int, places: int, width: int, channels: int, old: int, window: int) -> tuple:
    rng = np.random.default_rng(seed)

    def draw(tokens: int, numbers: int) -> Any:
        # Wide enough that rows of attention are far from even.
        return torch.from_numpy(1.5 * rng.normal(size=(tokens, numbers)).astype(np.float32))

    query, key, value = draw(places, width), draw(places, width), draw(places, channels)
    return query, key, value, draw(old * places, width), draw(old * places, channels), window


def _softmax(scores: np.ndarray, axis: int = 1) -> np.ndarray:
    weights = np.exp(scores - scores.max(axis, keepdims=True, initial=-1e30))
    return weights / weights.sum(axis, keepdims=True)


def _mix(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    return _softmax(query @ keys.T / query.shape[1] ** 0.5) @ values


def _joined(new: Any, old: Any) -> np.ndarray:
    return np.concatenate([np.asarray(old), np.asarray(new)])


def _stored(tokens: np.ndarray, places: int, window: int) -> np.ndarray:
    """Of tokens, oldest first, those of the last window − 1 frames."""
    return tokens[max(0, len(tokens) - places * (window - 1)) :]


def _answer(mix: Callable[..., np.ndarray] = _mix, store: Callable[..., Any] = _stored) -> Callable:
    """The right step, with another attention or another store."""

    def step(query, key, value, old_keys, old_values, window: int) -> Arrays:  # noqa: ANN001
        query, places = np.asarray(query), len(query)
        keys, values = _joined(key, old_keys), _joined(value, old_values)
        return (
            mix(query, keys, values),
            store(keys, places, window),
            store(values, places, window),
        )

    return step


def _reversed(query, key, value, old_keys, old_values, window: int) -> Arrays:  # noqa: ANN001
    keys, values = _joined(old_keys, key), _joined(old_values, value)
    kept = len(query) * (window - 1)
    return _mix(np.asarray(query), keys, values), keys[:kept], values[:kept]


def _wrong_softmax(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    return _softmax(query @ keys.T / query.shape[1] ** 0.5, 0) @ values


def _unscaled(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    return _softmax(query @ keys.T) @ values


def _overscaled(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    return _softmax(query @ keys.T / query.shape[1]) @ values


def _token_by_token(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    scores = query @ keys.T / query.shape[1] ** 0.5
    before = len(keys) - len(query)
    later = np.arange(len(keys)) > before + np.arange(len(query))[:, None]
    return _softmax(np.where(later, -1e9, scores)) @ values


def _same_place(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Each token looks at the tokens of its own place only."""
    place = np.arange(len(keys)) % len(query) == np.arange(len(query))[:, None]
    scores = query @ keys.T / query.shape[1] ** 0.5
    return _softmax(np.where(place, scores, -1e9)) @ values


def _before_only(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    return _mix(query, keys[: -len(query)], values[: -len(query)])


def _right(*case: Any) -> Arrays:
    return _answer()(*case)


def _kept_frames(got: Any, *case: Any) -> float:
    return len(got[1]) / len(case[0])


def _has_answer(got: Any, *case: Any) -> bool:
    return same(got[0], _right(*case)[0], rtol=1e-4, atol=1e-5)


def _mixed(mix: Callable[..., np.ndarray], hint: str) -> Misconception:
    """Another attention, known by its answers, whatever the store is."""

    def symptom(got: Any, *case: Any) -> bool:
        return same(got[0], _answer(mix)(*case)[0], rtol=1e-4, atol=1e-5)

    return Misconception(_answer(mix), hint, symptom)


ATTEND_STEP = Exercise(
    name="attend_step",
    # Windows of several frames with nothing, something and all in the store; a window of one.
    cases=[
        _case(0, 4, 5, 6, 0, 3),
        _case(1, 4, 5, 6, 1, 3),
        _case(2, 4, 5, 6, 2, 3),
        _case(3, 6, 4, 3, 4, 5),
        _case(4, 9, 3, 3, 1, 2),
        _case(5, 5, 4, 4, 0, 1),
    ],
    properties=[
        Property("three arrays: answers, keys, values", lambda got, *_: len(got) == 3),
        Property(
            "each of the frame's tokens looks at all tokens of this frame and of the stored ones",
            _has_answer,
        ),
        Property(
            "what the next frame needs, and no more: the last window − 1 frames, oldest first",
            lambda got, *case: all(
                same(a, b) for a, b in zip(got[1:], _right(*case)[1:], strict=True)
            ),
        ),
    ],
    misconceptions=[
        Misconception(
            _answer(store=lambda tokens, places, window: tokens[-places * window :]),
            "the store is too long: the next frame brings its own keys, so window − 1 stored ones "
            "are enough. Drop the oldest, or the store grows with the film.",
            lambda got, *case: _has_answer(got, *case)
            and _kept_frames(got, *case) == min(case[-1], 1 + len(case[3]) // len(case[0])),
        ),
        Misconception(
            _answer(
                store=lambda tokens, places, window: (
                    tokens[-places * (window - 1) :] if window > 1 else tokens
                )
            ),
            "right but for a window of one frame: `[-0:]` is all of it. Then nothing is to be "
            "stored.",
        ),
        Misconception(
            _answer(store=lambda tokens, places, window: tokens[: places * (window - 1)]),
            "you keep the oldest frames. The next frame needs the latest.",
        ),
        Misconception(
            _answer(store=lambda tokens, places, window: _stored(tokens, 1, window)),
            "you keep window − 1 tokens. A frame has many tokens: the window counts frames.",
            lambda got, *case: len(got[1]) in (case[-1] - 1, case[-1]),
        ),
        Misconception(
            _answer(store=lambda tokens, places, window: tokens[: len(tokens) - places]),
            "this frame is not in the store. The next one must be able to look at it.",
        ),
        Misconception(
            _answer(store=lambda tokens, places, window: tokens[places:]),
            "you drop a frame at every step. At the beginning of a film the store is not full "
            "yet: nothing is to be dropped.",
        ),
        Misconception(
            _answer(
                store=lambda tokens, places, window: _stored(tokens, places, window - 1)
                if window > 1 else tokens[:0]
            ),
            "the store is one frame too short: the next frame looks at window − 1 stored frames "
            "and at itself.",
        ),
        Misconception(
            _reversed,
            "the newest stands first. The answers do not mind (attention is blind to order), but "
            "the store is oldest first: or else the next call drops the wrong frame.",
        ),
        _mixed(
            lambda q, k, v: _mix(q, k[-len(q) :], v[-len(q) :]),
            "each frame looks at itself alone. The stored keys and values belong in front of its "
            "own.",
        ),
        Misconception(
            _answer(_before_only),
            "the frame does not look at itself. Its own keys and values belong behind the stored "
            "ones, before anything is compared.",
            # With nothing stored yet, whatever came instead.
            lambda got, *case: same(got[0], _answer(_before_only)(*case)[0], rtol=1e-4, atol=1e-5)
            if len(case[3])
            else not _has_answer(got, *case),
        ),
        _mixed(
            _same_place,
            "each token looks at its own place only. Asked for: at *all* tokens of each frame.",
        ),
        _mixed(
            lambda q, k, v: _softmax(q @ k.T / v.shape[1] ** 0.5) @ v,
            "you divide by the root of the width of a value. It is that of a *key*: values may "
            "have another.",
        ),
        _mixed(
            _wrong_softmax,
            "your softmax runs over the queries. Each query's weights over the keys must sum to 1.",
        ),
        _mixed(
            _unscaled,
            "the scale is missing: scores are divided by the root of the width of a key.",
        ),
        _mixed(
            _overscaled,
            "you divide by the width of a key. It is its root.",
        ),
        _mixed(
            _token_by_token,
            "causal in tokens: a token does not see those behind it in its own frame. A frame "
            "arrives at once: only later *frames* are the future.",
        ),
    ],
)  # fmt: skip
