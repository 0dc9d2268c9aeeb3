"""Icons, drawn inline: no page asks for a font or a picture of them."""


def _icon(path: str) -> str:
    return (
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f'<path d="{path}"/></svg>'
    )


# Drawn for this book: strokes on a grid of 24.
ICONS = {
    "menu": _icon("M4 7h16M4 12h16M4 17h16"),
    "search": _icon("M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13ZM15.5 15.5 20 20"),
    "sun": _icon(
        "M12 16a4 4 0 1 1 0-8 4 4 0 0 1 0 8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2"
        "M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4"
    ),
    "moon": _icon("M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z"),
    "download": _icon("M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14"),
    "colab": _icon("M10 7.5a5 5 0 1 0 0 9M14 16.5a5 5 0 1 0 0-9 5 5 0 0 0 0 9Z"),
    "edit": _icon("M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5ZM14 6.5 17.5 10"),
    "issue": _icon("M12 20.5a8.5 8.5 0 1 1 0-17 8.5 8.5 0 0 1 0 17ZM12 7.5v5.5M12 16v.5"),
    "left": _icon("M14.5 6 8.5 12l6 6"),
    "right": _icon("M9.5 6l6 6-6 6"),
    "code": _icon("M8.5 7.5 4 12l4.5 4.5M15.5 7.5 20 12l-4.5 4.5"),
}
