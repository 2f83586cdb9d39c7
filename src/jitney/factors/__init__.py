"""Second factors: codes from an app, mailed codes, recovery codes and passkeys.

Pure: no I/O, no clock, no chance; all three are arguments.
pyotp, segno and webauthn do the arithmetic and are imported nowhere else; none of their types or exceptions leave
this room.
What does not fit is ``None`` or ``False``, never an exception: nobody learns from it why.
"""
