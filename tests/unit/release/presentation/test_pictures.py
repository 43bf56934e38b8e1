"""Pictures: an SVG can be seen and do nothing else, others are what their ending says."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from fonds.release.presentation.pictures import LOGO_ENDINGS, Unusable, examine

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 120 40">{}</svg>'


def refused(path: Path, **options: object) -> str:
    with pytest.raises(Unusable) as caught:
        examine(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


def drawing(folder: Path, inside: str, whole: str = SVG) -> Path:
    path = folder / "logo.svg"
    path.write_text(whole.replace("{}", inside), encoding="utf-8")
    return path


def test_a_drawing_with_gradients_styles_and_embedded_pixels_is_taken(tmp_path: Path) -> None:
    inside = (
        '<defs><linearGradient id="href"/></defs><style>.a{fill:url(#href)} .b{fill:url("data:image/png;base64,aa")}</style>'
        '<use xlink:href="#href"/><image href="data:image/png;base64,iVBORw0KGgo="/><path style="fill:url(#href)" d="M0 0"/>'
    )
    assert (examine(drawing(tmp_path, inside)).width, examine(drawing(tmp_path, inside)).height) == (120, 40)


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<script>alert(1)</script>", "has an element script"),
        ("\n<g onload='alert(1)'/>", ":2: has a script in onload"),
        ("<foreignObject/>", "has an element foreignObject"),
        ('<image href="https://a.example/x.png"/>', "leads to 'https://a.example/x.png'"),
        ('<use xlink:href="other.svg#a"/>', "leads to 'other.svg#a'"),
        ('<a href="javascript:alert(1)"><path d="M0 0"/></a>', "leads to 'javascript:alert(1)'"),
        ('<image href="data:image/svg+xml,&lt;svg/>"/>', "leads to 'data:image/svg+xml"),
        ('<path fill="url(https://a.example/p.svg#a)" d="M0 0"/>', "loads 'https://a.example/p.svg#a'"),
        ("<style>@import 'x.css';</style>", "imports a style sheet"),
        ("<style>a{}<![CDATA[ b{background:url(//a.example/x)} ]]></style>", "loads '//a.example/x'"),
        ('<set attributeName="xlink:href" to="javascript:1"/>', "changes where something leads"),
        ("<?php x ?>", "has a processing instruction"),
        ("<g>", "is not well-formed XML"),
    ],
)
def test_a_drawing_that_could_do_more_than_be_seen_is_refused(tmp_path: Path, inside: str, told: str) -> None:
    assert told in refused(drawing(tmp_path, inside))


@pytest.mark.parametrize(
    ("whole", "told"),
    [
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "has a DOCTYPE"),
        ('<?xml-stylesheet href="x.css"?>' + SVG, "names a style sheet elsewhere"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'/>", "is not an SVG"),
        ('<svg viewBox="0 0 1 1"/>', "is not an SVG"),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="40"/>', "has no size"),
        ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 40"/>', "is of no size"),
        ("", "is not well-formed XML"),
    ],
)
def test_a_file_that_is_no_plain_drawing_is_refused(tmp_path: Path, whole: str, told: str) -> None:
    assert told in refused(drawing(tmp_path, "", whole))


def test_a_drawing_of_one_unit_keeps_its_proportion(tmp_path: Path) -> None:
    path = drawing(tmp_path, "", '<svg xmlns="http://www.w3.org/2000/svg" width="1.5in" height="0.5in"/>')
    assert (examine(path).width, examine(path).height) == (150, 50)


def test_pixels_are_what_their_ending_says(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20)).save(buffer, "PNG")
    whole = buffer.getvalue()
    (tmp_path / "a.png").write_bytes(whole)
    assert (examine(tmp_path / "a.png").width, examine(tmp_path / "a.png").height) == (30, 20)
    (tmp_path / "b.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "c.jpg").write_bytes(whole)
    (tmp_path / "d.png").write_text("<script>", encoding="utf-8")
    for name, wanted in (("b.png", "PNG"), ("c.jpg", "JPEG"), ("d.png", "PNG")):
        assert f"{name}: is not a whole {wanted}, as its ending says" in refused(tmp_path / name)
    assert "is no picture of a kind that is taken: .png, .svg" in refused(
        tmp_path / "c.jpg", endings=LOGO_ENDINGS
    )
    assert "a picture here may have 50" in refused(tmp_path / "a.png", most_bytes=50)
    assert "cannot be read (No such file" in refused(tmp_path / "none.png")
