"""The section of the look: what operators make of the pages that arriving people see.

What may be saved is decided in ``administration/look.py``; here a form is read, a verb called, and a page shown.
The samples are all the pages that people see, with values of nobody.
"""
