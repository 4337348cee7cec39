"""What everyone sets for themselves."""

from django.urls import reverse

from tests.conftest import signed_in
from tests.foundation.doors.conftest import LONGER, come_in


def test_everyone_chooses_the_language_of_their_own_pages(staff, dpo):
    client = signed_in(staff)
    assert client.post(reverse("account"), {"language": "en"}).status_code == 302
    assert '<html lang="en">' in client.get(reverse("account")).content.decode()
    assert client.post(reverse("account"), {"language": "xx"}).status_code == 200
    dpo.refresh_from_db()
    assert dpo.language == ""


def test_whoever_has_no_password_sets_one(clerk):
    clerk.set_unusable_password()
    clerk.save()
    client = signed_in(clerk)
    assert client.get(reverse("account_change_password"))["Location"] == reverse("account_set_password")
    assert client.post(reverse("account_set_password"), {"password1": LONGER, "password2": LONGER}).status_code == 302
    assert come_in(clerk.email, LONGER).status_code == 302
