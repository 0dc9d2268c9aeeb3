import pytest
import torch
from torch import nn

from lecturekit import ops
from lecturekit.models import PUBLISHED, parts, two_stream
from lecturekit.models.two_stream import (
    CNN_M_2048,
    CNN_M_2048_TEMPORAL,
    TINY,
    OneFrame,
    Stream,
    StreamConfig,
    TwoStream,
    cross_modality_init,
)
from lecturekit.shapes import Conv, Pool

# Chatfield et al., BMVC 2014, Table 1 (CNN-M), and Simonyan and Zisserman 2014, Fig. 1, by hand:
# each convolution has (kernel² · inputs + 1 bias) · outputs weights. Sides at 224 px: 7×7 in steps
# of 2 gives 109, pooled 54; 5×5 in steps of 2, padded by 1, gives 26, pooled (rounded up) 13;
# three of 3×3, pooled 6. So fc6 takes 512 · 6 · 6 numbers.
CONV1 = {3: (7 * 7 * 3 + 1) * 96, 20: (7 * 7 * 20 + 1) * 96}
CONV2 = (5 * 5 * 96 + 1) * 256
CONV3 = (3 * 3 * 256 + 1) * 512
CONV4 = CONV5 = (3 * 3 * 512 + 1) * 512
FC6 = (512 * 6 * 6 + 1) * 4096
FC7 = (4096 + 1) * 2048
TRUNK = CONV2 + CONV3 + CONV4 + CONV5 + FC6 + FC7


def published(in_channels, classes):
    return CONV1[in_channels] + TRUNK + (2048 + 1) * classes


@pytest.fixture(scope="module")
def pair():
    with torch.device("meta"):  # shapes and counts without the 725 MB
        return two_stream.cnn_m_2048()


def test_the_papers_networks_have_the_published_tables_count(pair):
    assert ops.count_parameters(pair.spatial) == published(3, 101)
    assert ops.count_parameters(pair.temporal) == published(20, 101)
    assert published(3, 101) + published(20, 101) == PUBLISHED["cnn_m_2048"].parameters


def test_for_imagenet_it_fills_the_370_mb_of_the_published_file():
    # VGG_CNN_M_2048.caffemodel, 1,000 classes, float32.
    with torch.device("meta"):
        stream = Stream(CNN_M_2048, 3, 1000)
    assert ops.count_parameters(stream) == published(3, 1000)
    assert round(4 * published(3, 1000) / 1e6) == 370


def test_the_feature_maps_have_the_papers_sizes(pair):
    x, sides = torch.zeros(2, 20, 224, 224, device="meta"), []
    for module in pair.temporal.features:
        x = module(x)
        if isinstance(module, nn.Conv2d | nn.MaxPool2d):
            sides.append(x.shape[-1])
    assert sides == [109, 54, 26, 13, 13, 13, 13, 6]
    frames = torch.zeros(2, 3, 224, 224, device="meta")
    assert pair(frames, torch.zeros(2, 20, 224, 224, device="meta")).shape == (2, 101)


def test_the_temporal_stream_differs_by_its_input_and_the_second_normalisation(pair):
    def kinds(stream):
        return [type(m).__name__ for m in (*stream.features, *stream.classifier)]

    spatial, temporal = kinds(pair.spatial), kinds(pair.temporal)
    assert spatial.count("LocalResponseNorm") == 2
    second = spatial.index("LocalResponseNorm", spatial.index("LocalResponseNorm") + 1)
    assert temporal == spatial[:second] + spatial[second + 1 :]
    assert [m.p for m in pair.temporal.modules() if isinstance(m, nn.Dropout)] == [0.9, 0.9]
    assert CNN_M_2048.layers == CNN_M_2048_TEMPORAL.layers


def test_local_response_normalisation_has_krizhevskys_constants(pair):
    # Krizhevsky et al. 2012, Sec. 3.3: a / (2 + 0.0001 · Σ a²)^0.75 over five neighbours.
    norm = next(m for m in pair.spatial.modules() if isinstance(m, nn.LocalResponseNorm))
    a = 40 * torch.rand(1, 9, 2, 3, dtype=torch.float64)
    expected = torch.empty_like(a)
    for i in range(9):
        total = a[:, max(0, i - 2) : i + 3].square().sum(1)
        expected[:, i] = a[:, i] / (2 + 1e-4 * total) ** 0.75
    assert torch.allclose(norm(a), expected)


def test_tiny_is_chapter_3s_backbone_with_a_linear_layer():
    torch.manual_seed(0)
    ours = Stream(TINY, 10, 7).double().eval()
    theirs = parts.Backbone(nn.Conv2d, 10, 12).double().eval()
    kept = list(ours.features.state_dict().values())
    theirs.load_state_dict(dict(zip(theirs.state_dict(), kept, strict=True)))
    x = torch.randn(3, 10, 22, 34, dtype=torch.float64)
    expected = ours.classifier[-1](theirs(x).mean((2, 3)))
    assert torch.allclose(ours(x), expected)


def test_hidden_layers_fit_odd_sizes_and_drop_out_only_while_training():
    pool = Pool(3, stride=2, ceil_mode=True)
    layers = (Conv(4, 5, stride=2), pool, Conv(6, 3, padding=1), pool)
    torch.manual_seed(0)
    stream = Stream(StreamConfig(layers, lrn=(1,), hidden=(11, 9), dropout=0.5, size=45), 4, 3)
    x = torch.randn(5, 4, 45, 45)
    assert not torch.equal(stream(x), stream(x))
    assert torch.equal(stream.eval()(x), stream(x))
    assert stream(x).shape == (5, 3)


def test_a_padded_pooling_gives_the_first_linear_layer_the_map_it_is_made_for():
    # (20 + 2 · 1 − 3) / 2 + 1 = 10 rows and columns; without the padding they would be 9.
    layers = (Conv(4, 3, padding=1), Pool(3, stride=2, padding=1))
    stream = Stream(StreamConfig(layers, hidden=(11,), size=20), 3, 5)
    x = torch.randn(2, 3, 20, 20)
    assert stream.features(x).shape == (2, 4, 10, 10)
    assert stream(x).shape == (2, 5)


def test_fusion_is_the_mean_of_the_softmaxes_and_not_of_the_scores():
    torch.manual_seed(0)
    spatial, temporal = Stream(TINY, 3, 5).eval(), Stream(TINY, 8, 5).eval()
    for parameter in spatial.classifier.parameters():
        parameter.data *= 30
    frames, flows = torch.randn(4, 3, 20, 26), torch.randn(4, 8, 20, 26)
    fused = TwoStream(spatial, temporal)(frames, flows)
    one, two = (torch.exp(s.log_softmax(1)) for s in (spatial(frames), temporal(flows)))
    assert torch.allclose(fused, 0.5 * one + 0.5 * two)
    assert torch.allclose(fused.sum(1), torch.ones(4))
    assert not torch.allclose(fused, (spatial(frames) + temporal(flows)).softmax(1), atol=0.05)


def test_one_frame_sees_the_middle_one_and_any_while_training():
    torch.manual_seed(0)
    model = OneFrame(Stream(TINY, 3, 5)).double()
    clips = torch.randn(64, 3, 5, 12, 20, dtype=torch.float64, requires_grad=True)
    model.eval()(clips).sum().backward()
    assert clips.grad.abs().sum((0, 1, 3, 4)).nonzero().flatten().tolist() == [2]
    assert torch.equal(model(clips), model.stream(clips[:, :, 2]))
    clips.grad = None
    model.train()(clips).square().sum().backward()
    seen = clips.grad.abs().sum((1, 3, 4)) > 0
    assert (seen.sum(1) == 1).all()
    assert seen.any(0).all()


def test_cross_modality_weights_answer_to_grey_as_colour_weights_do():
    conv = nn.Conv2d(3, 4, (5, 3), bias=False).double()
    weight = cross_modality_init(conv.weight.detach(), 14)
    assert weight.shape == (4, 14, 5, 3)
    grey = torch.randn(2, 1, 9, 11, dtype=torch.float64)
    answer = nn.functional.conv2d(grey.expand(-1, 14, -1, -1), weight)
    assert torch.allclose(answer, conv(grey.expand(-1, 3, -1, -1)) * 14 / 3)
    # Every channel alike: at the start, the order of the flow fields is not seen.
    shuffled = torch.randperm(14)
    x = torch.randn(2, 14, 9, 11, dtype=torch.float64)
    assert torch.allclose(
        nn.functional.conv2d(x, weight), nn.functional.conv2d(x[:, shuffled], weight)
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Stream(TINY, 6, 4)(torch.zeros(2, 3, 16, 16)),
         r"pictures: expected shape \(B, 6, H, W\), got \(2, 3, 16, 16\)"),
        (lambda: Stream(TINY, 6, 4)(torch.zeros(6, 16, 16)),
         r"pictures: expected shape \(B, 6, H, W\), got \(6, 16, 16\)"),
        (lambda: Stream(StreamConfig((Conv(4, 3),), size=16), 3, 4)(torch.zeros(2, 3, 16, 18)),
         r"pictures: expected shape \(B, 3, 16, 16\), got \(2, 3, 16, 18\)"),
        (lambda: Stream(StreamConfig((Conv(4, 3),), hidden=(8,)), 3, 4), "config: expected a size"),
        (lambda: OneFrame(Stream(TINY, 3, 4))(torch.zeros(2, 16, 3, 20, 20)),
         r"clips: expected shape \(B, 3, T, H, W\), got \(2, 16, 3, 20, 20\)"),
        (lambda: TwoStream(Stream(TINY, 3, 4), Stream(TINY, 6, 5))(
            torch.zeros(2, 3, 16, 16), torch.zeros(2, 6, 16, 16)),
         r"flows: expected scores of shape \(2, 4\), as of frames, got \(2, 5\)"),
        (lambda: cross_modality_init(torch.zeros(4, 1, 3, 3), 20),
         r"weight_rgb: expected shape \(F, 3, kh, kw\), got \(4, 1, 3, 3\)"),
        (lambda: cross_modality_init(torch.zeros(4, 3, 3, 3), 0),
         "num_channels: expected at least 1, got 0"),
    ],
)  # fmt: skip
def test_a_bad_argument_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
