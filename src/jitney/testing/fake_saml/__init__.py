"""The rooms behind ``fake_saml_provider``: what it says, how it seals and sends that, and its lies.

Honest code and lying code stand in different files here: the files ``lies_…`` hold one function for each lie.
Nothing in this folder may import Jitney's own upstream code: a fault of the reader would be shared by the writer.
"""
