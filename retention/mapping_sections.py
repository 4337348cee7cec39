"""The places of a file that is read field by field: what is missing, unknown or of the wrong kind is gathered."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from foundation.strict_yaml import BrokenForm, Fault, Lines, Path


class Section:
    """One mapping of the file. Each field is asked for once; `refuse` tells what nobody asked for, and every fault."""

    def __init__(self, form: Any, lines: Lines, path: Path = (), above: "Section | None" = None) -> None:
        self._lines = lines
        self._path = path
        self._asked: set[str] = set()
        self._inner: list[Section] = []
        self._faults: list[Fault] = above._faults if above else []
        self._form: dict[str, Any] = form if isinstance(form, dict) else {}
        if above:
            above._inner.append(self)
        if not isinstance(form, dict):
            self.fault("", _("Fields are expected here: write “name: value”."))

    def __contains__(self, key: str) -> bool:
        return key in self._form

    def fault(self, key: str, message: str) -> None:
        path = (*self._path, key) if key else self._path
        place = " › ".join(str(step + 1) if isinstance(step, int) else step for step in path)
        while path not in self._lines and path:
            path = path[:-1]
        self._faults.append(Fault(self._lines.get(path, 1), place, message))

    def text(self, key: str, *, optional: bool = False) -> str:
        value = self._value(key, optional=optional)
        if value is None or isinstance(value, str):
            return value or ""
        self.fault(key, _("A text is expected here: put it in quotes."))
        return ""

    def number(self, key: str) -> int:
        value = self._value(key, optional=False)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        if value is not None:
            self.fault(key, _("A whole number is expected here."))
        return 0

    def choice(self, key: str, known: Sequence[str], *, optional: bool = False) -> str:
        """Return one of the known values; in a faulty file the first of them, as the file is refused in the end."""
        value = self.text(key, optional=optional)
        if value in known or (optional and not value):
            return value
        if value:
            self.fault(key, _("“%(value)s” is not one of: %(values)s.") % {"value": value, "values": ", ".join(known)})
        return known[0]

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._value(key, optional=False)
        if isinstance(value, list) and value and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        if value is not None:
            self.fault(key, _("A list of names is expected here, such as [id]."))
        return ()

    def pairs(self, key: str, known: Sequence[str]) -> Iterator[tuple[str, str]]:
        section = self.section(key)
        for name in section._form if section else ():
            if name not in known:
                section.fault(name, _unknown(name, known)) if section else None
            yield name, section.text(name) if section else ""

    def section(self, key: str) -> "Section | None":
        value = self._value(key, optional=True)
        return None if value is None else Section(value, self._lines, (*self._path, key), self)

    def rows(self, key: str) -> "list[Section]":
        value = self._value(key, optional=True)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(key, _("A list is expected here: write each entry after a dash."))
            return []
        return [Section(row, self._lines, (*self._path, key, index), self) for index, row in enumerate(value)]

    def once(self, key: str, names: Sequence[str]) -> None:
        """Refuse a name that stands twice."""
        for index, name in enumerate(names):
            if name and name in names[:index]:
                self._faults.append(
                    Fault(self._lines.get((*self._path, key, index), 1), key, _("“%s” stands twice: keep one.") % name)
                )

    def refuse(self, source: str) -> None:
        """Raise what was found, if anything was."""
        for section in self._all():
            for key in section._form.keys() - section._asked:
                section.fault(key, _unknown(key, sorted(section._asked)))
        if self._faults:
            raise BrokenForm(self._faults, source)

    def _all(self) -> "Iterator[Section]":
        yield self
        for section in self._inner:
            yield from section._all()

    def _value(self, key: str, *, optional: bool) -> Any:
        self._asked.add(key)
        value = self._form.get(key)
        if value is None or value in ("", []):
            if key in self._form:
                self.fault(key, _("Nothing stands here: remove the key, or give a value."))
            elif not optional:
                self.fault("", _("“%s” is missing: add it.") % key)
            return None
        return value


def _unknown(key: str, known: Sequence[str]) -> str:
    near = get_close_matches(key, known, n=1)
    if near:
        return _("“%(key)s” is not a field here: did you mean “%(near)s”?") % {"key": key, "near": near[0]}
    return _("“%(key)s” is not a field here. Fields: %(known)s.") % {"key": key, "known": ", ".join(known)}
