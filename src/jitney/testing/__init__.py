"""What Jitney ships for trying it out and for testing against it.

Here are the fake OpenID Provider that can lie, a sample application, and a catcher for mail.
Nothing in this room may be imported by the product, and the fakes import nothing of the product's
``upstream/`` and ``jose/``: a mistake that both sides shared would hide itself.
"""
