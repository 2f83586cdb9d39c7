"""The console's pages for identity providers: list them, add one, edit it part by part, remove it.

No rule stands here: a page reads a form, asks a verb of ``administration`` or ``signin``, and shows what it says.
"""
