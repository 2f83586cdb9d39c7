"""``python -m jitney.settings``: write the generated pages into the folder that we stand in."""

from jitney.settings.reference import EXAMPLE_FILE, REFERENCE_PAGE, example_file, reference_page

if __name__ == "__main__":
    for path, text in ((REFERENCE_PAGE, reference_page()), (EXAMPLE_FILE, example_file())):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
