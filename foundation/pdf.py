"""The one sealed renderer: HTML and a fixed style sheet in, tagged PDF bytes out.

Each rendering is a process of its own (`python -m foundation.pdf`): no network and no files (only `data:`), no secrets
in its environment, bounded memory, processor time and wall time, fonts of ours only. Whatever WeasyPrint warns about
is an error of the print.
"""

import contextlib
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from django.utils.translation import gettext_lazy as _

from foundation.errors import RuleViolation

CODE: Final = Path(__file__).resolve().parent.parent
FACES: Final = {
    "font_source_sans_pro": ("SourceSansPro-Regular.ttf", "SourceSansPro-It.ttf", "SourceSansPro-Semibold.ttf"),
    "font_source_serif_pro": ("SourceSerifPro-Regular.ttf", "SourceSerifPro-It.ttf", "SourceSerifPro-Semibold.ttf"),
}
FONTS_CONF: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias binding="same"><family>sans-serif</family><prefer><family>Source Sans Pro</family></prefer></alias>
  <alias binding="same"><family>serif</family><prefer><family>Source Serif Pro</family></prefer></alias>
  <alias binding="same"><family>monospace</family><prefer><family>Source Sans Pro</family></prefer></alias>
</fontconfig>
"""
_CONTROL: Final = (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0))
_TURNING: Final = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))  # they turn what is read
INVISIBLE: Final = frozenset({*_CONTROL, *_TURNING})
SPACES: Final = frozenset({0x09, 0x0A, 0x0D, 0x20, 0xA0, 0xAD, 0x200B, 0x202F})


class NotRendered(RuleViolation):
    """The document could not be rendered; the sentence says why."""

    code = "not_rendered"


@dataclass(frozen=True)
class Limits:
    """What one rendering may use."""

    memory_bytes: int = 6 * 1024**3  # address space; a print of 250 pages uses about 1 GB
    processor_seconds: int = 300
    wall_seconds: int = 360
    html_bytes: int = 24 * 1024**2


@dataclass(frozen=True)
class Rendered:
    """A finished document."""

    pdf: bytes
    pages: int


@cache
def renderer_version() -> str:
    """Return the versions that, with the templates, decide the bytes of a document."""
    parts = {
        "weasyprint": "weasyprint",
        "pydyf": "pydyf",
        "font-source-sans-pro": "sans",
        "font-source-serif-pro": "serif",
    }
    return " ".join(f"{short}-{metadata.version(name)}" for name, short in parts.items())


def render(html: str, *, css: str, identity: str, fonts: Path, limits: Limits | None = None) -> Rendered:
    """Return the PDF/UA-1 of a document; the same arguments give the same bytes.

    `identity` becomes the identifier of the file; `fonts` is a folder of ours where the private fontconfig is kept.
    """
    limits = limits or Limits()
    order = json.dumps({"html": html, "css": css, "identity": identity, "limits": vars(limits)}).encode()
    if len(order) > limits.html_bytes:
        raise NotRendered(_("The document is too large to be printed in one piece."))
    try:
        child = subprocess.run(  # our own interpreter and module
            [sys.executable, "-m", "foundation.pdf"],
            input=order,
            capture_output=True,
            cwd=CODE,
            env=_environment(_font_configuration(fonts)),
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as timeout:
        raise NotRendered(
            _("The document took longer than %(seconds)s seconds to print.") % {"seconds": limits.wall_seconds}
        ) from timeout
    head, _newline, pdf = child.stdout.partition(b"\n")
    if child.returncode != 0 or not pdf:
        raise NotRendered(_reason(child))
    answer = json.loads(head)
    if answer["warnings"]:
        raise NotRendered(_("The renderer warned: %(warnings)s") % {"warnings": " | ".join(answer["warnings"][:5])})
    return Rendered(pdf=pdf, pages=answer["pages"])


def _reason(child: subprocess.CompletedProcess[bytes]) -> str:
    """Return why a rendering ended without a document; never a part of the document's text."""
    if child.returncode in (-signal.SIGKILL, -signal.SIGXCPU, -signal.SIGALRM):
        return str(_("The renderer reached its limit of time or memory."))
    lines = child.stderr.decode(errors="replace").strip().splitlines()
    last = lines[-1].partition(":")[0] if lines else str(child.returncode)
    return str(_("The renderer stopped: %(reason)s") % {"reason": last})


def _environment(conf: Path) -> dict[str, str]:
    """Return all that the renderer knows of its surroundings: no address, no password."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
        if name in os.environ
    }
    return {**kept, "FONTCONFIG_FILE": str(conf), "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "HOME": str(conf.parent)}


def _font_configuration(folder: Path) -> Path:
    """Return the private fontconfig file, made once: it shows our faces and nothing of the machine's."""
    home = folder / renderer_version().replace(" ", "_")
    conf = home / "fonts.conf"
    if conf.exists():
        return conf
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".fonts-", dir=folder))
    draft.chmod(0o755)
    (draft / "faces").mkdir()
    (draft / "cache").mkdir()
    for package, faces in FACES.items():
        for face in faces:
            (draft / "faces" / face).write_bytes(resources.files(package).joinpath("files", face).read_bytes())
    text = FONTS_CONF.format(fonts=escape(str(home / "faces")), cache=escape(str(home / "cache")))
    (draft / "fonts.conf").write_text(text, encoding="utf-8")
    with contextlib.suppress(OSError):  # another process was first
        draft.rename(home)
    return conf


# -- in the renderer's own process ------------------------------------------------------------------------------------


def main() -> None:
    """Read an order on standard input, write one line of JSON and the PDF on standard output."""
    order = json.load(sys.stdin.buffer)
    limits = Limits(**order["limits"])
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.processor_seconds, limits.processor_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(limits.wall_seconds)  # holds even when the worker that asked is gone
    pages, pdf, warnings = _write(order["html"], order["css"], order["identity"].encode())
    sys.stdout.buffer.write(json.dumps({"pages": pages, "warnings": warnings}).encode() + b"\n" + pdf)


def _write(html: str, css: str, identity: bytes) -> tuple[int, bytes, list[str]]:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    warnings = _Warnings()
    logging.getLogger("weasyprint").addHandler(warnings)
    fetcher = URLFetcher(allowed_protocols={"data"})
    fonts = FontConfiguration()
    sheet = CSS(string=css, font_config=fonts, url_fetcher=fetcher)
    counted: list[int] = []

    def finish(document: Any, pdf: Any) -> None:
        counted.append(len(document.pages))
        _finish(pdf)

    bytes_ = HTML(string=readable(html, _has_glyph()), url_fetcher=fetcher).write_pdf(
        stylesheets=[sheet],
        font_config=fonts,
        pdf_variant="pdf/ua-1",
        pdf_identifier=identity,
        finisher=finish,
    )
    return counted[0], bytes_, warnings.lines


class _Warnings(logging.Handler):
    """Collects what WeasyPrint warns about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage()[:300])


def _has_glyph() -> Callable[[int], bool]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    drawn: set[int] = set()
    for package, faces in FACES.items():
        with (
            resources.as_file(resources.files(package).joinpath("files", faces[0])) as path,
            TTFont(path, lazy=True) as face,
        ):
            drawn.update(face.getBestCmap())
    return lambda character: character in drawn or character in SPACES


def readable(html: str, has_glyph: Callable[[int], bool]) -> str:
    """Return the text with every character that would not show, or would turn what is read, as its code point."""
    odd = {ord(character) for character in html}
    shown = {code: f"[U+{code:04X}]" for code in odd if code in INVISIBLE or not (has_glyph(code) or code in SPACES)}
    return html.translate(shown)


def _finish(pdf: Any) -> None:
    """Make the tags whole (PDF/UA-1, 7.5): say which way a header cell points, and let cells find their headers."""
    import pydyf

    elements: dict[bytes, Any] = {item.reference: item for item in pdf.objects if isinstance(item, pydyf.Dictionary)}
    named: dict[str, Any] = {}
    for element in elements.values():
        if element.get("S") == "/TH" and "ID" in element:
            group = elements[elements[element["P"]]["P"]]
            element["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"
            named[element["ID"].string] = element
    names = pydyf.Array([part for key in sorted(named) for part in (named[key]["ID"], named[key].reference)])
    elements[pdf.catalog["StructTreeRoot"]]["IDTree"] = pydyf.Dictionary({"Names": names})


if __name__ == "__main__":
    main()
