"""What a page folds away: cells with a label that says what is in them, and asides.

An aside is an admonition of class ``dropdown``. The code cells tagged ``aside`` that follow it
belong to it, and so does a next aside of the same title: prose, code, prose make one box. With
the class ``choice``, too, the box is an answer to one of several choices, and says so.
"""

from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

FOLDED, CHOICE = "dropdown", "choice"
SIGN = "Aside: "


class aside(nodes.General, nodes.Element):
    """A folded box; its first child is the title."""


class aside_title(nodes.General, nodes.TextElement):
    """What stands on a folded box."""


def label_cells(_: Sphinx, doctree: nodes.document) -> None:
    """Say on each hidden cell what opening it shows."""
    for cell in doctree.findall(_is_cell):
        if cell.get("hide_mode"):
            cell["prompt_show"] = cell["prompt_hide"] = label(cell)


def label(cell: nodes.container) -> str:
    """A few words for what a hidden cell holds."""
    tags = cell["cell_metadata"].get("tags", ())
    if "solution" in tags:
        return "Solution"
    if "colab" in tags:
        return "Set-up on Colab"
    if "aside" in tags:
        return "Aside: the code"
    if cell["hide_mode"] == "output":
        return "The output of this code"
    if cell["hide_mode"] == "input":
        return f"The code of this {_kind_of_output(cell)}"
    imports = cell.astext().startswith(("import ", "from "))
    return "Imports" if imports else "Code and its output"


def _kind_of_output(cell: nodes.container) -> str:
    mime_types = {node.get("mime_type", "") for node in cell.findall(nodes.Element)}
    if any(mime_type.startswith("image/") for mime_type in mime_types):
        return "figure"
    return "explorer" if "text/html" in mime_types else "output"


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


class FoldAsides(SphinxPostTransform):
    """Makes folded boxes of admonitions, with the cells that belong to them."""

    # Before MyST-NB folds each hidden cell by itself, at 199.
    default_priority = 198
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for box in list(self.document.findall(nodes.admonition)):
            # One that went on from another aside is gone by now.
            if _is_folded(box) and box in box.parent.children:
                self._fold(box)

    def _fold(self, box: nodes.admonition) -> None:
        title, *content = box.children
        name = title.astext()
        folded = aside("", classes=["aside"], ids=box["ids"])
        words = title.next_node(nodes.Text)
        if words.startswith(SIGN):  # said in the notebook, where nothing else says it
            words.parent.replace(words, nodes.Text(words.removeprefix(SIGN)))
        sign = "You choose" if CHOICE in box["classes"] else "Aside"
        folded += [aside_title("", "", *title.children, sign=sign), *content]
        position = box.parent.index(box)
        for sibling in box.parent.children[position + 1 :]:
            if _is_cell(sibling) and "tag_aside" in sibling["classes"]:
                # Whoever has opened the box need not open its code as well.
                sibling.attributes.pop("hide_mode", None)
                more = [sibling]
            elif _is_folded(sibling) and sibling.children[0].astext() == name:
                more = sibling.children[1:]
            else:
                break
            box.parent.remove(sibling)
            folded += more
        box.parent[position] = folded


def _is_folded(node: nodes.Node) -> bool:
    return isinstance(node, nodes.admonition) and FOLDED in node["classes"]


def visit_hidden(translator: HTML5Translator, node: HideCodeCellNode) -> None:
    classes = ["hide", *node["classes"]]
    label = translator.encode(node["prompt_show"])
    start = translator.starttag(node, "details", CLASS=" ".join(classes))
    translator.body.append(f"{start}<summary>{label}</summary>\n")


def visit_aside(translator: HTML5Translator, node: aside) -> None:
    translator.body.append(translator.starttag(node, "details"))


def depart_details(translator: HTML5Translator, _: nodes.Element) -> None:
    translator.body.append("</details>\n")


def visit_title(translator: HTML5Translator, node: aside_title) -> None:
    translator.body.append(f'<summary><span class="aside-sign">{node["sign"]}</span> ')


def depart_title(translator: HTML5Translator, _: aside_title) -> None:
    translator.body.append("</summary>\n")


def setup(app: Sphinx) -> None:
    app.add_node(aside, html=(visit_aside, depart_details))
    app.add_node(aside_title, html=(visit_title, depart_title))
    # MyST-NB's own writes two labels, one for each state, and a name that is neither.
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden, depart_details))
    app.add_post_transform(FoldAsides)
    app.connect("doctree-read", label_cells)
