"""List the licences of all that genlab depends on: licenses.py SBOM …, files in CycloneDX's JSON, beside what the environments hold.

Fails where a dependency says nothing of its licence.
"""

import importlib.metadata
import json
import sys
from pathlib import Path


def modules(path):
    """The Go modules of a bill of materials."""
    for component in json.loads(Path(path).read_text())["components"]:
        given = component.get("licenses") or component.get("evidence", {}).get("licenses") or []
        names = [entry["license"].get("id") or entry["license"].get("name") for entry in given]
        yield "Go", component["name"], component["version"], ", ".join(names)


def packages(environment):
    """The Python packages of an environment, if it has been made."""
    folders = [str(path) for path in Path(environment).glob("lib/python*/site-packages")]
    for package in importlib.metadata.distributions(path=folders):
        said = package.metadata
        classified = [text.split(" :: ")[-1] for text in said.get_all("Classifier", []) if text.startswith("License ::")]
        named = said.get("License-Expression") or "; ".join(classified) or (said.get("License") or "").strip().split("\n")[0]
        yield environment, said["Name"], package.version, named


def main():
    rows = [row for path in sys.argv[1:] for row in modules(path)]
    for environment in (".venv", ".cache/peers"):
        rows += sorted(packages(environment), key=lambda row: row[1].lower())
    for where, name, version, licence in rows:
        print(f"{where:13} {name:45} {version:40} {licence or 'not said'}")
    silent = [row[1] for row in rows if not row[3]]
    print(f"licenses: {len(rows)} dependencies" + (f"; not said by {', '.join(silent)}" if silent else ""))
    sys.exit(bool(silent))


if __name__ == "__main__":
    main()
