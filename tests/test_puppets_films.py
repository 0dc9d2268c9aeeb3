"""Films of one puppet and of two at once; all that is said of them is exact."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import puppet_truths
import pytest

from lecturekit import puppets
from lecturekit.puppets import puppet_video

LEFT = [("walk right", 2), ("sit down", 2), ("idle", 1), ("stand up", 2), ("wave fast", 2)]


RIGHT = [("idle", 1), ("hold an umbrella", 2), ("jump then wave", 2), ("walk left", 2)]


@pytest.fixture(scope="module", params=[0, 1, 2])
def two(request):
    return puppet_video(LEFT, RIGHT, size=96, seed=request.param)


# A film of one, drawn over a plain background (its colours are FFmpeg's business), before there
# were films of two.
ONE = [
    ("idle", 1), ("walk right", 2), ("wave fast", 2), ("sit down", 2), ("stand up", 2),
    ("jump then wave", 2), ("hold a balloon", 1), ("walk left", 2), ("run", 2),
]  # fmt: skip


ONE_DIGEST = "20a8c8eb9abdde5879d3b0bdae74975d16de55c84f2eb037eaa25b0d5ff04c88"


def test_a_film_of_one_is_what_it_was_before_films_of_two():
    film = puppet_video(ONE, size=64, seed=1)
    stage, parts = film.scene
    stage = replace(stage, background=np.full_like(stage.background, 128))
    digest = hashlib.sha256(puppets.render(stage, parts, 64).tobytes())
    digest.update(film.boxes.tobytes())
    digest.update(film.figure.tobytes())
    digest.update(repr((*(s[:3] for s in film.segments), *film.captions)).encode())
    assert digest.hexdigest() == ONE_DIGEST


def test_two_follow_their_scripts_at_the_same_time(two):
    assert [tuple(s) for s in two.segments] == [
        ("walk right", 0, 16, 0), ("hold an umbrella", 8, 24, 1), ("sit down", 16, 32, 0),
        ("jump then wave", 24, 40, 1), ("stand up", 40, 56, 0), ("walk left", 40, 56, 1),
        ("wave fast", 56, 72, 0),
    ]  # fmt: skip
    assert two.frames.shape == (72, 96, 96, 3)
    assert two.boxes.shape == (72, 2, 4)
    centres = two.boxes[..., ::2].mean(-1)
    assert centres[15, 0] > centres[0, 0] + 6
    assert centres[55, 1] < centres[40, 1] - 6
    # What stands still by its script does so: only the camera trembles, by a pixel or two.
    for person, start, stop in ((0, 33, 39), (1, 58, 72)):
        assert np.ptp(two.boxes[start:stop, person], axis=0).max() <= 3


def test_segments_say_when_a_figure_moves(two):
    # Flow on a figure less the camera's, frame by frame: nothing between its segments but the four
    # frames in which one pose passes into the next.
    camera = two.scene[0].camera / 4
    for person in range(2):
        on = np.zeros(72, bool)
        for s in two.segments:
            if s.figure == person:
                on[max(s.start_frames - 4, 0) : s.stop_frames + 4] = True
        for t in np.flatnonzero(~on[:-1]):
            moved = two.flow[t][two.figures[t, person]] + np.diff(camera, axis=0)[t]
            assert abs(moved).max() < 1e-3


def test_boxes_hold_each_figure_and_neither_covers_the_other(two):
    puppet_truths.figures(two)


def test_two_keep_inside_the_frame(two):
    puppet_truths.inside(two)


def test_the_true_flow_of_two_carries_the_next_frame_back_onto_this_one(two):
    size = two.frames.shape[1]
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    for person in range(2):
        moved, still = [], []
        for t, flow in enumerate(two.flow):
            known = np.isfinite(flow).all(-1)
            to = np.nan_to_num(flow)
            back = cv2.remap(
                two.frames[t + 1], columns + to[..., 0], rows + to[..., 1], cv2.INTER_LINEAR
            )
            for image, errors in ((back, moved), (two.frames[t + 1], still)):
                difference = abs(image.astype(float) - two.frames[t]).mean(-1)
                errors.append(difference[two.figures[t, person] & known].mean())
        assert np.mean(moved) < 0.35 * np.mean(still)


def test_captions_name_the_colours_that_shirts_have(two):
    puppet_truths.shirts(two)


def test_captions_say_who_does_what(two):
    a, b = two.shirts
    assert two.captions[:3] == (
        f"The one in {a} walks to the right.",
        f"The one in {b} holds an umbrella.",
        f"The one in {a} sits down on a stool.",
    )
    assert two.caption == (
        f"The one in {a} walks to the right, then sits down on a stool, then stands up from a "
        f"stool, then waves fast, the one in {b} holds an umbrella, then jumps, then waves with "
        "both arms, then walks to the left."
    )
    alone = puppet_video([("idle", 1), ("wave fast", 2), ("walk left", 2)], size=16)
    assert alone.captions == ("A puppet waves fast.", "A puppet walks to the left.")
    assert alone.caption == "A puppet waves fast, then walks to the left."
    watched = puppet_video([("wave fast", 2)], [("idle", 1)], size=16)
    first, second = watched.shirts
    assert watched.caption == f"The one in {first} waves fast, the one in {second} stands still."
    assert watched.boxes.shape == (16, 2, 4)


def test_the_people_and_the_stage_of_two_do_not_depend_on_what_they_do():
    scripts = ((LEFT, RIGHT), ([("run", 9)], [("idle", 1)]))
    films = [puppet_video(*pair, size=32, seed=6) for pair in scripts]
    assert films[0].shirts == films[1].shirts
    stages = [film.scene[0] for film in films]
    assert np.array_equal(stages[0].background, stages[1].background)
    assert np.array_equal(stages[0].camera, stages[1].camera)
    assert np.array_equal(stages[0].balls, stages[1].balls)


def test_who_has_room_stands_near_the_middle_of_its_half():
    for seed in range(5):
        film = puppet_video([("idle", 1)], [("idle", 1)], size=32, seed=seed)
        left, right = film.boxes[0, :, ::2].mean(-1) / 32
        assert 0.15 < left < 0.35
        assert 0.65 < right < 0.85
