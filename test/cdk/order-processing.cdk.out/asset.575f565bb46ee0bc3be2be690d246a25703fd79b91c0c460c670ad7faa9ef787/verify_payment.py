"""Verifies the payment details of an order: adds `paymentVerified` and, when that is false, why."""

import datetime
import hashlib
import os
import re

CARD_TYPES = ("AMEX", "DISCOVER", "MASTERCARD", "VISA")

# Demo cards: what happens to these numbers in every mode. All other numbers of the right form verify.
REFUSED_CARDS = {"4100000000000019": "The card issuer refuses this card."}
UNREACHABLE_ISSUER_CARDS = {"4000000000000119"}

# The part of all payments that chaos refuses: one in four.
CHAOS_REFUSED = 0.25


class VerificationUnavailable(Exception):
    """The card issuer does not answer: whether the card is good is not known."""


def lambda_handler(event, context):
    """Expects {order, chaosSeed}; returns the order with `paymentVerified` and `paymentProblem` added."""
    order = event["order"]
    problem = find_problem(
        order["paymentDetails"],
        strict=os.environ.get("STRICT_CARDS") == "true",
        today=datetime.datetime.now(datetime.timezone.utc).date(),
    )
    if problem is None and os.environ.get("CHAOS") == "true" and draw(event["chaosSeed"]) < CHAOS_REFUSED:
        problem = "The card issuer refuses this card (chaos is on: one in four is refused)."
    return {**order, "paymentVerified": problem is None, "paymentProblem": problem or ""}


def find_problem(payment, strict, today):
    """Why the payment cannot be accepted, or None."""
    number = re.sub(r"[ -]", "", payment["cardNumber"])
    if number in UNREACHABLE_ISSUER_CARDS:
        raise VerificationUnavailable("The card issuer does not answer. Try the order again later.")
    if not re.fullmatch(r"[0-9]{12,19}", number):
        return "Expected the card number to have 12 to 19 digits, but it does not."
    if payment["cardType"].upper() not in CARD_TYPES:
        return f"Expected the card type to be one of {', '.join(CARD_TYPES)}, but it is {payment['cardType']}."
    if not re.fullmatch(r"(0[1-9]|1[0-2])/[0-9]{2}", payment["expiration"]):
        return "Expected the expiration to be written as MM/YY, but it is not."
    if number in REFUSED_CARDS:
        return REFUSED_CARDS[number]
    if strict and not passes_luhn(number):
        return "The card number is mistyped: its check digit is wrong."
    if strict and is_expired(payment["expiration"], today):
        return f"The card expired at the end of {payment['expiration']}."
    return None


def passes_luhn(number):
    """The check digit that all card numbers carry (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(int(character) for character in reversed(number)):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_expired(expiration, today):
    """A card is good until the last day of its month."""
    month, year = int(expiration[:2]), 2000 + int(expiration[3:])
    return (year, month) < (today.year, today.month)


def draw(seed):
    """A number in [0, 1) that is the same each time this order is verified: a repeated call must not decide anew."""
    digest = hashlib.sha256(f"{seed} payment".encode()).hexdigest()
    return int(digest[:8], 16) / 2**32
