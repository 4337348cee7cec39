"""Why a mail is not planned, not handed over, or not decided on."""

from django.utils.translation import gettext_lazy as _

from foundation.errors import RuleViolation


class NotAMail(RuleViolation):
    """What was to be planned could not be sent as it is; the sentence says what is wrong, without the address."""

    code = "not_a_mail"


class MailNotSetUp(RuleViolation):
    code = "mail_not_set_up"

    def __init__(self) -> None:
        super().__init__(
            _("No mail can be sent from here: whoever runs Greffier sets EMAIL_URL and GREFFIER_MAIL_FROM.")
        )


class MailErased(RuleViolation):
    code = "mail_erased"

    def __init__(self) -> None:
        super().__init__(_("This mail was planned before and erased since: it is not sent a second time."))


class MailRefused(RuleViolation):
    code = "mail_refused"

    def __init__(self) -> None:
        super().__init__(
            _("The mail server refused this mail: its words stand beside the mail, where it can be sent again.")
        )


class MayHaveArrived(RuleViolation):
    code = "mail_may_have_arrived"

    def __init__(self) -> None:
        super().__init__(
            _("It is not known whether this mail was handed over: look whether it arrived, and say so beside the mail.")
        )


class NothingToDecide(RuleViolation):
    code = "mail_nothing_to_decide"

    def __init__(self, state: str) -> None:
        super().__init__(
            _("This mail is “%s” now: there is nothing to decide. Look at it again.") % state,
        )
