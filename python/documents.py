"""Files that are written whole, and the parts of documents that programs renew."""

import os


def write(path, text):
    """Write the file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def part(path, name):
    """What stands between a document's marks of that name."""
    return path.read_text(encoding="utf-8").split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0]


def renew(path, name, text):
    """Put text, which ends with its line, between a document's marks of that name."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, rest = path.read_text(encoding="utf-8").split(start)
    write(path, before + start + "\n" + text + end + rest.split(end)[1])
