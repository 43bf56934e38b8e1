"""What a served release reads of requests, in this process: the target, headers and a form."""

from __future__ import annotations

from tests.fuzz.targets import Target
from tests.unit.web.conftest import Ask

SEEDS = [
    b"/doc/record/x?page=1\nAccept: text/turtle",
    b"/doc?iri=http%3A%2F%2Fa.example%2Fx&format=ttl\nAccept-Profile: <http://a/>;q=0.5",
    b"/oai?verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-12-31&set=x\n",
    b"/oai?verb=GetRecord&identifier=oai:x:y&metadataPrefix=edm\n",
    b"/oai?verb=ListIdentifiers&resumptionToken=WyJMaXN0SWRlbnRpZmllcnMiLCJvYWlfZGMiLCIiLCIiLCIiLDEsIiIsIiIsIiJd\n",
    b"/search?q=title:%22cuba%22+date:1964&page=2&format=csv&kind=person&from=1901&until=1902\n",
    b"/lookup/shelfmark?value=F.+5,+op.+49&format=json\n",
    b"/lookup/identifier?value=http://www.wikidata.org/entity/Q1\n",
    b"/lookup/related?thing=person/castro-f\n",
    b"/timeline?from=1900&until=1964&period=1964-10\n",
    b"/timeline.svg?from=-0044&width=99\n",
    b"/map?area=europe&without=1\n",
    b"/network/person/castro-f?format=csv\n",
    b"/browse/person?page=2&by=date\n",
    b'/reconcile?queries={"q0":{"query":"castro","type":"person","limit":3,"properties":[{"pid":"born","v":"1926"}]}}\n',
    b'/reconcile?extend={"ids":["person/castro-f"],"properties":[{"id":"elsewhere"}]}\n',
    b"/reconcile/suggest/entity?prefix=cas&cursor=2\n",
    b"/queries/mentions?place=place/cuba&format=csv\n",
    b'/dumps/dataset.nq.gz\nRange: bytes=0-9,20-\nIf-Range: "x"',
    b'/changes/1\nIf-None-Match: W/"x", *',
    b"/history/record/x.ttl\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
    b"/ru/help/sparql\nAccept-Language: ru, en;q=0.5, *;q=0",
    b"/release/2026-01-01-0123456789ab/manifest.json\n",
    b"/id/person/castro-f\nX-Forwarded-For: 1.2.3.4, ::1\nAccept-Encoding: br;q=1.0, gzip;q=0",
]
WORDS = tuple(
    b'/ // /../ %2e%2e%2f %00 %ff %0d%0a ? & = + %2B page= iri= q= format= resumptionToken= queries= extend= { } [ ] : " Range: bytes= Accept: Accept-Language: '
    b"If-Match: If-None-Match: ;q= , * / .ttl .html .jsonld /doc/ /id/ /oai /sparql /search /lookup/ /ru/".split()
)


def serving_target(ask: Ask) -> Target:
    """Return a site as a reader of requests."""

    def read(data: bytes) -> None:
        head, _, rest = data.partition(b"\n")
        # What cannot stand in a target or a header comes to no application: the parser of HTTP refuses it.
        target = b"/" + bytes(each for each in head if 0x20 < each != 0x7F).lstrip(b"/")
        pairs = (line.decode("latin-1").partition(":") for line in rest.splitlines()[:20])
        headers = [
            (name.strip(), "".join(each for each in value.strip() if each.isprintable()))
            for name, _, value in pairs
            if name.strip().isascii() and name.strip()
        ]
        for accept in (None, "text/html"):
            reply = ask(target[:8000], accept, headers=headers)
            assert reply.complete
            assert reply.status < 500, (reply.status, reply.body[:200])
            assert b"Traceback" not in reply.body
            coded = reply.headers.get("content-encoding", "gzip") != "gzip"
            if "xml" in reply.headers.get("content-type", "") and reply.raw and not coded:
                _is_xml(reply.body)

    return Target("requests to a site", read, lambda: list(SEEDS), WORDS, refuses=())


def _is_xml(body: bytes) -> None:
    from lxml import etree

    etree.fromstring(body, etree.XMLParser(resolve_entities=False))
