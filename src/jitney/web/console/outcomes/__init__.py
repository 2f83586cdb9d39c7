"""Sign-ins in the console: find how they ended, and read the whole reasoning of one."""
