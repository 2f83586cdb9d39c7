"""Our own addresses for one identity provider: each has its own, so that no answer reaches another's (R-050)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OurPlaces:
    """Where one provider, and the browsers that it sends, find us.

    ``base_url`` is our public address without a slash at its end, ``name`` the provider's short name.
    """

    base_url: str
    name: str

    @property
    def callback(self) -> str:
        """Return the redirect URI."""
        return f"{self.base_url}/callback/{self.name}"

    @property
    def signed_out(self) -> str:
        """Return where a person comes back to who has signed out at an OpenID Connect provider."""
        return f"{self.base_url}/logout/upstream/{self.name}/done"

    @property
    def back_channel_logout(self) -> str:
        """Return where an OpenID Connect provider sends its logout tokens."""
        return f"{self.base_url}/logout/upstream/{self.name}"

    @property
    def saml_metadata(self) -> str:
        """Return where our SAML metadata stands, which is our entity id too unless the settings name another."""
        return f"{self.base_url}/saml/{self.name}/metadata"

    @property
    def assertion_consumer(self) -> str:
        """Return where SAML responses are posted to."""
        return f"{self.base_url}/saml/{self.name}/acs"

    @property
    def single_logout(self) -> str:
        """Return where SAML logout messages go."""
        return f"{self.base_url}/saml/{self.name}/slo"
