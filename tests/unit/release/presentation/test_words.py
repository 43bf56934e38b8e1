"""Pages of words: no HTML but what CommonMark makes, and every link leads somewhere."""

from __future__ import annotations

import pytest

from fonds.errors import Fault
from fonds.release.presentation.links import Leads, Names, where
from fonds.release.presentation.words import Rendered, Source, fragment_faults, render

NAMES = Names({"visiting.md": "pages/visiting", "about.md": "about", "home.md": ""}, frozenset({"gaps"}))


def page(text: str, name: str = "visiting") -> Rendered:
    return render(Source(f"pages/{name}.md", name, "en", True, text), NAMES, {"room.jpg": (40, 30)})


def told(text: str) -> list[str]:
    return [str(each) for each in page(text).faults]


def test_the_first_heading_is_the_title_and_the_first_paragraph_the_description() -> None:
    found = page("# Visiting *us*\n\nOn `Mondays`\nonly.\n\nMore.").page
    assert (found.title, found.description) == ("Visiting us", "On Mondays only.")
    assert found.html == "<p>On <code>Mondays</code>\nonly.</p>\n<p>More.</p>\n"
    assert page("---\ntitle: 'Other'\n---\n# Visiting\n\nx").page.title == "Other"


def test_html_is_shown_as_it_is_typed() -> None:
    text = "# T\n\n<script>alert(1)</script>\n\n<img src=x onerror=alert(1)> [x](javascript:alert(1)) ![a](data:text/html,x)"
    html = page(text).page.html
    assert "<script" not in html
    assert "<img" not in html
    assert "<a" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("href", "leads"),
    [
        ("visiting.md", Leads("pages/visiting", is_page=True)),
        ("about.md#a%C3%A9", Leads("about", "aé", is_page=True)),
        ("#x", Leads(fragment="x", is_page=True)),
        ("https://a.example/", Leads(is_outside=True)),
        ("mailto:a@b.example", Leads()),
        ("/", Leads("", is_page=True)),
        ("/dataset#rights", Leads("dataset", "rights")),
        ("/dataset.ttl", Leads("dataset.ttl")),
        ("/queries/gaps", Leads("queries/gaps")),
        ("/queries/gaps.rq", Leads("queries/gaps.rq")),
        ("/queries/gaps.csv?record=x", Leads("queries/gaps.csv?record=x")),
        ("/openapi.json", Leads("openapi.json")),
        ("/sparql?query=ASK%7B%7D", Leads("sparql?query=ASK%7B%7D")),
        ("/search", Leads("search")),
        ("/search?q=f.%205&sort=newest", Leads("search?q=f.%205&sort=newest")),
        ("/id/person/x/y", Leads("id/person/x/y", thing=("id/person/x/y",))),
        ("/doc/person/x.ttl", Leads("doc/person/x.ttl", thing=("id/person/x.ttl", "id/person/x"))),
        ("/doc/vocab/type/x", Leads("doc/vocab/type/x", thing=("vocab/type/x",))),
    ],
)
def test_a_link_leads_where_it_says(href: str, leads: Leads) -> None:
    assert where(href, NAMES) == leads


_FOR_MACHINES = {
    "/.well-known/sparql-examples",
    "/.well-known/void",
    "/lookup/external",
    "/lookup/identifier",
    "/lookup/related",
    "/lookup/shelfmark",
    "/ns/context/1.jsonld",
    "/oai",
    "/robots.txt",
    "/search.xml",
    "/sparql-terms.js",
}


def test_a_page_can_lead_to_every_address_of_the_site_that_is_for_people() -> None:
    from fonds.web.routes import ROUTES

    addresses = {rule for rule, _ in ROUTES if "<" not in rule}
    assert addresses > _FOR_MACHINES
    assert not [
        each for each in sorted(addresses - _FOR_MACHINES) if not isinstance(where(each, NAMES), Leads)
    ]


@pytest.mark.parametrize(
    ("href", "message"),
    [
        ("none.md", "there is no page 'none.md' in pages/; there are about.md, home.md, visiting.md"),
        ("dataset", "leads nowhere; write visiting.md for a page"),
        ("../data/x.csv", "leads nowhere"),
        ("//a.example/", "leads nowhere"),
        ("", "leads nowhere"),
        ("/nothing", "there is nothing at '/nothing' on this site"),
        ("/queries/none", "there is no stored query 'none'"),
        ("ftp://a.example/", "has a scheme that is not followed here"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(href: str, message: str) -> None:
    found = where(href, NAMES)
    assert isinstance(found, str)
    assert message in found


def test_links_are_relative_to_the_place_of_their_page() -> None:
    text = "# T\n\n[a](about.md#b) [b](/dataset) [c](/id/person/x) [d](home.md)"
    deep = page(text).page.html
    assert 'href="../about#b"' in deep
    assert 'href="../dataset"' in deep
    assert 'href="../id/person/x"' in deep
    assert 'href="../"' in deep
    assert 'href="./dataset"' in page(text, "about").page.html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Words.", ["pages/visiting.md:1: has no title; begin with a heading such as `# Visiting us`"]),
        ("# T\n", ["pages/visiting.md:1: holds no words; write some, or delete the file"]),
        (
            "---\ntitel: x\n---\n# T\n\nx",
            ["pages/visiting.md:2: unknown key 'titel' above the words; known is title"],
        ),
        (
            "---\ntitle: x\n---\n\nx\n\n# Two",
            ["pages/visiting.md:7: a second heading of the first level; write `##`"],
        ),
        (
            "# T\n\nx\n\n- a [b](c.md)",
            [
                "pages/visiting.md:5: there is no page 'c.md' in pages/; there are about.md, home.md, visiting.md"
            ],
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, expected: list[str]) -> None:
    assert told(text) == expected


def test_a_picture_is_there_and_says_what_it_shows() -> None:
    assert page("# T\n\n![The room](room.jpg)").page.html == (
        '<p><img src="../pages/room.jpg" alt="The room" width="40" height="30" loading="lazy"></p>\n'
    )
    assert "has no words in its brackets" in told("# T\n\n![](room.jpg)")[0]
    assert "the picture 'hall.jpg' is not in pages/" in told("# T\n\n![The hall](hall.jpg)")[0]


def test_tables_and_code_can_be_scrolled_and_have_no_styles() -> None:
    html = page("# T\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n    code <x>\n").page.html
    assert 'role="region" aria-label="Table" tabindex="0"><table>' in html
    assert '<th scope="col">a</th>' in html
    assert '<td class="number">2</td>' in html
    assert "style=" not in html
    assert '<pre class="code" tabindex="0"><code>code &lt;x&gt;\n</code></pre>' in html


def test_headings_can_be_linked_to_and_no_two_have_one_name() -> None:
    found = page(
        "# T\n\n## Öffnungszeiten\n\n## Main\n\n## Main\n\n[x](#main-2) [y](#none) [z](about.md#away)"
    )
    assert found.ids == {"öffnungszeiten", "main-2", "main-3"}
    other = page("# About\n\n## Away\n\nx", "about")
    pages = {"pages/visiting": found, "about": other}
    assert list(fragment_faults(pages)) == [
        Fault("pages/visiting.md", 9, 0, "the link '#none': that page has no heading of this name")
    ]
