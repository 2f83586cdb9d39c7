"""Every lie that the fake provider can tell, each with the rule that it breaks.

A lie is about one place of the protocol; ``LIES`` lists them all and ``lies_about`` those of one place, for
parametrised tests.
How a lie is told stands in ``lying_tokens`` (what is signed) and ``lying_answers`` (everything else).
"""

import enum


class Place(enum.Enum):
    """Where in the protocol a lie is told."""

    ID_TOKEN = "id_token"
    USERINFO = "userinfo"
    TOKEN_ENDPOINT = "token_endpoint"
    DISCOVERY = "discovery"
    JWKS = "jwks"
    AUTHORIZATION_RESPONSE = "authorization_response"
    REFRESH = "refresh"
    LOGOUT_TOKEN = "logout_token"
    FORM_POST = "form_post"
    TENANT = "tenant"


class Lie(enum.Enum):
    """One lie: its ``place``, and in ``sentence`` what it does and which rule that breaks."""

    def __init__(self, place: Place, sentence: str) -> None:
        self.place = place
        self.sentence = sentence
        self.__doc__ = sentence

    # The ID token: what it says.
    WRONG_NONCE = (Place.ID_TOKEN, "The nonce is another one; OIDC Core 3.1.3.7 (11).")
    MISSING_NONCE = (Place.ID_TOKEN, "A nonce was sent and is not repeated; OIDC Core 3.1.3.7 (11).")
    WRONG_ISSUER = (Place.ID_TOKEN, "The issuer is another one; OIDC Core 3.1.3.7 (2).")
    ISSUER_WITH_SLASH = (
        Place.ID_TOKEN,
        "The issuer has a slash too many; OIDC Core 3.1.3.7 (2): exactly.",
    )
    WRONG_AUDIENCE = (Place.ID_TOKEN, "The token is meant for another client; OIDC Core 3.1.3.7 (3).")
    EXTRA_AUDIENCE = (Place.ID_TOKEN, "A second, untrusted audience is named; OIDC Core 3.1.3.7 (3).")
    MISSING_AUDIENCE = (Place.ID_TOKEN, "No audience is named; OIDC Core 2 requires aud.")
    WRONG_AZP = (Place.ID_TOKEN, "The authorized party is another client; OIDC Core 3.1.3.7 (5).")
    MISSING_AZP = (Place.ID_TOKEN, "Two audiences and no authorized party; OIDC Core 3.1.3.7 (4).")
    EXPIRED = (Place.ID_TOKEN, "The token expired two hours ago; OIDC Core 3.1.3.7 (9).")
    MISSING_EXP = (Place.ID_TOKEN, "The token never expires; OIDC Core 2 requires exp.")
    ISSUED_IN_FUTURE = (Place.ID_TOKEN, "The token is issued an hour from now; OIDC Core 3.1.3.7 (10).")
    NOT_YET_VALID = (Place.ID_TOKEN, "The token is valid only an hour from now; RFC 7519 4.1.5.")
    MISSING_IAT = (Place.ID_TOKEN, "The time of issue is missing; OIDC Core 2 requires iat.")
    STRING_TIMES = (Place.ID_TOKEN, "exp and iat are strings; RFC 7519 2 says that NumericDate is a number.")
    EMPTY_SUBJECT = (Place.ID_TOKEN, "The subject is the empty string; OIDC Core 2 requires an identifier.")
    MISSING_SUBJECT = (Place.ID_TOKEN, "The subject is missing; OIDC Core 2 requires sub.")
    NUMERIC_SUBJECT = (Place.ID_TOKEN, "The subject is a number; OIDC Core 2 says a case-sensitive string.")
    LONG_SUBJECT = (Place.ID_TOKEN, "The subject has 300 characters; OIDC Core 2 allows 255.")
    WRONG_AT_HASH = (Place.ID_TOKEN, "at_hash belongs to another access token; OIDC Core 3.1.3.8.")
    MISSING_AUTH_TIME = (Place.ID_TOKEN, "max_age was asked and auth_time is missing; OIDC Core 3.1.2.1.")
    OLD_AUTH_TIME = (
        Place.ID_TOKEN,
        "The sign-in is a day old, against max_age; OIDC Core 3.1.3.7 (13).",
    )
    WRONG_CLAIM_TYPES = (Place.ID_TOKEN, "E-mail, names and groups have wrong types; OIDC Core 5.1.")
    DEEP_ID_TOKEN = (Place.ID_TOKEN, "A claim nests 2,000 lists; RFC 8259 9 lets a parser limit the depth.")
    DUPLICATE_CLAIMS = (Place.ID_TOKEN, "The subject is there twice; RFC 7519 4 requires unique names.")
    OVERSIZED_ID_TOKEN = (
        Place.ID_TOKEN,
        "The token has 64 KiB; a receiver must bound its parsing (R-071).",
    )
    # The ID token: how it is signed.
    ALG_NONE = (Place.ID_TOKEN, "The token is unsigned, alg is none; OIDC Core 2 and RFC 8725 3.2.")
    HS256_WITH_PUBLIC_KEY = (Place.ID_TOKEN, "HS256, keyed with the public key's text; RFC 8725 2.1.")
    HS256_WITH_CLIENT_SECRET = (Place.ID_TOKEN, "HS256, which was not agreed; OIDC Core 3.1.3.7 (7).")
    FOREIGN_KEY = (Place.ID_TOKEN, "Signed by a stranger under our kid; OIDC Core 3.1.3.7 (6).")
    UNKNOWN_KID = (Place.ID_TOKEN, "Signed by a key that is not in the key set; OIDC Core 10.1.")
    WITHDRAWN_KEY = (Place.ID_TOKEN, "Signed by a key that left the key set; OIDC Core 10.1.1.")
    BAD_SIGNATURE = (Place.ID_TOKEN, "The signature's last bytes are changed; OIDC Core 3.1.3.7 (6).")
    STRIPPED_SIGNATURE = (Place.ID_TOKEN, "The signature is cut off, alg stays; RFC 7515 5.2.")
    EMBEDDED_JWK = (Place.ID_TOKEN, "The header brings the stranger's own key along; RFC 8725 3.10.")
    CRITICAL_HEADER = (Place.ID_TOKEN, "crit names an extension nobody knows; RFC 7515 4.1.11.")
    ACCESS_TOKEN_AS_ID_TOKEN = (Place.ID_TOKEN, "typ is at+jwt, another kind of token; RFC 8725 3.11.")

    # UserInfo.
    USERINFO_OTHER_SUBJECT = (Place.USERINFO, "UserInfo is about somebody else; OIDC Core 5.3.2.")
    USERINFO_MISSING_SUBJECT = (Place.USERINFO, "UserInfo does not say about whom; OIDC Core 5.3.2.")
    USERINFO_NOT_JSON = (Place.USERINFO, "UserInfo is a web page; OIDC Core 5.3.2 says JSON or JWT.")
    USERINFO_HUGE_VALUE = (Place.USERINFO, "One claim has 1 MB; a receiver must bound what it reads (R-075).")
    USERINFO_TEN_THOUSAND_CLAIMS = (
        Place.USERINFO,
        "There are 10,000 claims; a receiver bounds them (R-071).",
    )
    USERINFO_WRONG_TYPES = (Place.USERINFO, "E-mail, names and groups have wrong types; OIDC Core 5.1.")
    USERINFO_DEEP_JSON = (
        Place.USERINFO,
        "A claim nests 20,000 lists; RFC 8259 9 lets parsers limit depth.",
    )
    USERINFO_DUPLICATE_KEYS = (
        Place.USERINFO,
        "The subject is there twice; RFC 8259 4 wants unique names.",
    )
    USERINFO_REFUSES = (Place.USERINFO, "The fresh access token is refused with 401; RFC 6750 3.1.")

    # The token endpoint.
    TOKEN_GARBAGE = (Place.TOKEN_ENDPOINT, "The answer is bytes without sense; RFC 6749 5.1 says JSON.")
    TOKEN_HTML = (Place.TOKEN_ENDPOINT, "The answer is a web page with status 200; RFC 6749 5.1 says JSON.")
    TOKEN_500 = (
        Place.TOKEN_ENDPOINT,
        "The server broke down, status 500; RFC 6749 5.2 knows 400 and 401.",
    )
    TOKEN_NEVER_ANSWERS = (
        Place.TOKEN_ENDPOINT,
        "No answer comes; a caller needs a deadline (R-075).",
    )
    TOKEN_HUGE = (Place.TOKEN_ENDPOINT, "The answer has 8 MiB; a caller must bound what it reads (R-075).")
    TOKEN_ERROR = (Place.TOKEN_ENDPOINT, "invalid_grant with a script in the description; RFC 6749 5.2.")
    TOKEN_WITHOUT_ID_TOKEN = (Place.TOKEN_ENDPOINT, "There is no ID token; OIDC Core 3.1.3.3 requires it.")
    TOKEN_TYPE_WRONG = (Place.TOKEN_ENDPOINT, "token_type is mac; OIDC Core 3.1.3.3 requires Bearer.")
    TOKEN_NOT_AN_OBJECT = (Place.TOKEN_ENDPOINT, "The answer is a JSON list; RFC 6749 5.1 says an object.")
    TOKEN_REDIRECTS = (
        Place.TOKEN_ENDPOINT,
        "The answer is a redirect; a caller must not follow (R-075).",
    )

    # Discovery.
    DISCOVERY_OTHER_ISSUER = (Place.DISCOVERY, "The document is about another issuer; OIDC Discovery 4.3.")
    DISCOVERY_HTTP_ENDPOINTS = (Place.DISCOVERY, "Endpoints without TLS; OIDC Discovery 3 says https.")
    DISCOVERY_FOREIGN_ENDPOINT = (Place.DISCOVERY, "The token endpoint is on another origin; R-054.")
    DISCOVERY_LOCAL_ENDPOINT = (Place.DISCOVERY, "The key set is at a metadata address; R-075.")
    DISCOVERY_MISSING_FIELDS = (Place.DISCOVERY, "Token endpoint and key set are missing; OIDC Discovery 3.")
    DISCOVERY_WITHOUT_END_SESSION = (
        Place.DISCOVERY,
        "There is no end_session_endpoint; OIDC RP-Initiated Logout 2.1 lets it lack.",
    )
    DISCOVERY_GARBAGE = (
        Place.DISCOVERY,
        "The document makes no sense; OIDC Discovery 4.2 says JSON.",
    )
    DISCOVERY_REDIRECTS = (Place.DISCOVERY, "The document sends the caller on; OIDC Discovery 4.2 says 200.")
    DISCOVERY_500 = (Place.DISCOVERY, "The server broke down; OIDC Discovery 4.2 says 200.")

    # The key set.
    JWKS_GARBAGE = (Place.JWKS, "The key set is bytes without sense; RFC 7517 5 says JSON.")
    JWKS_SYMMETRIC_KEY = (Place.JWKS, "A shared key is published, and signs; OIDC Core 10.1 forbids it.")
    JWKS_SHORT_RSA_KEY = (Place.JWKS, "A key of 1,024 bits is published, and signs; RFC 7518 3.3.")
    JWKS_DUPLICATE_KIDS = (Place.JWKS, "Two keys share one kid; RFC 7517 4.5, kids should be distinct.")
    JWKS_ENCRYPTION_KEYS = (Place.JWKS, "All keys are for encryption; RFC 7517 4.2.")
    JWKS_EMPTY = (Place.JWKS, "The key set is empty; OIDC Core 10.1 requires the signing keys.")
    JWKS_500 = (Place.JWKS, "The server broke down; RFC 7517 5 expects a key set.")

    # The answer that travels through the browser.
    WRONG_ISS_PARAMETER = (Place.AUTHORIZATION_RESPONSE, "iss is another issuer; RFC 9207 2.4.")
    MISSING_ISS_PARAMETER = (Place.AUTHORIZATION_RESPONSE, "iss was promised and is missing; RFC 9207 2.4.")
    WRONG_STATE = (Place.AUTHORIZATION_RESPONSE, "state is another value; RFC 6749 10.12.")
    MISSING_STATE = (Place.AUTHORIZATION_RESPONSE, "state was sent and is missing; RFC 6749 4.1.2.")
    ACCESS_DENIED = (
        Place.AUTHORIZATION_RESPONSE,
        "access_denied, its reason a script; RFC 6749 4.1.2.1, R-055.",
    )
    CODE_AND_ERROR = (Place.AUTHORIZATION_RESPONSE, "A code and an error at once; RFC 6749 4.1.2.")
    MISSING_CODE = (Place.AUTHORIZATION_RESPONSE, "Neither code nor error; RFC 6749 4.1.2.")
    DUPLICATED_PARAMETER = (Place.AUTHORIZATION_RESPONSE, "code is there twice; RFC 6749 3.1.")
    UNKNOWN_CODE = (Place.AUTHORIZATION_RESPONSE, "The code was never issued; RFC 6749 5.2, invalid_grant.")

    # The answer that the browser posts.
    QUERY_INSTEAD_OF_FORM = (
        Place.FORM_POST, "A form was asked for, the answer stands in the address; OIDC Form Post Response Mode 2.",
    )  # fmt: skip
    USER_CLAIMS_MORE = (Place.FORM_POST, "user says a verified address, a subject and groups; R-052.")
    USER_GARBAGE = (Place.FORM_POST, "user is no JSON; a field of the browser's proves nothing, R-052.")
    USER_HUGE = (Place.FORM_POST, "user has 64 KiB; a receiver must bound what it reads (R-071).")

    # Many tenants.
    FOREIGN_TENANT = (Place.TENANT, "Somebody of a tenant of their own comes, rightly signed; R-003.")
    TENANT_OF_ANOTHER_ISSUER = (Place.TENANT, "tid names one tenant, iss another; R-003.")
    TENANT_MISSING = (Place.TENANT, "The token names no tenant; R-003.")
    ISSUER_NOT_FILLED_IN = (Place.TENANT, "iss is the template itself; R-003, OIDC Core 3.1.3.7 (2).")

    # Refreshing.
    REFRESHED_OTHER_SUBJECT = (
        Place.REFRESH,
        "The new ID token is about somebody else; OIDC Core 12.2.",
    )
    REFRESHED_OTHER_ISSUER = (Place.REFRESH, "The new ID token has another issuer; OIDC Core 12.2.")
    REFRESHED_OTHER_AUDIENCE = (Place.REFRESH, "The new ID token has another audience; OIDC Core 12.2.")

    # Back-channel logout.
    LOGOUT_UNSIGNED = (Place.LOGOUT_TOKEN, "The logout token is unsigned; Back-Channel Logout 2.6 (1).")
    LOGOUT_WRONG_AUDIENCE = (
        Place.LOGOUT_TOKEN,
        "It is meant for another client; Back-Channel Logout 2.6 (3).",
    )
    LOGOUT_WRONG_ISSUER = (Place.LOGOUT_TOKEN, "The issuer is another one; Back-Channel Logout 2.6 (3).")
    LOGOUT_WITH_NONCE = (
        Place.LOGOUT_TOKEN,
        "It has a nonce, like an ID token; Back-Channel Logout 2.6 (6).",
    )
    LOGOUT_WITHOUT_EVENTS = (
        Place.LOGOUT_TOKEN,
        "The events claim is missing; Back-Channel Logout 2.6 (5).",
    )
    LOGOUT_WITHOUT_WHO = (Place.LOGOUT_TOKEN, "Neither sub nor sid; Back-Channel Logout 2.6 (4).")
    LOGOUT_REPLAYED_JTI = (Place.LOGOUT_TOKEN, "The jti was used before; Back-Channel Logout 2.6 (7).")
    LOGOUT_OLD_IAT = (
        Place.LOGOUT_TOKEN,
        "Issued a day ago, it never expires; Back-Channel Logout 2.6 (3).",
    )
    LOGOUT_FOREIGN_KEY = (Place.LOGOUT_TOKEN, "It is signed by a stranger; Back-Channel Logout 2.6 (2).")


LIES: tuple[Lie, ...] = tuple(Lie)
"""Every lie, for parametrised tests."""


def lies_about(place: Place) -> tuple[Lie, ...]:
    """The lies that are told at one place."""
    return tuple(lie for lie in LIES if lie.place is place)
