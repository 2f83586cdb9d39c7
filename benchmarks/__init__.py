"""The benchmark of whole federated sign-ins, and of the floor beneath them: ``make bench``.

Nothing of the product imports this, and nothing here asserts a time: it measures and prints.
"""
