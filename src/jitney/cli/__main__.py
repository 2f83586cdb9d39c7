"""``python -m jitney.cli``: the command ``jitney`` without its script."""

from jitney.cli import main

if __name__ == "__main__":
    main()
