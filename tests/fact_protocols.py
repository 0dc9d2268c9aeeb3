"""What the protocol texts of ``figures.csv`` say, read by rule, to hold ``comparisons.csv``."""

import re

from lecturekit.facts import Fact

# Sources that write the views of a test as crops × clips; the others write clips × crops. A source
# of neither list gives the product alone.
CROPS_FIRST = {"pyslowfast", "pytorchvideo", "fan2021"}
CLIPS_FIRST = {
    *("mmaction2", "videoswincode", "tong2022", "videomaecode", "videomaev2code"),
    *("arnab2021", "scenic", "bertasius2021", "feichtenhofer2019", "jepacode"),
}
# Sources whose bare "4 × 16" is frames × stride, not views.
FRAMES_STRIDE = {"feichtenhofer2019", "wang2018nonlocal"}
# The first that fits is meant: a set named beside ImageNet is the larger one.
PRETRAINING = {
    "larger labelled": r"Sports-1M|IG-65M|JFT|K400 pretraining|Kinetics-710|(?<!no )K710",
    "without labels": r"without labels|UnlabeledHybrid|pretrained by masking|no extra data",
    "ImageNet-21K": r"IN-2[12]K|ImageNet-2[12][kK]",
    "none": r"from scratch|no ImageNet|\bscratch\b",
    "ImageNet": r"IN-1K|ImageNet",
}

# The first that fits: what is not called a stream of flow sees frames.
INPUTS = (
    ("RGB", "RGB alone"),
    ("flow", r"flow alone|(?<!\+)Flow"),
    ("RGB + flow", r"RGB\+Flow|[Tt]wo-[Ss]tream"),
    ("RGB", ""),
)


def _views(first: int, second: int, key: str) -> dict[str, int]:
    if key in CROPS_FIRST:
        first, second = second, first
    elif key not in CLIPS_FIRST:
        return {"views": first * second}
    return {"clips": first, "crops": second}


def _of_name(name: str) -> dict[str, int]:
    """SlowFast 4x16, TSN 1x1x8, C2D 32f, MViTv2-L (312px); in "ViViT-B/16x2" they are patches."""
    said = {}
    if found := re.search(r"(?<![/\dx])(\d+)x(\d+)", name):
        frames, stride = map(int, found.groups())
        said = {"frames": frames} | ({"stride": stride} if frames > 1 else {})
    if found := re.search(r"(\d+)(?:f\b| frames)", name):
        said["frames"] = int(found[1])
    if found := re.search(r"(\d+) ?px", name):
        said["size_px"] = int(found[1])
    return said


def _of_products(text: str, key: str, *, spans: bool) -> dict[str, int]:
    """Read 8x224x224, 16x5x3, 8x32x1, 1x3 views, 32x2, 6.2x30.

    Args:
        text: of a protocol.
        key: of its source.
        spans: whether a bare pair is frames × stride; else it is views.
    """
    said = {}
    for found in re.finditer(r"(?<![\d.x])(\d+(?:\.\d+)?)x(\d+)(?:x(\d+))?( views?)?", text):
        if "." in found[1] or int(found[1]) > int(found[2]) > 29:
            said["views"] = int(found[2])  # the cost of one view × views
            continue
        first, second, third = int(found[1]), int(found[2]), int(found[3] or 0)
        if second > 99:
            said |= {"size_px": second} | ({"frames": first} if third or first != second else {})
        elif third > 1:
            said |= {"frames": first, **_views(second, third, key)}
        elif third == 1 or (spans and not found[4] and f"views: {found[0]}" not in text):
            said |= {"frames": first, "stride": second}
        else:
            said |= _views(first, second, key)
    return said


WORDS = {
    "frames": (r"(\d+) frames?(?! averaged)", r"(\d+)f\b", r"clip length (\d+)"),
    "stride": (r"stride (\d+)",),
    "clips": (r"(\d+) clips?\b", r"(\d+) snippets", r"(\d+) frames averaged", r"per video (\d+)"),
    "crops": (r"(\d+) crops?",),
    "views": (r"(?<![x\d])(\d+)[ -]views?", r"views: (\d+)(?![\dx])"),
    "size_px": (r"crops of (\d+)", r"(?:^|[;,f] ?)(\d{3})(?=$|[;,])", r"(\d{3}) ?px"),
}


def said(fact: Fact) -> dict[str, int | str]:
    """What the name and the protocol of a figure say of how it was measured."""
    text = fact.protocol
    if aside := re.search(r" \((?:(\d+f): )?[^()]*\)", text):  # of another line, or of this one
        text = aside[0] if aside[1] and aside[1] in fact.name else text.replace(aside[0], "")
    text = re.sub(r"(?<=[\ds])\s*[×x]\s*(?=\d)", "x", text)
    text = re.sub(r"(\d+) (frames|clips)x", r"\1 \2 x ", text)
    found: dict[str, int | str] = dict(_of_name(fact.name))
    if whole := re.search(r"(\d+) frames x (\d+)x(\d+)", text):
        frames, first, second = map(int, whole.groups())
        found |= {"frames": frames, **_views(first, second, fact.key)}
        text = text.replace(whole[0], "")
    spans = "view" in text or fact.key in FRAMES_STRIDE or fact.quantity.startswith("cost")
    found |= _of_products(text, fact.key, spans=spans)
    for field, patterns in WORDS.items():
        for pattern in patterns:
            if match := re.search(pattern, text):
                found[field] = int(match[1])
    if "frames averaged" in text:
        found["frames"] = 1
    found["inputs"] = next(inputs for inputs, word in INPUTS if re.search(word, fact.name))
    for pretraining, pattern in PRETRAINING.items():
        if re.search(pattern, f"{fact.name}; {fact.protocol}"):
            found["pretraining"] = pretraining
            break
    return found
