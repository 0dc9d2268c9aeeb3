"""Lists of films made at random: untrimmed ones, and short ones of two puppets."""

import pickle
import subprocess
import sys
from itertools import pairwise

import numpy as np
import puppet_truths
import pytest
import torch

from lecturekit import puppets
from lecturekit.puppets import duets, figure, untrimmed_films


@pytest.fixture(scope="module", params=[24, 48])
def pairs(request):
    return duets("train", 40, size=request.param, seed=4)


@pytest.fixture(scope="module", params=["train", "test"])
def untrimmed(request):
    return untrimmed_films(request.param, 20, seed=1)


def test_boxes_of_random_films_hold_each_figure(pairs, untrimmed):
    for film in (*pairs, *untrimmed):
        puppet_truths.figures(film)


def test_random_pairs_keep_inside_the_frame(pairs):
    for film in pairs:
        puppet_truths.inside(film)


def test_captions_of_random_pairs_name_the_colours_that_shirts_have():
    for film in duets("test", 30, seed=2):
        puppet_truths.shirts(film)


def test_a_duet_has_two_different_actions_of_its_whole_length():
    films = duets("test", 40, size=16, num_frames=7, actions=["run", "walk left", "sit down"])
    chosen = {tuple(s.action for s in film.segments) for film in films}
    assert len(chosen) == 6  # every ordered pair of different actions
    for film in films:
        assert film.frames.shape == (7, 16, 16, 3)
        assert [tuple(s)[1:] for s in film.segments] == [(0, 7, 0), (0, 7, 1)]
    every = {s.action for film in duets("train", 90, size=16, num_frames=2) for s in film.segments}
    assert every == set(puppets.ACTIONS)


def test_fast_stays_fast_in_a_duet_of_any_length():
    # As in a clip: the fast one swings three or five times as often as the slow one.
    for num_frames in (16, 32):
        for film in duets("train", 8, num_frames=num_frames, actions=["walk", "run"], seed=2):
            assert film.fps == num_frames / 2
            _, parts = film.scene
            feet = [
                parts.ends[:, np.flatnonzero(parts.body & (parts.whose == k))[2], 0] for k in (0, 1)
            ]
            turns = [np.sum(np.diff(np.sign(x.real - x.real.mean())) != 0) for x in feet]
            slow, fast = turns if film.segments[0].action == "walk" else turns[::-1]
            assert fast >= 2 * slow


def test_a_swap_exchanges_what_two_do_and_nothing_else():
    for one, other in zip(
        duets("train", 40, seed=9, size=32), duets("train", 40, seed=9, size=32, swap=True),
        strict=True,
    ):  # fmt: skip
        assert [s.action for s in one.segments] == [s.action for s in other.segments][::-1]
        assert one.shirts == other.shirts
        stage_a, stage_b = one.scene[0], other.scene[0]
        for name in ("background", "camera", "balls", "ball_radii"):
            assert np.array_equal(getattr(stage_a, name), getattr(stage_b, name))
        centres = [film.boxes[..., ::2].mean((0, 2)) / 32 for film in (one, other)]
        assert abs(centres[0] - centres[1]).max() < 0.16


def test_the_performance_goes_with_the_action_when_two_swap():
    # Angles of the upper arm, of all frames: what one did the other does now.
    def arms(film, person):
        _, parts = film.scene
        bars = parts.ends[:, parts.body & (parts.whose == person)]
        return np.angle(bars[:, 1, 1] - bars[:, 1, 0])

    names = ["wave fast", "wave slowly", "walk", "jump then wave"]
    options = {"seed": 9, "size": 16, "actions": names}
    for one, other in zip(
        duets("train", 20, **options), duets("train", 20, swap=True, **options), strict=True
    ):
        for person in range(2):
            assert np.allclose(arms(one, person), arms(other, 1 - person))


def test_untrimmed_films_act_now_and_then(untrimmed):
    for film in untrimmed:
        assert film.frames.shape == (96, 48, 48, 3)
        stops = [0, *(s.stop_frames for s in film.segments)]
        starts = [*(s.start_frames for s in film.segments), 96]
        idle = np.subtract(starts, stops)
        assert idle.min() >= 8
        assert max(idle[:-1]) <= 24
        assert all(12 <= s.stop_frames - s.start_frames <= 32 for s in film.segments)
        assert film.segments
        names = [s.action for s in film.segments]
        assert set(names) <= set(puppets.UNTRIMMED)
        assert all(a != b for a, b in pairwise(names))
    lengths = {s.stop_frames - s.start_frames for film in untrimmed for s in film.segments}
    assert len(lengths) > 10
    assert {s.action for film in untrimmed for s in film.segments} == set(puppets.UNTRIMMED)


def test_untrimmed_films_can_be_played_with_any_actions():
    for film in untrimmed_films("train", 25, seconds=20, size=16, actions=list(puppets.ACTIONS)):
        names = [s.action for s in film.segments]
        for before, after in zip(["", *names], names, strict=False):
            assert (before == "sit down") == (after == "stand up")
        assert len({"hold a balloon", "hold an umbrella"} & set(names)) <= 1
    film = untrimmed_films("train", 1, seconds=9.3, fps=10, size=16, actions=["run"])[0]
    assert len(film.frames) == 93
    assert {s.action for s in film.segments} == {"run"}


MAKERS = [untrimmed_films, duets]


@pytest.mark.parametrize("make", MAKERS)
def test_film_i_depends_on_split_seed_and_i_alone(make):
    def digest(split, number, seed):
        return [film.frames.tobytes() for film in make(split, number, seed=seed, size=16)]

    assert digest("train", 3, 5) == digest("train", 4, 5)[:3]
    assert not set(digest("train", 4, 5)) & set(digest("train", 4, 6))
    # Not even the draws are shared: nothing of a film of one split comes again in the other.
    scenes = [[f.scene[0] for f in make(split, 4, size=16)] for split in ("train", "test")]
    assert not {s.ground for s in scenes[0]} & {s.ground for s in scenes[1]}


def test_no_two_kinds_of_film_share_their_draws(monkeypatch):
    keys, shoot = [], puppets.tasks.shoot

    def spy(plans, chances, rng, **options):
        keys.append(tuple(rng.bit_generator.seed_seq.entropy))
        return shoot(plans, chances, rng, **options)

    monkeypatch.setattr(puppets.tasks, "shoot", spy)
    for make in MAKERS:
        for split in figure.PEOPLE:
            make(split, 2, size=16)
    # Clips and single films have 0 to 3 in the second place.
    assert len(set(keys)) == len(keys) == 8
    assert min(key[1] for key in keys) > 3


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("make", MAKERS)
def test_people_and_backgrounds_are_those_of_the_split(make, split, monkeypatch):
    seen, build = set(), puppets.film.build
    monkeypatch.setattr(
        puppets.film, "build", lambda who, *others: seen.add(who) or build(who, *others)
    )
    films = make(split, 40, size=16)
    assert len(seen) > 8
    assert seen <= {figure.person(n) for n in figure.PEOPLE[split]}
    own = puppets.stage.backgrounds(split, 16)
    for film in films:
        assert any(np.shares_memory(film.scene[0].background, picture) for picture in own)


FRESH = """
import hashlib
from lecturekit import puppets
digest = hashlib.sha256()
for films in (
    puppets.untrimmed_films("train", 2, seed=3, size=24),
    puppets.duets("test", 2, seed=3, size=24, swap=True),
    [puppets.puppet_video([("run", 1)], [("sit down", 1), ("stand up", 1)], size=24)],
):
    for film in films:
        for array in (film.frames, film.boxes, film.figures, film.flow):
            digest.update(array.tobytes())
        digest.update(repr((film.segments, film.captions, film.caption)).encode())
print(digest.hexdigest())
"""


def test_the_same_seed_gives_the_same_bytes_in_a_fresh_process(capsys):
    fresh = subprocess.run(
        [sys.executable, "-c", FRESH], capture_output=True, text=True, check=True
    )
    exec(FRESH, {})
    assert capsys.readouterr().out == fresh.stdout
    assert len(fresh.stdout) == 65


def test_a_film_travels_to_a_worker_and_back():
    film = duets("train", 1, size=16)[0]
    other = pickle.loads(pickle.dumps(film))
    assert np.array_equal(film.flow, other.flow, equal_nan=True)
    assert other.caption == film.caption


def test_clip_tensors_are_what_networks_read():
    frames = np.stack([film.frames for film in duets("train", 2, size=16, num_frames=5)])
    clips = puppets.clip_tensor(frames)
    assert clips.shape == (2, 3, 5, 16, 16)
    assert clips.dtype == torch.float32
    assert torch.equal(puppets.clip_tensor(frames[1]), clips[1])
    assert clips[1, 2, 3, 4, 5] == pytest.approx((frames[1, 3, 4, 5, 2] / 255 - 0.45) / 0.225)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (("val", 2), {}, ValueError, "split: expected one of 'train', 'test', got 'val'"),
        (("train", 0), {}, ValueError, "num_films: expected at least 1, got 0"),
        (("train", 2.0), {}, TypeError, "num_films: expected a whole number, got 2.0"),
        (("train", 2), {"seed": -1}, ValueError, "seed: expected at least 0, got -1"),
        (("train", 2), {"size": 8}, ValueError, "size: expected at least 16, got 8"),
        (("train", 2), {"actions": ["run", "fly"]}, ValueError, "actions: .*got 'fly'"),
        (("train", 2), {"actions": ["run", "run"]}, ValueError, "actions: expected different"),
        (("train", 2), {"actions": []}, ValueError, "actions: expected different names, at least"),
    ],
)
def test_a_bad_argument_of_films_is_named(make, arguments, options, error, message):
    with pytest.raises(error, match=message):
        make(*arguments, **options)


@pytest.mark.parametrize(
    ("make", "options", "error", "message"),
    [
        (duets, {"num_frames": 0}, ValueError, "num_frames: expected at least 1"),
        (duets, {"actions": ["run"]}, ValueError, "actions: .*at least 2, got"),
        (untrimmed_films, {"seconds": 7}, ValueError, "seconds: expected at least 8, got 7"),
        (untrimmed_films, {"seconds": "8"}, TypeError, "seconds: expected a number"),
        (untrimmed_films, {"fps": 0}, ValueError, "fps: expected a finite number above 0"),
        (untrimmed_films, {"actions": ["sit down"]}, ValueError, "'sit down' and 'stand up' tog"),
    ],
)
def test_a_bad_option_of_films_is_named(make, options, error, message):
    with pytest.raises(error, match=message):
        make("train", 1, **options)
