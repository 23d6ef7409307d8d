"""The pages' own words are written in `editor/ui/messages`, and in no other module, template or script."""

import ast
import re
from pathlib import Path

import pytest

from editor.ui import messages
from editor.ui.components.html import TEMPLATES
from editor.ui.theme import ASSETS

MESSAGES = Path(messages.__file__).parent
UI = MESSAGES.parent
MODULES = [path for path in sorted(UI.rglob("*.py")) if path.parent != MESSAGES]
# Where a component, or a helper of ours, takes words.
KEYWORDS = {"label", "info", "placeholder", "title", "alt", "alt_text", "empty", "words"}
CALLS = {"Accordion", "Button", "Checkbox", "DownloadButton", "Info", "Markdown", "Tab", "Warning"}
CALLS |= {"View", "button", "escape", "mistake", "note", "placeholder"}
FILLED_IN = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)  # in a template
WORD = re.compile(r"[A-Za-z]{2,}")
# In HTML with {} for what is filled in: what stands between two tags, and what is told of an element.
IN_HTML = re.compile(r'>([^<>]*)<|(?:aria-label|title|alt|placeholder)="([^"]*)"')
LITERAL = re.compile(r'"([^"\n]*)"|`([^`\n]*)`')
SELECTOR = re.compile(r'(find|findAll|all|closest|querySelector\w*)(\?\.)?\("[^"]*"')
NOT_READ = re.compile(r"(^|\s)//.*|console\..*|\$\{[^{}]*\}")  # comments, the console, what is filled in
CAPITAL = re.compile(r"^[A-Z][a-z]+( |:|$)")  # wherever it stands, but for the name of a class in `__all__`
LIKE_WORDS = re.compile(r"^[A-Z][a-z]+( |:|$)|[a-z]{2,} [a-z]{2,}|^ [a-z]{2,}| [a-z]{2,}$")
NO_WORDS = {"Backspace", "Delete", "Enter", "Escape", "Files", "p input"}  # keys, what is dragged, and a selector


def text_of(node):
    """Return a literal with {} for what is filled in; nothing for anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.IfExp):
        return f"{text_of(node.body)} {text_of(node.orelse)}"
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def words_in(source):
    """Return what a person would read that stands in the code itself."""
    found = []
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = text_of(node)
        if id(node) not in docstrings and text != "Tab" and CAPITAL.search(text):
            found.append(text)
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            given = [keyword.value for keyword in node.keywords if keyword.arg in KEYWORDS]
            found += map(text_of, [*given, *(node.args[:1] if name in CALLS else [])])
        found += ["".join(groups) for groups in IN_HTML.findall(text)]
    return [text for text in found if WORD.search(text.replace("{}", ""))]


@pytest.mark.parametrize(
    "source",
    [
        "gr.Button('Stop', size='sm')",
        "_button('Show it', 'train-go')",
        "gr.Radio(choices, label='Time')",
        "gr.Markdown(f'### All pairs\\n{text}')",
        "button('Undo' if x else words, 'undo')",
        "f'<b>{name}</b> was shown</p>'",
        "f'<nav aria-label=\"Pages of {name}\">'",
    ],
)
def test_words_in_the_code_are_found(source):
    assert words_in(source)


def test_no_module_of_the_pages_has_words_of_its_own():
    assert len(MODULES) > 30
    found = [f"{path.relative_to(UI)}: {text}" for path in MODULES for text in words_in(path.read_text("utf-8"))]
    assert not found, "\n".join(found)


def words_in_template(source):
    """Return what a person would read that stands in a template itself."""
    found = ["".join(groups) for groups in IN_HTML.findall(f">{FILLED_IN.sub('', source)}<")]
    return [text for text in found if WORD.search(text)]


@pytest.mark.parametrize("source", ["<b>Stop</b>", 'Stop <i title="{{ x }}"></i>', '<img alt="A cat">', "{{ x }} left"])
def test_words_in_a_template_are_found(source):
    assert words_in_template(source)


def test_no_template_has_words_of_its_own():
    found = [
        f"{path.name}: {text}" for path in TEMPLATES.iterdir() for text in words_in_template(path.read_text("utf-8"))
    ]
    assert len(list(TEMPLATES.iterdir())) > 30
    assert not found, "\n".join(found)


def test_no_script_has_words_of_its_own():
    found = []
    for path in sorted(ASSETS.glob("*.js")):
        code = SELECTOR.sub("", NOT_READ.sub("", path.read_text(encoding="utf-8")))
        texts = {re.sub(r"<[^<>]*>|pb-[\w-]+", "", "".join(groups)) for groups in LITERAL.findall(code)}
        found += [f"{path.name}: {text}" for text in texts - NO_WORDS if LIKE_WORDS.search(text)]
    assert not found, "\n".join(found)
