"""WSO2's claim URIs and the local attributes that they name; ours are OpenID Connect's standard claim names."""

_DIALECT = "http://wso2.org/claims/"

LOCAL_NAMES = {
    f"{_DIALECT}{theirs}": ours
    for theirs, ours in {
        "emailaddress": "email",
        "identity/emailVerified": "email_verified",
        "givenname": "given_name",
        "lastname": "family_name",
        "middleName": "middle_name",
        "fullname": "name",
        "displayName": "name",
        "nickname": "nickname",
        "gender": "gender",
        "dob": "birthdate",
        "telephone": "phone_number",
        "mobile": "phone_number",
        "url": "website",
        "photourl": "picture",
        "timeZone": "zoneinfo",
        "local": "locale",
        "addresses": "address.formatted",
        "streetaddress": "address.street_address",
        "locality": "address.locality",
        "region": "address.region",
        "postalcode": "address.postal_code",
        "country": "address.country",
    }.items()
}
