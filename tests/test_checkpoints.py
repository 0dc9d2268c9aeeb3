"""What is loaded, what is refused, and that a refusal leaves the network as it was."""

import os
import pickle
import re

import pytest
import torch

from lecturekit.checkpoints import CheckpointError, load_published
from lecturekit.models import convnets, resnet50, timesformer, vivit

TINY = resnet50.ResNet50Config((1, 3), ((1,), (1,), (3,), (3,)), None, width=2, blocks=(1,) * 4)
STEM, SHORTCUT, HEAD = (
    "blocks.0.conv.weight", "blocks.1.res_blocks.0.branch1_conv.weight", "blocks.5.proj.bias"
)  # fmt: skip
COUNTER = "blocks.0.norm.num_batches_tracked"


def network():
    return resnet50.VideoResNet50(TINY, 4)


def published():
    """A state dict as a file has it, each tensor filled with a number of its own."""
    torch.manual_seed(1)
    names, tensors = [], []
    for key, value in network().state_dict().items():
        names.append(published_name(key))
        tensors.append(torch.full_like(value, len(names)))
    return dict(zip(names, tensors, strict=True))


def published_name(key):
    """By rules of its own: what `lecturekit.checkpoints` does otherwise."""
    key = re.sub(r"^head\.linear", "blocks.5.proj", key)
    key = re.sub(r"^stem", "blocks.0", key)
    key = re.sub(
        r"^stages\.(\d)\.(\d)\.", lambda m: f"blocks.{int(m[1]) + 1}.res_blocks.{m[2]}.", key
    )
    key = re.sub(r"shortcut\.", "branch1_", key)
    return re.sub(r"(res_blocks\.\d\.)((?:conv|norm)_)", r"\1branch2.\2", key)


@pytest.fixture
def refused():
    """Calls `load_published`, expects an error, and looks at the network afterwards."""

    def call(source, message, format="pytorchvideo", error=CheckpointError):
        model = network()
        before = {key: value.clone() for key, value in model.state_dict().items()}
        with pytest.raises(error, match=message) as caught:
            load_published(model, source, format)
        after = model.state_dict()
        assert all(torch.equal(before[key], after[key]) for key in before)
        return str(caught.value)

    return call


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("saved", [False, True])
def test_a_checkpoint_is_loaded_whole(tmp_path, wrapped, saved):
    state = published()
    source = {"epoch": 3, "model_state": state, "cfg": "x: 1"} if wrapped else state
    if saved:
        torch.save(source, tmp_path / "weights.pyth")
        source = str(tmp_path / "weights.pyth")
    model = network()
    load_published(model, source, "pytorchvideo")
    for key, value in model.state_dict().items():
        assert torch.equal(value, state[published_name(key)]), key


def test_the_table_knows_every_key_once():
    assert len(published()) == len(network().state_dict())
    assert {STEM, SHORTCUT, HEAD, COUNTER} <= set(published())


def test_the_weights_are_copies_in_the_networks_own_type():
    state = {k: v.half() if v.is_floating_point() else v for k, v in published().items()}
    model = network()
    load_published(model, state, "pytorchvideo")
    state[STEM].zero_()
    assert model.stem.conv.weight.dtype == torch.float32
    assert model.stem.conv.weight.min() == 1


def test_files_from_before_batch_norms_counted_have_no_counters(refused):
    state = {k: v for k, v in published().items() if not k.endswith("num_batches_tracked")}
    model = network()
    load_published(model, state, "pytorchvideo")
    assert model.stem.norm.num_batches_tracked == 0
    assert model.stem.norm.running_var.unique().tolist() == [5]
    # All or none: one that is missing among others is a fault.
    refused({k: v for k, v in published().items() if k != COUNTER}, f"{COUNTER}: .* no key")


@pytest.mark.parametrize("name", ["r3d_18", "mc3_18", "r2plus1d_18"])
def test_torchvisions_networks_load_by_their_own_names(name):
    torch.manual_seed(0)
    source = getattr(convnets, name)(5)
    model = getattr(convnets, name)(5)
    assert not torch.equal(model.fc.weight, source.fc.weight)
    load_published(model, source.state_dict(), "torchvision")
    assert all(
        torch.equal(mine, theirs)
        for mine, theirs in zip(model.parameters(), source.parameters(), strict=True)
    )


@pytest.mark.parametrize("key", [STEM, SHORTCUT, HEAD, COUNTER])
def test_a_missing_key_is_named_as_in_the_file(refused, key):
    state = published()
    shape = tuple(state.pop(key).shape)
    message = refused(state, re.escape(f"{key}: expected "))
    assert f"{shape}, got no key" in message


def test_a_key_too_many_is_named(refused):
    refused(
        published() | {"blocks.9.proj.bias": torch.zeros(3)},
        r"blocks\.9\.proj\.bias: expected no such key",
    )


@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        (torch.zeros(2, 3, 1, 3), r"float32 \(2, 3, 1, 3\)"),
        (torch.zeros(2, 3, 3, 3, 1), r"float32 \(2, 3, 3, 3, 1\)"),
        (torch.zeros(2, 3, 1, 3, 3, dtype=torch.int64), r"int64 \(2, 3, 1, 3, 3\)"),
        (torch.zeros(2, 3, 1, 3, 3, dtype=torch.complex64), r"complex64 \(2, 3, 1, 3, 3\)"),
        (torch.zeros(2, 3, 1, 3, 3).to_sparse(), r"torch.sparse_coo float32"),
        (torch.zeros(2, 3, 1, 3, 3, device="meta"), r"without numbers"),
        ([1.0], "list"),
        (None, "NoneType"),
    ],
    ids=["axes", "shape", "integers", "complex", "sparse", "meta", "list", "None"],
)
def test_what_does_not_fit_is_named_with_both(refused, wrong, got):
    refused(
        published() | {STEM: wrong},
        rf"{re.escape(STEM)}: expected float32 \(2, 3, 1, 3, 3\), got {got}",
    )


@pytest.mark.parametrize("wrong", [torch.tensor(3.0), torch.tensor(3j)])
def test_a_counter_is_a_whole_number(refused, wrong):
    refused(published() | {COUNTER: wrong}, rf"{COUNTER}: expected int64 \(\), got (float|complex)")


def test_nothing_is_loaded_when_the_last_key_is_at_fault(refused):
    refused(
        published() | {HEAD: torch.zeros(5)}, r"proj\.bias: expected float32 \(4,\), got .*\(5,\)"
    )


def test_another_models_weights_are_refused_in_few_words(refused):
    message = refused(
        convnets.r3d_18(3).state_dict(), rf"VideoResNet50 .*{re.escape(STEM)}: expected"
    )
    assert re.search(r"and \d+ keys more$", message)
    assert len(message) < 600


@pytest.mark.parametrize("state", [{}, {"model_state": {}}, {"model_state": None}, {3: 4}])
def test_a_dictionary_of_something_else_is_refused(refused, state):
    refused(state, "the state dict: expected")


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("write", ["torch", "pickle"])
def test_a_pickle_that_would_run_code_does_not(refused, tmp_path, write):
    struck, file = tmp_path / "struck", tmp_path / "bomb.pt"
    state = published() | {"epoch": Bomb(struck)}
    if write == "torch":
        torch.save(state, file)
    else:
        file.write_bytes(pickle.dumps(state))
    message = refused(file, rf"{re.escape(str(file))}: expected")
    assert not struck.exists()
    assert "weights_only" not in message  # torch's own advice is to let it run
    # It is live: whoever reads the file with code and all is struck.
    torch.load(file, weights_only=False) if write == "torch" else pickle.loads(file.read_bytes())
    assert struck.exists()


def test_what_a_pickle_would_run_is_named(refused, tmp_path):
    torch.save({"a": Bomb(tmp_path / "struck")}, tmp_path / "bomb.pt")
    refused(tmp_path / "bomb.pt", r"got one that would run \w+\.mkdir$")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old"])
def test_a_truncated_file_is_named(refused, tmp_path, share, zipped):
    whole, cut = tmp_path / "whole.pt", tmp_path / "cut.pt"
    torch.save(published(), whole, _use_new_zipfile_serialization=zipped)
    load_published(network(), whole, "pytorchvideo")
    content = whole.read_bytes()
    cut.write_bytes(content[: int(share * len(content))])
    refused(cut, rf"^{re.escape(str(cut))}: expected a whole file .* bytes that begin with")


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><title>404</title>",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"\x00" * 99,
        b"PK\x03\x04",
    ],
    ids=["web page", "pointer", "zeros", "zip"],
)
def test_a_file_that_is_no_checkpoint_is_named(refused, tmp_path, content):
    file = tmp_path / "SLOW_8x8_R50.pyth"
    file.write_bytes(content)
    message = refused(file, rf"^{re.escape(str(file))}: expected a whole file")
    assert repr(content[:16]) in message


@pytest.mark.parametrize("value", [torch.zeros(3), [1, 2], "words", 5])
def test_a_file_of_something_else_is_named(refused, tmp_path, value):
    torch.save(value, tmp_path / "x.pt")
    refused(tmp_path / "x.pt", rf"x\.pt: expected weights by name, got {type(value).__name__}")


def test_a_folder_and_a_path_that_leads_nowhere_are_named(refused, tmp_path):
    refused(tmp_path, f"{re.escape(str(tmp_path))}: .* a folder")
    refused(tmp_path / "none.pt", r"none\.pt: .* no such file")


def test_an_unknown_format_lists_those_there_are(refused, tmp_path):
    message = refused(published(), "format: expected one of", "pytorch", ValueError)
    assert all(repr(known) in message for known in ("pytorchvideo", "torchvision", "piergiaj"))


def test_the_name_of_a_file_is_in_an_error_about_its_keys(refused, tmp_path):
    torch.save(published() | {"more": torch.zeros(1)}, tmp_path / "x.pt")
    refused(tmp_path / "x.pt", r"x\.pt: .*; more: expected no such key")


VIVIT = vivit.ViViTConfig(4, (16, 24), (2, 8, 8), width=6, depth=2, heads=2, hidden=10)
LAYER = "vivit.encoder.layer.1.attention.attention"


def three_in_one():
    """A ViViT, and a published file of it: queries 1, keys 2, values 3, the others random."""
    generator = torch.Generator().manual_seed(0)
    filled = {"query": 1, "key": 2, "value": 3}
    state = {
        "vivit.embeddings.cls_token": (1, 1, 6),
        "vivit.embeddings.position_embeddings": (1, 13, 6),
        "vivit.embeddings.patch_embeddings.projection.weight": (6, 3, 2, 8, 8),
        "vivit.embeddings.patch_embeddings.projection.bias": (6,),
        "vivit.layernorm.weight": (6,),
        "vivit.layernorm.bias": (6,),
        "classifier.weight": (4, 6),
        "classifier.bias": (4,),
    }
    for n in range(2):
        for name, shape in {
            **{f"attention.attention.{x}": (6, 6) for x in filled},
            "attention.output.dense": (6, 6), "intermediate.dense": (10, 6),
            "output.dense": (6, 10), "layernorm_before": (6,), "layernorm_after": (6,),
        }.items():  # fmt: skip
            state[f"vivit.encoder.layer.{n}.{name}.weight"] = shape
            state[f"vivit.encoder.layer.{n}.{name}.bias"] = shape[:1]
    state = {key: torch.randn(shape, generator=generator) for key, shape in state.items()}
    for key, value in state.items():
        if (word := key.split(".")[-2]) in filled:
            value.fill_(filled[word])
    return vivit.ViViT(VIVIT, 4), state


def test_queries_keys_and_values_make_one_matrix_in_this_order():
    model, state = three_in_one()
    load_published(model, state, "transformers")
    for block in model.encoder.blocks:
        for part in (block.attention.qkv.weight, block.attention.qkv.bias):
            assert [chunk.unique().tolist() for chunk in part.chunk(3)] == [[1], [2], [3]]
    shrink = model.encoder.blocks[1].mlp.shrink.weight
    assert torch.equal(shrink, state["vivit.encoder.layer.1.output.dense.weight"])
    assert torch.equal(model.head.weight, state["classifier.weight"])


@pytest.mark.parametrize("wrong", [None, torch.zeros(6, 7), torch.zeros(18, 6)])
@pytest.mark.parametrize("word", ["query", "key", "value"])
def test_a_fault_in_a_part_is_named_by_the_part(word, wrong):
    model, state = three_in_one()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    key = f"{LAYER}.{word}.weight"
    state.pop(key)
    if wrong is not None:
        state[key] = wrong
    got = "no key" if wrong is None else f"float32 {tuple(wrong.shape)}"
    message = (
        rf"transformers names them; {re.escape(f'{key}: expected float32 (6, 6), got {got}')}$"
    )
    with pytest.raises(CheckpointError, match=message):
        load_published(model, state, "transformers")
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


def test_axes_of_one_number_may_be_more_or_fewer_but_not_moved():
    config = timesformer.TimeSformerConfig(2, 8, (1, 8, 8), width=6, depth=0, heads=2, hidden=6)
    model = timesformer.TimeSformer(config, 4)
    key = "timesformer.embeddings.patch_embeddings.projection.weight"
    state = {
        "timesformer.embeddings.cls_token": torch.randn(6),
        "timesformer.embeddings.position_embeddings": torch.randn(1, 2, 6),
        "timesformer.embeddings.time_embeddings": torch.randn(2, 6),
        key: torch.randn(6, 3, 8, 8),
        "timesformer.embeddings.patch_embeddings.projection.bias": torch.randn(6),
        "timesformer.layernorm.weight": torch.randn(6),
        "timesformer.layernorm.bias": torch.randn(6),
        "classifier.weight": torch.randn(4, 6),
        "classifier.bias": torch.randn(4),
    }
    load_published(model, state, "transformers")
    assert torch.equal(model.tubelets.project.weight[:, :, 0], state[key])
    state[key] = state[key][..., None]
    with pytest.raises(CheckpointError, match=r"got float32 \(6, 3, 8, 8, 1\)$"):
        load_published(model, state, "transformers")
