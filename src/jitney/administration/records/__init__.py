"""What happened: outcomes, audit events, and what they come to on the overview."""
