"""The pages that arriving people see: sign-in, the way back from a provider, set-up."""
