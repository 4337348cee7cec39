"""The sealed renderer: tagged, reproducible, bounded, and blind to everything but what it is given."""

import http.server
import re
import subprocess
import threading

import pikepdf
import pytest
from pdfua import validate

from documents import rendering
from foundation import pdf
from tests.documents.conftest import edition_of, form_of

pytestmark = pytest.mark.processes  # each rendering is one
CSS = rendering.CSS.read_text(encoding="utf-8")
EMPTY = {"greffier": 1, "register": {"slug": "x", "name": "Vide", "language": "fr"}}


@pytest.fixture(scope="session")
def fonts(tmp_path_factory):
    return tmp_path_factory.mktemp("a folder é") / "fonts"


def document(form, fonts, *, kind="controller_register", language="fr", identity="one"):
    html = rendering.html(edition_of(form), kind=kind, language=language, texts={})
    return pdf.render(html, css=CSS, identity=identity, fonts=fonts)


@pytest.fixture(scope="module")
def register(fonts, tmp_path_factory):
    """The controller register of the smallest example, printed once."""
    path = tmp_path_factory.mktemp("print") / "register.pdf"
    path.write_bytes(document(form_of("vistory-sesame"), fonts).pdf)
    return path


def text_of(path):
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, text=True).stdout
    return re.sub(r"\s+", " ", text)


def test_the_register_says_its_edition_and_pages(register):
    text = text_of(register)
    assert "Registre des activités de traitement" in text
    assert "Édition n° 4 du 1er mars 2027 · empreinte" in text
    assert "page 1 / " in text
    assert "néant (déclaré)" in text
    assert "non précisé par la politique" in text


def test_the_register_is_tagged_titled_and_in_its_language(register):
    with pikepdf.open(register) as file:
        assert str(file.Root.Lang) == "fr"
        assert file.Root.MarkInfo.Marked
        assert file.Root.ViewerPreferences.DisplayDocTitle
        with file.open_metadata() as metadata:
            assert metadata["dc:title"].startswith("Registre des activités de traitement")
            assert metadata["pdfuaid:part"] == "1"
        with file.open_outline() as outline:
            titles = [item.title for item in outline.root]
        assert "Activités de traitement" in titles
        assert "Tableau des durées de conservation" in titles


def test_no_rule_of_pdf_ua_is_broken(register):
    report = validate(register)
    assert list(report.findings) == []


def test_header_cells_point_somewhere_and_can_be_found(register):
    with pikepdf.open(register) as file:
        elements = [item for item in file.objects if isinstance(item, pikepdf.Dictionary)]
        headers = [item for item in elements if item.get("/S") == "/TH"]
        assert headers
        assert {str(item.A.Scope) for item in headers} == {"/Row", "/Column"}
        names = file.Root.StructTreeRoot.IDTree.Names
        assert len(names) == 2 * len(headers)


def test_only_our_fonts_are_in_it_and_all_are_embedded(register):
    fonts = subprocess.run(["pdffonts", register], capture_output=True, check=True, text=True).stdout.splitlines()[2:]
    assert fonts
    assert all("Source-S" in line and line.split()[-5] == "yes" for line in fonts)


def test_the_same_identity_gives_the_same_bytes(fonts):
    first, again = document(EMPTY, fonts), document(EMPTY, fonts)
    other = document(EMPTY, fonts, identity="two")
    assert first.pdf == again.pdf != other.pdf
    assert first.pages == again.pages >= 3


def test_the_notice_prints_in_english(fonts, tmp_path):
    path = tmp_path / "notice.pdf"
    path.write_bytes(document(form_of("vistory-sesame"), fonts, kind="privacy_notice", language="en").pdf)
    assert "What the notice still lacks" in text_of(path)
    with pikepdf.open(path) as file:
        assert str(file.Root.Lang) == "en"


@pytest.fixture
def visitors():
    """A web server on this machine, and the requests that reached it."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], seen
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "vector",
    [
        '<img src="URL" alt="x">',
        '<style>@import "URL";</style>',
        '<p style="background: url(URL)">x</p>',
        '<link rel="stylesheet" href="URL">',
        '<link rel="attachment" href="URL">',
        '<a rel="attachment" href="URL">x</a>',
        '<object data="URL">x</object>',
        '<embed src="URL">',
        "<style>@font-face { font-family: x; src: url(URL) } p { font-family: x }</style>",
        "<style>p::before { content: url(URL) }</style>",
        "<style>li { list-style-image: url(URL) }</style><ul><li>x</ul>",
        '<svg width="9" height="9"><title>x</title><image href="URL" width="9" height="9"/></svg>',
        '<base href="URL"><img src="x.png" alt="x">',
    ],
)
def test_nothing_is_fetched_or_attached(fonts, visitors, tmp_path, vector):
    port, seen = visitors
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret-of-the-machine")
    addresses = (f"http://127.0.0.1:{port}/x", secret.as_uri())
    body = "".join(vector.replace("URL", address) for address in addresses)
    try:
        content = pdf.render(f'<html lang="en"><title>t</title>{body}<p>x</p>', css="", identity="x", fonts=fonts).pdf
    except pdf.NotRendered as refusal:
        assert "the-secret" not in str(refusal)
    else:
        path = tmp_path / "out.pdf"
        path.write_bytes(content)
        with pikepdf.open(path) as file:
            assert not file.attachments
        assert "the-secret" not in text_of(path)
    assert seen == []


def test_a_warning_is_an_error_of_the_print(fonts):
    with pytest.raises(pdf.NotRendered, match="unknown property"):
        pdf.render('<html lang="en"><title>t</title><p>x</p>', css="p { colour: red }", identity="x", fonts=fonts)


def test_memory_and_time_are_bounded(fonts):
    page = '<html lang="en"><title>t</title>' + "<p>x</p>" * 20_000
    for limits in (pdf.Limits(processor_seconds=1), pdf.Limits(wall_seconds=1), pdf.Limits(memory_bytes=200 * 1024**2)):
        with pytest.raises(pdf.NotRendered):
            pdf.render(page, css=CSS, identity="x", fonts=fonts, limits=limits)


def test_a_document_beyond_reason_is_refused_at_once(fonts):
    with pytest.raises(pdf.NotRendered):
        pdf.render("x" * 100, css="", identity="x", fonts=fonts, limits=pdf.Limits(html_bytes=99))


def test_what_would_not_show_or_would_turn_the_text_is_shown_by_its_code():
    shown = pdf.readable("a\u202eb\u0007c😀d é\u202f:", lambda code: code < 0x2000)
    assert shown == "a[U+202E]b[U+0007]c[U+1F600]d é\u202f:"


def test_the_renderer_knows_no_secret_of_the_process(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@c/d")
    environment = pdf._environment(tmp_path / "fonts.conf")
    assert set(environment) <= {
        "PATH",
        "LD_LIBRARY_PATH",
        "DYLD_FALLBACK_LIBRARY_PATH",
        "FONTCONFIG_FILE",
        "LC_ALL",
        "PYTHONHASHSEED",
        "HOME",
    }
