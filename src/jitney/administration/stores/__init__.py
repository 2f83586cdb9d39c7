"""User stores: what an operator says of them, judged before it is saved, and tried before it is used."""
