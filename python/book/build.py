"""Make the book: a site of docs/ and of the notebooks as they were executed, in English and in Russian, which asks no other host for anything.

    .cache/book/bin/python python/book/build.py [--out out/site]     # from the checkout's root

Links out of the book, to sources, lead to pages with these sources. What is linked and isn't there, and a page above a megabyte, end it with exit
code 1; notebooks with players may be larger.
"""

import argparse
import base64
import hashlib
import html
import json
import posixpath
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

HERE = Path(__file__).resolve().parent
STAGE = Path("out/book")
LANGUAGES = {"en": "", "ru": ".ru"}
WORDS = {"en": ("Notebooks", "Documents"), "ru": ("Тетради", "Документы (на английском)")}
LARGEST = 1_000_000  # bytes of a page; pictures are files of their own
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^)\s]+)\)")
HREF = re.compile(r'href="([^"]+)"')
ELSEWHERE = re.compile(r"""(?:url\(|@import )["']?https?:[^)"']*""")  # what a style fetches from another host


class Book:
    """The pages to make, and the sources that they link to."""

    def __init__(self, out):
        self.out = out
        self.sources = set()
        index = json.loads(Path("notebooks/index.ipynb").read_text())
        self.order = list(dict.fromkeys(re.findall(r"\]\((\w+)\.ipynb\)", "".join("".join(c["source"]) for c in index["cells"]))))
        self.documents = sorted(str(p.relative_to("docs"))[:-3] for p in Path("docs").rglob("*.md"))

    def target(self, page, link):
        """Where a link of a page (a path of the checkout) leads in the book; None if it may stay as it is."""
        url = urlsplit(link)
        if url.scheme or not url.path:
            return None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(url.path)))
        up = "../" * page.count("/")
        fragment = "#" + url.fragment if url.fragment else ""
        if path.startswith("notebooks/") and path.endswith(".ipynb"):
            return f"{up}{path[:-6].removesuffix('.ru')}.html{fragment}"
        if path.startswith("docs/") and path[5:-3] in self.documents and path.endswith(".md"):
            return f"{up}../en/{path[:-3]}.html{fragment}"
        if path.startswith("docs/images/"):
            return None
        if path == "README.md":
            return f"{up}notebooks/index.html"
        if Path(path).exists():
            self.sources.add(path)
            return f"{up}../source/{path}.html{re.sub('^#L', '#L-', fragment)}"
        return None  # the check at the end names it

    def prose(self, page, text):
        """A text with its links led into the book; code stays as it is."""

        def link(m):
            to = self.target(page, m[2])
            return m[0] if to is None or text[m.start() - 1 : m.start()] == "!" else f'<a href="{html.escape(to)}">{m[1]}</a>'

        fences = [m.span() for m in re.finditer(r"^```.*?^```", text, flags=re.DOTALL | re.MULTILINE)]
        return LINK.sub(lambda m: m[0] if any(a <= m.start() < b for a, b in fences) else link(m), text)

    def picture(self, png, alt):
        """A picture as a file that both languages show."""
        raw = base64.b64decode(png)
        name = hashlib.sha256(raw).hexdigest()[:16] + ".png"
        folder = self.out / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
        width, height = int.from_bytes(raw[16:20], "big"), int.from_bytes(raw[20:24], "big")
        return f'<img class="genlab-picture" loading="lazy" width="{width}" height="{height}" src="../../pictures/{name}" alt="{html.escape(alt)}">'

    def notebook(self, language, name):
        """Stage a notebook: links led into the book, pictures as files."""
        page = f"notebooks/{name}.ipynb"
        source = Path(page) if language == "en" else STAGE / "editions" / f"{name}.ru.ipynb"
        nb = json.loads(source.read_text())
        nb["metadata"].setdefault("language_info", {"name": "go"})["pygments_lexer"] = "go"
        section = name
        for cell in nb["cells"]:
            text = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                heads = re.findall(r"^#+ (.*)", text, flags=re.MULTILINE)
                section = heads[-1] if heads else section
                cell["source"] = self.prose(page, text)
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if png := data.pop("image/png", None):
                    said = "".join(data.pop("text/plain", ""))
                    alt = section if said.startswith("[picture") or not said else said
                    data["text/html"] = self.picture("".join(png), alt)
                elif page_html := data.get("text/html"):
                    data["text/html"] = HREF.sub(
                        lambda m: f'href="{html.escape(self.target(page, html.unescape(m[1])) or html.unescape(m[1]))}"', "".join(page_html)
                    )
        if name == "index":
            notebooks, documents = WORDS[language]
            listed = "\n".join(self.order)
            toc = f"```{{toctree}}\n:hidden:\n:caption: {notebooks}\n\n{listed}\n```\n"
            if language == "en":
                listed = "\n".join(f"../docs/{d}" for d in self.documents)
                toc += f"\n```{{toctree}}\n:hidden:\n:caption: {documents}\n\n{listed}\n```\n"
            nb["cells"].append({"cell_type": "markdown", "id": "toctree", "metadata": {}, "source": toc})
        path = STAGE / language / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(nb, ensure_ascii=False))

    def stage(self):
        shutil.rmtree(STAGE, ignore_errors=True)
        (STAGE / "editions").mkdir(parents=True)
        subprocess.run(["go", "run", "./cmd/russian", "-to", str(STAGE / "editions")], check=True)
        for language in LANGUAGES:
            for name in ["index", *self.order]:
                self.notebook(language, name)
        for name in self.documents:
            path = STAGE / "en/docs" / f"{name}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.prose(f"docs/{name}.md", Path(f"docs/{name}.md").read_text()))
        shutil.copytree("docs/images", STAGE / "en/docs/images")

    def sphinx(self):
        for language in LANGUAGES:
            subprocess.run(
                [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-c", str(HERE), "-D", f"language={language}", "-d", str(STAGE / f"{language}.doctrees"),
                 str(STAGE / language), str(self.out / language)],
                check=True,
            )  # fmt: skip
            for made in (".doctrees", ".buildinfo", "objects.inv", "_sources"):
                shutil.rmtree(self.out / language / made, ignore_errors=True)
                (self.out / language / made).unlink(missing_ok=True)

    def source_pages(self):
        """A page of each linked file, and of each linked folder with its files."""
        dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
        style = f"{HtmlFormatter(style='tango').get_style_defs('.highlight')}\n@media (prefers-color-scheme: dark) {{ body {{ background: #131416; color: #ddd }} a {{ color: #8ab4f8 }}\n{dark} }}"
        pending = sorted(self.sources)
        done = set()
        while pending:
            path = pending.pop()
            if path in done:
                continue
            done.add(path)
            up = "../" * (path.count("/") + 1)
            if Path(path).is_dir():
                files = [p for p in sorted(Path(path).iterdir()) if p.suffix in (".go", ".py", ".md")]
                pending += [str(p) for p in files]
                body = "<ul>" + "".join(f'<li><a href="{Path(path).name}/{p.name}.html">{p.name}</a></li>' for p in files) + "</ul>"
            else:
                text = Path(path).read_text()
                try:
                    lexer = get_lexer_for_filename(path)
                except ClassNotFound:
                    lexer = get_lexer_for_filename("x.sh")
                body = highlight(text, lexer, HtmlFormatter(linenos="inline", lineanchors="L", wrapcode=True))
            page = self.out / "source" / f"{path}.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(
                f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{path}</title>'
                f"<style>body {{ margin: 1em; font: 16px sans-serif }} pre {{ line-height: 1.4; tab-size: 4; overflow-x: auto }} .linenos {{ opacity: .5; padding-right: 1em }}\n{style}</style>"
                f'<p><a href="{up}en/notebooks/index.html">genlab</a> · {path}</p>{body}</html>\n'
            )

    def front(self):
        (self.out / "index.html").write_text(
            '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>genlab</title>'
            "<style>body { margin: 4em auto; max-width: 34em; padding: 0 1em; font: 18px/1.5 sans-serif; color-scheme: light dark } a { font-size: 1.3em } img { max-width: 100% }</style>"
            "<h1>genlab</h1><p>Generative models in Go: notebooks to learn from and to play with.</p>"
            '<p><a href="en/notebooks/index.html">In English</a></p><p lang="ru">Порождающие модели на Go: тетради, чтобы учиться и играть.</p>'
            '<p><a href="ru/notebooks/index.html" lang="ru">По-русски</a></p></html>\n'
        )


class Links(HTMLParser):
    """The links and the anchors of a page, and what it fetches."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.links, self.fetched, self.anchors = [], [], set()

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            if key in ("id", "name") and value:
                self.anchors.add(value)
            elif key == "href" and value and tag == "a":
                self.links.append(value)
            elif key == "href" and value and tag == "link" or key in ("src", "data", "poster") and value and ":" not in value[:5]:
                self.fetched.append(value)
            elif key in ("src", "data", "poster") and value and value.startswith("http"):
                self.fetched.append(value)


def check(out):
    """What is wrong with the site: links that lead nowhere, pages that fetch from another host, pages too large."""
    wrong, pages = [], {}
    for path in sorted(out.rglob("*.html")):
        text = path.read_text()
        pages[path.resolve()] = parsed = Links()
        parsed.feed(text)
        if len(text.encode()) > LARGEST and "<script" not in re.sub(r"<head>.*?</head>", "", text, flags=re.DOTALL):
            wrong.append(f"{path} has {len(text.encode()) / 1e6:.1f} MB")
        if found := ELSEWHERE.search(text):
            wrong.append(f"{path} fetches {found[0]}")
    for css in out.rglob("*.css"):
        if found := ELSEWHERE.search(css.read_text()):
            wrong.append(f"{css} fetches {found[0]}")
    for path, page in pages.items():
        for link in page.links + page.fetched:
            url = urlsplit(link)
            if url.scheme in ("http", "https") or link.startswith("//"):
                if link in page.fetched:
                    wrong.append(f"{path.relative_to(out.resolve())} fetches {link}")
                continue
            if url.scheme:
                continue
            to = (path.parent / unquote(url.path)).resolve() if url.path else path
            if to.is_dir():
                to = to / "index.html"
            if not to.exists():
                wrong.append(f"{path.relative_to(out.resolve())}: {link} leads nowhere")
            elif url.fragment and to in pages and unquote(url.fragment) not in pages[to].anchors:
                wrong.append(f"{path.relative_to(out.resolve())}: {link}: no such place in the page")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/site"))
    args = parser.parse_args()
    shutil.rmtree(args.out, ignore_errors=True)
    args.out.mkdir(parents=True)
    book = Book(args.out)
    book.stage()
    book.sphinx()
    book.source_pages()
    book.front()
    wrong = check(args.out)
    print("\n".join(wrong), file=sys.stderr)
    size = sum(p.stat().st_size for p in args.out.rglob("*") if p.is_file())
    print(f"site: {args.out}/index.html, {len(list(args.out.rglob('*.html')))} pages, {size / 1e6:.1f} MB" + (f", {len(wrong)} faults" if wrong else ""))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
