"""The readers of published lists: what each gives of a small folder in its layout, and faults."""

from collections.abc import Callable
from pathlib import Path

import dataset_trees as trees
import numpy as np
import pytest
from dataset_trees import CHARADES, KINETICS, charades_row, names, put, write, write_json

from lecturekit import datasets, video
from lecturekit.datasets import Record, Records


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    return trees.make_film(tmp_path_factory.mktemp("film") / "walk.mp4")


@pytest.fixture
def root(tmp_path) -> Path:
    (tmp_path / "videos").mkdir()
    return tmp_path / "videos"


# One list of each data set, and how it is read: (name, lines, reader of a path, line with a fault).
def ucf101(path: Path, root: Path) -> Records:
    return datasets.ucf101(root, path)


def something_v2(path: Path, root: Path) -> Records:
    labels = write_json(path.with_name("labels.json"), {"Holding something": "31"})
    return datasets.something_v2(labels, path, root)


def activitynet(path: Path, root: Path) -> Records:
    return datasets.activitynet(path, "training", root)


READERS = {
    "ucf101": ucf101,
    "kinetics": datasets.kinetics,
    "something_v2": something_v2,
    "ava": datasets.ava,
    "charades": datasets.charades,
    "activitynet": activitynet,
}
AVA_LINE = "1j20qq1JyX4,0902,0.002,0.118,0.714,0.977,12,0"
READS_LINES = {
    "ucf101": ["Archery/v_Archery_g08_c01.avi 3"],
    "kinetics": [KINETICS, "zumba,ZVDR2od1gn8,37,47,val,0"],
    "ava": [AVA_LINE],
    "charades": [CHARADES, charades_row("46GP8", "c092 11.90 21.20")],
}


class TestUcf101:
    def test_trainlist(self, root, film):
        put(film, root / "Archery" / "v_Archery_g08_c01.avi", root / "YoYo" / "v_YoYo_g25_c05.avi")
        split = write(
            root.parent / "trainlist01.txt",
            "YoYo/v_YoYo_g25_c05.avi 101",
            "Archery/v_Archery_g08_c02.avi 3",
            "Archery/v_Archery_g08_c01.avi 3",
        )
        records = datasets.ucf101(root, split)
        assert [(record.path, record.label) for record in records] == [
            (root / "YoYo" / "v_YoYo_g25_c05.avi", "YoYo"),
            (root / "Archery" / "v_Archery_g08_c01.avi", "Archery"),
        ]
        assert records.missing == [root / "Archery" / "v_Archery_g08_c02.avi"]
        assert records[0] == Record(root / "YoYo" / "v_YoYo_g25_c05.avi", "YoYo")
        unused = ("labels", "start_sec", "stop_sec", "boxes")
        assert [getattr(records[0], name) for name in unused] == [None] * 4

    def test_testlist_has_no_numbers(self, root, film):
        put(film, root / "YoYo" / "v_YoYo_g01_c01.avi")
        split = write(root.parent / "testlist01.txt", "YoYo/v_YoYo_g01_c01.avi")
        assert datasets.ucf101(root, split)[0].label == "YoYo"

    @pytest.mark.parametrize("line", ["Bogen schießen/v 1 ü.avi 7", "Bogen schießen/v 1 ü.avi"])
    def test_spaces_and_umlauts(self, root, film, line):
        put(film, root / "Bogen schießen" / "v 1 ü.avi")
        records = datasets.ucf101(root, write(root.parent / "list.txt", line))
        assert names(records, root) == ["Bogen schießen/v 1 ü.avi"]
        assert records[0].label == "Bogen schießen"

    @pytest.mark.parametrize(
        "line",
        ["v_YoYo_g01_c01.avi 1", "YoYo/v_YoYo_g01_c01.avi one", "YoYo/ 3", "YoYo/v 3", "/v.avi"],
    )
    def test_malformed(self, root, line):
        split = write(root.parent / "list.txt", "YoYo/v_YoYo_g01_c01.avi 1", "", line)
        with pytest.raises(ValueError, match=r"list\.txt, line 3: expected folder/film\.avi"):
            datasets.ucf101(root, split)


class TestKinetics:
    def test_both_layouts_and_a_film_that_is_gone(self, root, film):
        put(film, root / "ZVDR2od1gn8_000037_000047.mp4")
        put("carphone", root / "riding a bike" / "0wR5jVB-WPk_000417_000427.mp4")
        csv = write(
            root.parent / "val.csv",
            KINETICS,
            "riding a bike,0wR5jVB-WPk,417,427,val,0",
            "abseiling,3caPS4FHFF8,36,46,val,0",
            "zumba,ZVDR2od1gn8,37,47,val,0",
        )
        records = datasets.kinetics(csv, root)
        assert names(records, root) == [
            "riding a bike/0wR5jVB-WPk_000417_000427.mp4",
            "ZVDR2od1gn8_000037_000047.mp4",
        ]
        assert [record.label for record in records] == ["riding a bike", "zumba"]
        assert [(record.start_sec, record.stop_sec) for record in records] == [(None, None)] * 2
        assert records.missing == [root / "3caPS4FHFF8_000036_000046.mp4"]
        assert repr(records) == "<2 records, 1 video missing>"

    def test_the_flat_place_comes_first(self, root, film):
        name = "ZVDR2od1gn8_000037_000047.mp4"
        put(film, root / name, root / "zumba" / name)
        csv = write(root.parent / "val.csv", KINETICS, "zumba,ZVDR2od1gn8,37,47,val,0")
        assert names(datasets.kinetics(csv, root), root) == [name]

    def test_list_for_testing_has_no_labels(self, root, film):
        put(film, root / "--6bJUbfpnQ_000017_000027.mp4")
        header = "youtube_id,time_start,time_end,split"
        csv = write(root.parent / "test.csv", header, "--6bJUbfpnQ,17,27,test")
        assert [record.label for record in datasets.kinetics(csv, root)] == [None]

    def test_quotes_commas_and_umlauts(self, root, film):
        label = 'öffnet eine "Tür", langsam'
        put(film, root / label / "ab_cdefghij_000001_000011.mp4")
        line = '"öffnet eine ""Tür"", langsam",ab_cdefghij,1,11,val,0'
        records = datasets.kinetics(write(root.parent / "val.csv", KINETICS, line), root)
        assert [record.label for record in records] == [label]

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("zumba,ZVDR2od1gn8,37,47,val", "6 columns, got 5"),
            ("zumba,ZVDR2od1gn8,37,47,val,0,1", "6 columns, got 7"),
            ("zumba,ZVDR2od1gn8,early,47,val,0", "a whole number as time_start, got 'early'"),
            ("zumba,ZVDR2od1gn8,37,47.5,val,0", "a whole number as time_end, got '47.5'"),
            ("zumba,ZVDR2od1gn8,47,47,val,0", "time_start < time_end, got 47 and 47"),
            ('zumba,"ZVDR2od1gn8,37,47,val,0', "comma-separated values"),
        ],
    )
    def test_malformed(self, root, line, message):
        good = "zumba,ZVDR2od1gn8,37,47,val,0"
        csv = write(root.parent / "val.csv", KINETICS, good, line)
        with pytest.raises(ValueError, match=rf"val\.csv, line 3: expected {message}"):
            datasets.kinetics(csv, root)

    def test_a_column_is_not_there(self, root):
        csv = write(root.parent / "val.csv", "label,id,time_start,time_end", "zumba,Z,37,47")
        with pytest.raises(ValueError, match=r"line 1: expected a column 'youtube_id'"):
            datasets.kinetics(csv, root)


class TestSomethingV2:
    def read(self, root: Path, split: object) -> Records:
        numbers = {"Holding something": "31", "Putting something next to something": "107"}
        labels = write_json(root.parent / "labels.json", numbers)
        return datasets.something_v2(labels, write_json(root.parent / "train.json", split), root)

    def entry(self, name: str, template: str) -> dict:
        return {"id": name, "label": "holding a cup", "template": template, "placeholders": ["cup"]}

    def test_template_without_brackets(self, root, film):
        put(film, root / "78687.webm", root / "42326.webm")
        split = [
            self.entry("78687", "Putting [something] next to [something]"),
            self.entry("9", "Holding [something]"),
            self.entry("42326", "Holding [something]"),
        ]
        records = self.read(root, split)
        assert names(records, root) == ["78687.webm", "42326.webm"]
        assert [record.label for record in records] == [107, 31]
        assert records.missing == [root / "9.webm"]

    @pytest.mark.parametrize(
        ("entry", "message"),
        [
            ({"id": "7", "template": "Throwing [something]"}, "id 7: expected a template that"),
            ({"id": "7"}, "id 7: expected a 'template', got id"),
            ({"template": "Holding [something]"}, "entry 1 from 0: expected a 'id'"),
            ("7", "entry 1 from 0: expected an object, got '7'"),
        ],
    )
    def test_bad_entry(self, root, entry, message):
        split = [self.entry("78687", "Holding [something]"), entry]
        with pytest.raises(ValueError, match=rf"train\.json, {message}"):
            self.read(root, split)

    def test_label_that_is_no_number(self, root):
        labels = write_json(root.parent / "labels.json", {"Holding something": "many"})
        split = write_json(root.parent / "train.json", [])
        with pytest.raises(ValueError, match=r"labels\.json, id 'Holding something': expected a w"):
            datasets.something_v2(labels, split, root)


class TestAva:
    def test_one_record_for_each_second_in_order_of_first_appearance(self, root, film):
        put(film, root / "film a.mkv", root / "b.mp4", root / "c.webm")
        csv = write(
            root.parent / "ava.csv",
            "b,0903,0.1,0.2,0.3,0.4,12,5",
            "film a,0902,0.002,0.118,0.714,0.977,12,0",
            "b,0903,0.5,0.2,0.9,0.4,80,6",
            "b,0902,0.1,0.2,0.3,0.4,3,5",
            "b,0903,0.1,0.2,0.3,0.4,17,5",
            "film a,0902,0.002,0.118,0.714,0.977,79,0",
            "gone,1798,0.1,0.2,0.3,0.4,1,0",
            "gone,1797,0.1,0.2,0.3,0.4,1,0",
            "c,1500,0.1,0.2,0.3,0.4,1,0",
        )
        records = datasets.ava(csv, root)
        assert names(records, root) == ["b.mp4", "film a.mkv", "b.mp4", "c.webm"]
        assert [(record.start_sec, record.stop_sec) for record in records] == [
            (901.5, 904.5),
            (900.5, 903.5),
            (900.5, 903.5),
            (1498.5, 1501.5),
        ]
        assert [record.labels for record in records] == [[[12, 17], [80]], [[12, 79]], [[3]], [[1]]]
        assert records[0].label is None
        assert records[0].boxes.tolist() == [[0.1, 0.2, 0.3, 0.4], [0.5, 0.2, 0.9, 0.4]]
        assert records[0].boxes.dtype == np.float64
        assert all(record.boxes.shape == (len(record.labels), 4) for record in records)
        assert records.missing == [root / "gone.mp4"]

    def test_two_people_in_one_box_and_one_person_in_two(self, root, film):
        put(film, root / "b.mp4")
        csv = write(
            root.parent / "ava.csv",
            "b,0903,0.1,0.2,0.3,0.4,12,5",
            "b,0903,0.1,0.2,0.3,0.4,12,6",
            "b,0903,0.1,0.2,0.3,0.5,17,5",
            "b,0903,0.1,0.2,0.3,0.4,80,6",
        )
        (record,) = datasets.ava(csv, root)
        assert record.labels == [[12], [12, 80], [17]]
        assert len(record.boxes) == 3

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("b,0903,0.1,0.2,0.3,0.4,12", "8 columns, got 7"),
            ("b,0903", "8 columns, got 2"),
            ("b,soon,0.1,0.2,0.3,0.4,12,5", "a number as timestamp, got 'soon'"),
            ("b,0903,left,0.2,0.3,0.4,12,5", "a number as a corner, got 'left'"),
            ("b,0903,0.1,0.2,nan,0.4,12,5", "a number as a corner, got 'nan'"),
            ("b,0903,0.1,0.2,0.3,0.4,run,5", "a whole number as label, got 'run'"),
            ("b,0903,0.1,0.2,0.3,0.4,12,x", "a whole number as person, got 'x'"),
            ("b,0903,0.3,0.2,0.3,0.4,12,5", "x0 < x1, got 0.3 and 0.3"),
            ("b,0903,0.1,0.5,0.3,0.4,12,5", "y0 < y1, got 0.5 and 0.4"),
        ],
    )
    def test_malformed(self, root, line, message):
        csv = write(root.parent / "ava.csv", AVA_LINE, line)
        with pytest.raises(ValueError, match=rf"ava\.csv, line 2: expected {message}"):
            datasets.ava(csv, root)


class TestCharades:
    def test_one_record_for_each_action(self, root, film):
        put(film, root / "46GP8.mp4", root / "IDLE1.mp4")
        csv = write(
            root.parent / "train.csv",
            CHARADES,
            charades_row(
                "46GP8", "c092 11.90 21.20;c147 0.00 12.60", '"Tür, auf.\nEr sagt ""ah""."'
            ),
            charades_row("IDLE1", ""),
            charades_row("GONE1", "c001 0.00 1.00;c002 1.00 2.00"),
            charades_row("GONE2", ""),
        )
        records = datasets.charades(csv, root)
        assert [(r.label, r.start_sec, r.stop_sec) for r in records] == [
            ("c092", 11.9, 21.2),
            ("c147", 0.0, 12.6),
        ]
        assert {record.path for record in records} == {root / "46GP8.mp4"}
        assert records.missing == [root / "GONE1.mp4"]

    @pytest.mark.parametrize(
        ("actions", "message"),
        [
            ("c092 11.90", "an action as class, start and stop, got 'c092 11.90'"),
            ("c092 soon 21.20", "a number as start, got 'soon'"),
            ("c071 18.00 10.00", "start < stop, got 18 and 10"),
            ("c071 10.00 10.00", "start < stop, got 10 and 10"),
        ],
    )
    def test_malformed(self, root, actions, message):
        # The row above goes on over two lines: the one with the fault is line 4.
        above = charades_row("A", "c001 0.00 1.00", '"first\nsecond"')
        row = charades_row("B", f"c001 0.00 1.00;{actions}")
        csv = write(root.parent / "train.csv", CHARADES, above, row)
        with pytest.raises(ValueError, match=rf"train\.csv, line 4: expected {message}"):
            datasets.charades(csv, root)

    def test_published_segments_that_stop_before_they_start_can_be_left_out(self, root, film):
        put(film, root / "00SL4.mp4")
        row = charades_row("00SL4", "c071 18.00 10.00;c015 0.00 6.30")
        csv = write(root.parent / "train.csv", CHARADES, row)
        records = datasets.charades(csv, root, leave_out_empty=True)
        assert [record.label for record in records] == ["c015"]
        assert records.left_out == [f"{csv}, line 2: c071 18.00 10.00"]


class TestActivityNet:
    CONTENT = trees.activitynet(
        one=("validation", [(0.5, 1.5, "Archery"), (1.0, 2.0, "Räder prüfen")]),
        two=("training", [(0.0, 1.0, "Archery")]),
        three=("validation", [(0.25, 1.0, "Zumba")]),
        four=("validation", [(0.25, 1.0, "Zumba"), (1.0, 2.0, "Zumba")]),
        five=("testing", []),
    )

    def test_one_record_for_each_segment_of_the_subset(self, root, film):
        put(film, root / "v_one.mkv", root / "three.webm", root / "v_two.mp4", root / "v_five.mp4")
        path = write_json(root.parent / "net.json", self.CONTENT)
        records = datasets.activitynet(path, "validation", root)
        assert names(records, root) == ["v_one.mkv", "v_one.mkv", "three.webm"]
        assert [(r.label, r.start_sec, r.stop_sec) for r in records] == [
            ("Archery", 0.5, 1.5),
            ("Räder prüfen", 1.0, 2.0),
            ("Zumba", 0.25, 1.0),
        ]
        assert records.missing == [root / "v_four.*"]
        assert datasets.activitynet(path, "testing", root) == []

    def test_of_several_files_films_come_first(self, root, film):
        put(film, root / "three.mp4", root / "v_three.webm", root / "v_three.jpg")
        path = write_json(root.parent / "net.json", self.CONTENT)
        records = datasets.activitynet(path, "validation", root)
        assert names(records, root) == ["v_three.webm"]

    def test_unknown_subset(self, root):
        path = write_json(root.parent / "net.json", self.CONTENT)
        message = r"one of 'validation', 'training', 'testing', got 'val'"
        with pytest.raises(ValueError, match=message):
            datasets.activitynet(path, "val", root)

    @pytest.mark.parametrize(
        ("annotation", "message"),
        [
            ({"segment": [1.0, 2.0]}, "a 'label', got segment"),
            ({"segment": [1.0], "label": "Zumba"}, r"a segment \[start, stop\], got \[1\.0\]"),
            ({"segment": ["a", 2.0], "label": "Zumba"}, "a number as start, got 'a'"),
            ({"segment": 3, "label": "Zumba"}, r"a segment \[start, stop\], got 3"),
            ({"segment": [0, 0], "label": "Zumba"}, "start < stop, got 0 and 0"),
            ("Zumba", "an object, got 'Zumba'"),
        ],
    )
    def test_bad_entry(self, root, annotation, message):
        content = trees.activitynet(ab_1=("training", []), ZZVrH3Hv1fM=("training", []))
        content["database"]["ZZVrH3Hv1fM"]["annotations"] = [annotation]
        path = write_json(root.parent / "net.json", content)
        with pytest.raises(ValueError, match=rf"net\.json, id ZZVrH3Hv1fM: expected {message}"):
            datasets.activitynet(path, "training", root)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ([], "a JSON dict, got a list"),
            ({"version": 1}, "a 'database', got version"),
            ({"database": []}, "an object"),
            ({"database": {"a": {"annotations": []}}}, "a 'subset', got annotations"),
            ({"database": {"a": {"subset": "training", "annotations": None}}}, "a list of annot"),
        ],
    )
    def test_other_content(self, root, content, message):
        path = write_json(root.parent / "net.json", content)
        with pytest.raises(ValueError, match=rf"net\.json.*: expected {message}"):
            datasets.activitynet(path, "training", root)

    def test_published_segments_of_no_length_can_be_left_out(self, root, film):
        put(film, root / "v_a.mp4")
        segments = [(0, 0, "Washing hands"), (0, 1, "Zumba")]
        path = write_json(root.parent / "net.json", trees.activitynet(a=("training", segments)))
        records = datasets.activitynet(path, "training", root, leave_out_empty=True)
        assert [record.label for record in records] == ["Zumba"]
        assert records.left_out == [f"{path}, id a: Washing hands 0 0"]


@pytest.mark.parametrize("name", READERS)
class TestEveryReader:
    def test_no_list(self, root, name):
        with pytest.raises(FileNotFoundError, match=r"absent\.txt"):
            READERS[name](root.parent / "absent.txt", root)

    @pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
    def test_empty_list(self, root, name, content):
        path = write(root.parent / "list", content, newline="")
        with pytest.raises(ValueError, match=r"list: expected a list of films, got an empty file"):
            READERS[name](path, root)

    def test_no_utf8(self, root, name):
        path = root.parent / "list"
        path.write_bytes("Archery\nTür".encode("latin-1"))
        with pytest.raises(ValueError, match=r"list, line 2: expected UTF-8, got byte 0xfc"):
            READERS[name](path, root)


@pytest.mark.parametrize("name", READS_LINES)
@pytest.mark.parametrize("style", [{"newline": "\r\n"}, {"bom": True}])
def test_line_ends_and_byte_order_mark(root, name, style):
    path = write(root.parent / "list", *READS_LINES[name], **style)
    records = READERS[name](path, root)
    assert (len(records), len(records.missing)) == (0, 1)
    path = write(root.parent / "list", *READS_LINES[name], "", "?", **style)
    fault = rf"list, line {len(READS_LINES[name]) + 2}: expected"
    with pytest.raises(ValueError, match=fault):
        READERS[name](path, root)


@pytest.mark.parametrize("name", READS_LINES)
def test_a_folder_of_films_that_is_not_there_has_none(tmp_path, name):
    path = write(tmp_path / "list", *READS_LINES[name])
    assert len(READERS[name](path, tmp_path / "nowhere").missing) == 1


@pytest.mark.parametrize("read", [something_v2, activitynet])
def test_bad_json(root, read: Callable[[Path, Path], Records]):
    path = write(root.parent / "list.json", "[", '{"id": "1",', "]")
    with pytest.raises(ValueError, match=r"list\.json, line 3: expected JSON, got"):
        read(path, root)


def test_a_header_alone_is_a_list_of_none(root):
    path = write(root.parent / "list.csv", KINETICS)
    with pytest.raises(ValueError, match=r"list\.csv: expected rows below the header, got none"):
        datasets.kinetics(path, root)


def test_films_of_records_decode(root, film):
    put("carphone", root / "talk" / "v_talk_g01_c01.avi")
    split = write(root.parent / "list.txt", "talk/v_talk_g01_c01.avi 1")
    (record,) = datasets.ucf101(root, split)
    assert video.timing(record.path) == (120, video.probe(record.path).fps)
