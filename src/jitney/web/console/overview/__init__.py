"""The overview of the console: failures first, then what needs somebody, then how many signed in."""
