"""The drawings that explain: the levels of an archive's reference, and the model of the data."""

from __future__ import annotations

from fonds.drawing.boxes import Box, Level, draw_boxes, draw_levels

_LEVELS: dict[str, tuple[str, tuple[Level, ...]]] = {
    "en": (
        "A sheet lies in a file, the file stands in an inventory, the inventory is of a fonds, the fonds is kept by an archive",
        (
            Level("Archive", "keeps the papers of many creators"),
            Level("Fond", "all that one creator left: a ministry, a committee, a person", "f. 5"),
            Level(
                "Opis",
                "one inventory of it: a numbered list of files, often of a department or of some years",
                "op. 49",
            ),
            Level("Delo", "one file of that list: a folder of papers, sewn together", "d. 758"),
            Level("List", "one sheet of the file; its back is “ob.”", "l. 269"),
        ),
    ),
    "ru": (
        "Лист лежит в деле, дело стоит в описи, опись составлена на фонд, фонд хранится в архиве",
        (
            Level("Архив", "хранит документы многих фондообразователей"),
            Level(
                "Фонд", "всё, что осталось от одного фондообразователя: министерства, комитета, лица", "ф. 5"
            ),
            Level("Опись", "перечень дел фонда под номерами, часто по отделу или по годам", "оп. 49"),
            Level("Дело", "одна единица этого перечня: подшитые вместе документы", "д. 758"),
            Level("Лист", "один лист дела; его оборот — «об.»", "л. 269"),
        ),
    ),
    "es": (
        "Una hoja está en un expediente, el expediente en un inventario, el inventario es de un fondo, el fondo lo guarda un archivo",
        (
            Level("Archivo", "guarda los papeles de muchos productores"),
            Level(
                "Fond",
                "el fondo: todo lo que dejó un productor, un ministerio, un comité, una persona",
                "f. 5",
            ),
            Level(
                "Opis",
                "un inventario del fondo: lista numerada de expedientes, a menudo de una sección o de unos años",
                "op. 49",
            ),
            Level("Delo", "un expediente de esa lista: una carpeta de papeles cosidos", "d. 758"),
            Level("List", "una hoja del expediente; su dorso es «ob.»", "l. 269"),
        ),
    ),
}
LANGUAGES_OF_LEVELS = tuple(_LEVELS)
"""In which the levels are explained."""


def draw_reference(language: str = "en") -> str:
    """Return the levels of a reference such as *f. 5, op. 49, d. 758, l. 269*, one within the other.

    Args:
        language: One of :data:`LANGUAGES_OF_LEVELS`.
    """
    return draw_levels("levels", *_LEVELS[language])


_BOXES = (
    Box(
        0,
        0,
        "Writing",
        ("crm:E65_Creation", "crm:P14_carried_out_by → who", "crm:P4_has_time-span → time"),
    ),
    Box(
        1,
        0,
        "Event",
        (
            "crm:E7_Activity",
            "crm:P14_carried_out_by → who",
            "crm:P4_has_time-span → time",
            "crm:P7_took_place_at → place",
        ),
    ),
    Box(
        2,
        0,
        "Stamp, note, signature",
        ("crm:E34_Inscription", "crm:P2_has_type → which of them", "crm:P94i_was_created_by → whose"),
    ),
    Box(
        3,
        0,
        "Person, group, place",
        ("crm:E21_Person …", "rdfs:label", "crm:P1_is_identified_by", "skos:exactMatch → elsewhere"),
    ),
    Box(
        0,
        1,
        "Translation",
        ("crm:E33_Linguistic_Object", "crm:P72_has_language", "held here, or only known of"),
    ),
    Box(
        1,
        1,
        "Record",
        (
            "crm:E31_Document, rico:Record",
            "crm:P94i_was_created_by → writing",
            "crm:P70_documents → event",
            "crm:P73_has_translation → translation",
            "crm:P128i_is_carried_by → paper",
            "dcterms:hasPart → paragraph",
            "dcterms:title, dcterms:created",
        ),
    ),
    Box(
        2,
        1,
        "Paper",
        (
            "crm:E22_Human-Made_Object",
            "crm:P1_is_identified_by → shelfmark",
            "crm:P128_carries → what is on it",
            "crm:P46i_forms_part_of → file",
        ),
    ),
    Box(
        3,
        1,
        "File, series, fonds",
        ("rico:RecordSet", "crm:P46i_forms_part_of → next", "rico:identifier"),
    ),
    Box(
        0,
        2,
        "Mention",
        ("fv:Mention", "fv:mentions → who, what", "fv:form, fv:certainty", "fv:in_paragraph → paragraph"),
    ),
    Box(
        1,
        2,
        "Paragraph",
        ("fv:ordinal", "crm:P190_has_symbolic_content", "fv:lacuna_in ← words that are lost"),
    ),
    Box(
        2,
        2,
        "Reported statement",
        (
            "fv:ReportedStatement",
            "crm:P14_carried_out_by → speaker",
            "fv:reported_by → who wrote it",
            "crm:P141_assigned → what was said",
        ),
    ),
    Box(3, 2, "Capture", ("crmdig:D1_Digital_Object", "called by its SHA-256", "prov:wasDerivedFrom ←")),
)
_ARROWS = (
    ("Record", "Writing"),
    ("Record", "Event"),
    ("Record", "Translation"),
    ("Record", "Paper"),
    ("Paper", "Stamp, note, signature"),
    ("Paper", "File, series, fonds"),
    ("Record", "Paragraph"),
    ("Mention", "Paragraph"),
    ("Reported statement", "Paragraph"),
)


def draw_model() -> str:
    """Return the model of the data: what a record leads to, with the classes and the main properties."""
    described = "The model: a record, and what it leads to. The table says the same, question by question"
    return draw_boxes("model", described, (207, 266, 240, 213), _BOXES, _ARROWS)
