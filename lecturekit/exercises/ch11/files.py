"""The published lists of a seventh data set."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lecturekit.exercises import Exercise, Misconception, Property

Found = tuple[list[tuple[str, str]], list[tuple[str, str]], list[str]]


def _texts(*classes: tuple[str, str, str]) -> dict[str, str]:
    """Class, split and ``film mark film mark …`` as files, last ones first; real files' spaces."""
    texts = {}
    for action, split, films in reversed(classes):
        words = films.split()
        lines = [f"{a}.avi {b} \n" for a, b in zip(words[::2], words[1::2], strict=True)]
        texts[f"{action}_test_split{split}.txt"] = "".join(lines)
    return texts


def _cases() -> list[tuple[dict[str, str], set[str], int]]:
    """A split of three; underscores and a class that begins another; a film gone; blank lines."""
    small = _texts(("wave", "1", "a 1 b 2 c 0 d 1"), ("wave", "2", "a 2 b 1 c 1 d 0"))
    climbs = _texts(
        ("climb", "1", "Jack_climb_f_cm_1 2 Jack_climb_f_cm_2 1 21_Rocky_climb_0 0"),
        ("climb_stairs", "1", "Jill_climb_stairs_2 1 Zoo_climb_stairs_1 1 Ann_climb_stairs_0 2"),
        ("climb_stairs", "2", "Jill_climb_stairs_2 2 Zoo_climb_stairs_1 0 Ann_climb_stairs_0 1"),
        ("climb", "2", "Jack_climb_f_cm_1 1 Jack_climb_f_cm_2 0 21_Rocky_climb_0 2"),
        ("brush_hair", "2", "April_09_brush_hair_u_nm_0 2 April_09_brush_hair_u_nm_1 1"),
        ("brush_hair", "1", "April_09_brush_hair_u_nm_0 0 April_09_brush_hair_u_nm_1 2"),
        ("brush_hair", "3", "April_09_brush_hair_u_nm_0 1 April_09_brush_hair_u_nm_1 0"),
    )
    there = {
        "climb/Jack_climb_f_cm_2.avi",
        "climb/21_Rocky_climb_0.avi",
        "climb_stairs/Zoo_climb_stairs_1.avi",
        "climb_stairs/Ann_climb_stairs_0.avi",
        "brush_hair/April_09_brush_hair_u_nm_1.avi",
        "wave/elsewhere.avi",
    }
    named = _texts(
        ("shake_hands", "3", "test_2_shake_hands_1 1 split3_shake_hands 2 d.v.d_shake_hands 2"),
        ("shake_hands", "2", "test_2_shake_hands_1 2 split3_shake_hands 1 d.v.d_shake_hands 1"),
        ("pick", "3", "b_pick_2 2 a_pick_1 0 c_pick_0 1 d_pick_1 2 e_pick_2 1"),
    )
    held = {
        "shake_hands/d.v.d_shake_hands.avi",
        "pick/c_pick_0.avi",
        "pick/b_pick_2.avi",
        "b_pick_2.avi",
        "shake_hands/b_pick_2.avi",
    }
    blank = {name: text + "\n" for name, text in small.items()}
    return [
        (small, {"wave/a.avi", "wave/b.avi", "wave/c.avi", "wave/d.avi"}, 1),
        (climbs, there, 1),
        (climbs, there, 2),
        (climbs, there, 3),
        (named, held, 3),
        (named, set(), 2),
        (blank, {"wave/a.avi", "wave/d.avi"}, 1),
        (small, {"wave/a.avi"}, 3),
    ]


def _rows(texts: dict[str, str], names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """File, film and mark of each line of these files."""
    for name in names:
        for line in texts[name].splitlines():
            if line.strip():
                yield name, *line.split()


def _answer(
    *,
    files: Callable[[dict[str, str], int], Iterable[str]] = lambda texts, split: sorted(
        name for name in texts if name.endswith(f"_test_split{split}.txt")
    ),
    action: Callable[[str, str], str] = lambda name, film: name.rpartition("_test_split")[0],
    path: Callable[[str, str], str] = lambda action, film: f"{action}/{film}",
    side: dict[str, int] | None = None,
    looks: bool = True,
    misses: tuple[str, ...] = ("1", "2"),
    missed: Callable[[str, str, str], Any] = lambda action, film, path: path,
) -> Callable[..., Found]:
    """The right reader, with another way to do one thing."""
    side = side or {"1": 0, "2": 1}

    def read(texts: dict[str, str], there: set[str], split: int) -> Found:
        found: Found = ([], [], [])
        for name, film, mark in _rows(texts, files(texts, split)):
            label = action(name, film)
            at = path(label, film)
            if mark in side and (at in there or not looks):
                found[side[mark]].append((at, label))
            elif mark in misses and at not in there:
                found[2].append(missed(label, film, at))
        return found

    return read


_RIGHT = _answer()


def _three(got: Any) -> Found:
    """The lists, whatever sequences they are made of; paths as text."""
    train, test, missing = got
    pairs = [[(str(path), label) for path, label in side] for side in (train, test)]
    return *pairs, [str(path) for path in missing]


def _known(hint: str, **how: Any) -> Misconception:
    """Another way, known by its three lists whatever sequences they are made of."""
    read = _answer(**how)
    return Misconception(read, hint, lambda got, *case: _three(got) == _three(read(*case)))


HMDB = Exercise(
    name="hmdb",
    cases=_cases,
    properties=[
        Property("three lists", lambda got, *_: len(got) == 3),
        Property(
            "the training films that are there, as (path, class), in order",
            lambda got, *case: _three(got)[0] == _RIGHT(*case)[0],
        ),
        Property(
            "the test films that are there, as (path, class), in order",
            lambda got, *case: _three(got)[1] == _RIGHT(*case)[1],
        ),
        Property(
            "the paths that this split wants and that are not there, in order",
            lambda got, *case: _three(got)[2] == _RIGHT(*case)[2],
        ),
    ],
    misconceptions=[
        _known(
            "a class may hold underscores: `climb_stairs`. Take what stands before "
            "`_test_split`.",
            action=lambda name, film: name.split("_")[0],
        ),
        _known(
            "a film with a 0 belongs to neither side of this split. Nobody wants it, so it is not "
            "missing.",
            misses=("0", "1", "2"),
        ),
        _known(
            "a film with a 0 is in neither list: it is no test film.",
            side={"1": 0, "2": 1, "0": 1}, misses=("0", "1", "2"),
        ),
        _known(
            "a film with a 0 is in neither list: it is no training film.",
            side={"1": 0, "2": 1, "0": 0}, misses=("0", "1", "2"),
        ),
        _known(
            "you read the files of all splits: the same film is in training in one and in the "
            "test of another. That is a leak.",
            files=lambda texts, split: sorted(texts),
        ),
        _known(
            "only files of this split. You read those of all splits: the same film is in training "
            "in one and in the test of another. That is a leak.",
            files=lambda texts, split: texts,
        ),
        _known(
            "the class is in the *file's* name, before `_test_split`. A film's name has other "
            "parts, and not in the same places.",
            action=lambda name, film: "_".join(film.removesuffix(".avi").split("_")[1:-1]),
        ),
        _known(
            "training and test are exchanged: 1 is training.",
            side={"1": 1, "2": 0},
        ),
        _known(
            "marks count from 1 here: 1 is training, 2 is test, 0 is neither.",
            side={"0": 0, "1": 1}, misses=("0", "1"),
        ),
        _known(
            "films lie in the folder of their class: `CLASS/NAME.avi`.",
            path=lambda action, film: film,
        ),
        _known(
            "missing: whole paths, with the folder.",
            missed=lambda action, film, path: film,
        ),
        _known(
            "missing: the paths alone.",
            missed=lambda action, film, path: (path, action),
        ),
        _known(
            "the order: of the files sorted by name, not as the dict has them.",
            files=lambda texts, split: (
                name for name in texts if name.endswith(f"split{split}.txt")
            ),
        ),
        _known(
            "the order: of the *files* sorted by name. `climb_stairs_test_…` comes before "
            "`climb_test_…`.",
            files=lambda texts, split: sorted(
                (n for n in texts if n.endswith(f"split{split}.txt")),
                key=lambda name: name.rpartition("_test_split")[0],
            ),
        ),
        _known(
            "a film that is missing cannot be read: leave it out of both lists.",
            looks=False,
        ),
        _known(
            "test films can be missing, too.",
            misses=("1",),
        ),
        _known(
            "training films can be missing, too.",
            misses=("2",),
        ),
        _known(
            "nothing is missing? Look for each path that the list wants among those there.",
            misses=(),
        ),
    ],
)  # fmt: skip
