"""Every lie that the fake OAuth 2.0 provider can tell, each with the rule that it breaks."""

import enum


class Place(enum.Enum):
    """Where in the protocol a lie is told."""

    CALLBACK = "callback"
    TOKEN_ENDPOINT = "token_endpoint"
    USERINFO = "userinfo"
    EMAILS = "emails"


class OAuth2Lie(enum.Enum):
    """One lie: its ``place``, and in ``sentence`` what it does and which rule that breaks."""

    def __init__(self, place: Place, sentence: str) -> None:
        self.place = place
        self.sentence = sentence
        self.__doc__ = sentence

    # The answer that travels through the browser.
    WRONG_STATE = (Place.CALLBACK, "state is another value; RFC 6749 10.12.")
    MISSING_STATE = (Place.CALLBACK, "state was sent and is missing; RFC 6749 4.1.2.")
    MISSING_CODE = (Place.CALLBACK, "Neither code nor error; RFC 6749 4.1.2.")
    UNKNOWN_CODE = (Place.CALLBACK, "The code was never issued; RFC 6749 5.2.")
    ACCESS_DENIED = (Place.CALLBACK, "access_denied, its reason a script; RFC 6749 4.1.2.1, R-055.")
    CODE_AND_ERROR = (Place.CALLBACK, "A code and an error at once; RFC 6749 4.1.2.")
    TOKEN_BESIDE_THE_CODE = (Place.CALLBACK, "An access token comes along; R-053.")
    FOREIGN_ISSUER = (Place.CALLBACK, "iss is an issuer elsewhere; RFC 9207 2.4.")

    # The token endpoint.
    TOKEN_ERROR_WITH_200 = (Place.TOKEN_ENDPOINT, "An error with status 200, as GitHub does; RFC 6749 5.2.")
    TOKEN_ERROR_OBJECT = (Place.TOKEN_ENDPOINT, "error is an object, as Facebook's is; RFC 6749 5.2.")
    TOKEN_FORM_ENCODED = (
        Place.TOKEN_ENDPOINT,
        "The answer is a form, though JSON was asked for; RFC 6749 5.1.",
    )
    TOKEN_HTML = (Place.TOKEN_ENDPOINT, "The answer is a web page with status 200; RFC 6749 5.1.")
    TOKEN_EMPTY = (Place.TOKEN_ENDPOINT, "The answer is empty; RFC 6749 5.1.")
    TOKEN_TEN_MEGABYTES = (Place.TOKEN_ENDPOINT, "The answer has 10 MB; R-075.")
    TOKEN_DEEP_JSON = (Place.TOKEN_ENDPOINT, "A member nests 20,000 lists; R-071.")
    TOKEN_DUPLICATE_KEYS = (Place.TOKEN_ENDPOINT, "access_token is there twice; RFC 8259 4, R-071.")
    TOKEN_NOT_AN_OBJECT = (Place.TOKEN_ENDPOINT, "The answer is a JSON list; RFC 6749 5.1.")
    TOKEN_WITHOUT_ACCESS_TOKEN = (Place.TOKEN_ENDPOINT, "access_token is missing; RFC 6749 5.1.")
    TOKEN_IS_A_NUMBER = (Place.TOKEN_ENDPOINT, "access_token is a number; RFC 6749 A.12.")
    TOKEN_IS_TWO_LINES = (Place.TOKEN_ENDPOINT, "access_token brings a header along; RFC 6749 A.12, R-075.")
    TOKEN_TYPE_WRONG = (Place.TOKEN_ENDPOINT, "token_type is mac; RFC 6749 7.1.")
    TOKEN_500 = (Place.TOKEN_ENDPOINT, "The server broke down; RFC 6749 5.2 knows 400 and 401.")
    TOKEN_REDIRECTS = (Place.TOKEN_ENDPOINT, "The answer is a redirect; a caller must not follow (R-075).")

    # The user-info call.
    USERINFO_HTML = (Place.USERINFO, "User info is a web page; R-053.")
    USERINFO_EMPTY = (Place.USERINFO, "User info is empty; R-053.")
    USERINFO_TEN_MEGABYTES = (Place.USERINFO, "User info has 10 MB; R-075.")
    USERINFO_HUGE_VALUE = (Place.USERINFO, "One claim has 100 KB; R-071.")
    USERINFO_TEN_THOUSAND_CLAIMS = (Place.USERINFO, "There are 3,000 short claims; R-071.")
    USERINFO_DEEP_JSON = (Place.USERINFO, "A claim nests 20,000 lists; R-071.")
    USERINFO_DUPLICATE_KEYS = (Place.USERINFO, "The id is there twice; RFC 8259 4, R-071.")
    USERINFO_NOT_AN_OBJECT = (Place.USERINFO, "User info is a list; R-053.")
    USERINFO_REFUSES = (Place.USERINFO, "The fresh access token is refused with 401; RFC 6750 3.1.")
    USERINFO_500 = (Place.USERINFO, "The server broke down; R-053.")
    USERINFO_REDIRECTS = (Place.USERINFO, "The call is sent on; a caller must not follow (R-075).")
    SUBJECT_MISSING = (Place.USERINFO, "The id is missing; R-001.")
    SUBJECT_NULL = (Place.USERINFO, "The id is null; R-001.")
    SUBJECT_EMPTY = (Place.USERINFO, "The id is empty; R-001.")
    SUBJECT_TRUE = (Place.USERINFO, "The id is a truth value, which some languages read as 1; R-001.")
    SUBJECT_WITH_FRACTION = (Place.USERINFO, "The id is 42.0, which some languages read as 42; R-001.")
    SUBJECT_NEGATIVE = (Place.USERINFO, "The id is a negative number; R-001.")
    SUBJECT_LIST = (Place.USERINFO, "The id is a list; R-001.")
    SUBJECT_LONG = (Place.USERINFO, "The id has 300 characters; R-051.")
    SUBJECT_OF_THREE_HUNDRED_DIGITS = (Place.USERINFO, "The id is a number of 300 digits; R-051.")

    # The addresses.
    EMAILS_HTML = (Place.EMAILS, "The addresses are a web page; R-053.")
    EMAILS_EMPTY_ANSWER = (Place.EMAILS, "The answer is empty; R-053.")
    EMAILS_AN_OBJECT = (Place.EMAILS, "The addresses are an object with a message; R-053.")
    EMAILS_DEEP_JSON = (Place.EMAILS, "An address nests 20,000 lists; R-071.")
    EMAILS_DUPLICATE_KEYS = (Place.EMAILS, "verified is there twice; RFC 8259 4, R-071.")
    EMAILS_TEN_MEGABYTES = (Place.EMAILS, "The answer has 10 MB; R-075.")
    EMAILS_REFUSED = (Place.EMAILS, "The token may not read addresses; RFC 6750 3.1.")
    EMAILS_500 = (Place.EMAILS, "The server broke down; R-053.")


def lies_about(place: Place) -> tuple[OAuth2Lie, ...]:
    """The lies that are told at one place."""
    return tuple(lie for lie in OAuth2Lie if lie.place is place)
