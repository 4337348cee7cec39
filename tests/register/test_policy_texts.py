"""Quotes are read from the policy's text when it is attached, and checked against their digests."""

import hashlib
import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from editions.dump import canonical
from editions.load import load
from editions.reading import read
from foundation.models import Event
from register import quotes
from register.actions import attach_text
from register.errors import QuotesDiffer, TextUnknown, TextUnreadable
from register.models import Policy, PolicyText, PolicyVersion, Statement
from tests.conftest import SLUGS, example_text, policy_texts

TEXT = "Article 1\nNous gardons vos <b>données</b>\nde compte trois ans.\nPuis nous les effaçons.\n"


@pytest.fixture
def version(acme):
    policy = Policy.objects.create(register=acme, ref="p", title="Politique")
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    return PolicyVersion.objects.create(register=acme, policy=policy, ref="v", text_digest=digest)


def stated(version, quote, **changed):
    fields = {"characters": quotes.locate(quote, TEXT), "quote_digest": quotes.digest(quote), "summary": "…"} | changed
    return Statement.objects.create(register=version.register, version=version, ref=quote[:20], kind="other", **fields)


def attach(version, text=TEXT):
    return attach_text(
        version.register, text.encode() if isinstance(text, str) else text, actor=None, at=timezone.now()
    )


def test_the_text_is_attached_once_its_quotes_are_found(version):
    stated(version, "vos données de compte")
    stated(version, "Nous gardons […] effaçons")
    assert attach(version) == (version, 2)
    assert attach(version) == (version, 2)
    assert PolicyText.objects.get().text == TEXT
    assert Event.objects.get().details["statements"] == 2


def test_a_changed_text_is_refused(version):
    with pytest.raises(TextUnknown):
        attach(version, TEXT.replace("trois", "cinq"))
    assert not PolicyText.objects.exists()


def test_a_quote_that_differs_refuses_the_text(version):
    stated(version, "vos données de compte", quote_digest=quotes.digest("vos données de santé"))
    with pytest.raises(QuotesDiffer, match="vos données de"):
        attach(version)
    assert not PolicyText.objects.exists()


def test_a_quote_as_long_as_a_book_is_not_read(version):
    stated(version, "vos données de compte", characters=[[0, len(TEXT)]] * 1000)
    with pytest.raises(QuotesDiffer):
        attach(version)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\x00b", b"a" * 5_000_001], ids=["not UTF-8", "NUL", "too large"])
def test_what_is_no_text_is_refused(version, content):
    with pytest.raises(TextUnreadable):
        attach(version, content)


def test_replacing_a_register_keeps_its_text(version):
    stated(version, "vos données de compte")
    attach(version)
    load(read(json.dumps(canonical(version.register))), replace=True)
    assert PolicyText.objects.get().register == version.register


def test_the_command_names_what_is_wrong(version, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("attach_policy", tmp_path / "none.txt")
    (tmp_path / "other.txt").write_text("autre texte")
    with pytest.raises(CommandError, match=hashlib.sha256(b"autre texte").hexdigest()):
        call_command("attach_policy", tmp_path / "other.txt")


# -- with the texts of the five policies at hand ----------------------------------------------------------------------

WORD = re.compile(r"\w+")


def words(text):
    return WORD.findall(quotes.readable(text).text.lower().replace("’", "'"))


def sixes(text):
    found = words(text)
    return {tuple(found[start : start + 6]) for start in range(len(found) - 5)}


def text_of(version):
    """Return the text of a version among the files at hand, by its digest."""
    for path in sorted(policy_texts().glob("*.txt")):
        if hashlib.sha256(path.read_bytes()).hexdigest() == version.text_digest:
            return path.read_bytes()
    pytest.fail(f"no file has the digest of {version}")


@pytest.mark.parametrize("slug", SLUGS)
def test_every_quote_stands_where_its_statement_says(loaded, slug):
    policy_texts()
    register = loaded(slug)
    version = PolicyVersion.objects.get(register=register)
    text = text_of(version)
    assert (
        attach_text(register, text, actor=None, at=timezone.now())[1]
        == Statement.objects.filter(version=version).count()
    )
    raw = text.decode()
    assert {
        statement.ref: statement.line
        for statement in Statement.objects.filter(version=version)
        if quotes.line_of(raw, statement.characters[0][0]) != statement.line
    } == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_summary_is_in_our_own_words(loaded, slug):
    policy_texts()
    register = loaded(slug)
    text = sixes(text_of(PolicyVersion.objects.get(register=register)).decode())
    raw = text_of(PolicyVersion.objects.get(register=register)).decode()
    copied = {
        statement.ref
        for statement in Statement.objects.filter(register=register)
        if sixes(statement.summary) & sixes(quotes.read_quote(raw, statement.characters))
    }
    assert text
    assert copied == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_no_sentence_of_the_policy_stands_in_the_example(slug):
    texts = policy_texts()
    written = sixes(example_text(slug))
    for path in sorted(texts.glob("*.txt")):
        for sentence in re.split(r"[.;:\n]+\s", path.read_text(encoding="utf-8")):
            # addresses, headings and names of organisations are facts; a run of twelve words is a sentence
            shared = sixes(re.sub(r"https?://\S+", " ", sentence)) & written
            assert len(shared) < 7, " ".join(words(sentence))


@pytest.mark.parametrize("slug", SLUGS)
def test_no_two_summaries_are_equal(loaded, slug):
    summaries = list(Statement.objects.filter(register=loaded(slug)).values_list("summary", flat=True))
    assert len({summary.lower() for summary in summaries}) == len(summaries)
