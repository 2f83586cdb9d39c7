"""Identity providers: what an operator says of them, judged before it is saved."""
