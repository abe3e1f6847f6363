"""What a fill was asked for, in words: for the record of an exported file, and for tooltips."""

from inpaint_studio.document.layer import FillRecipe

_LISTED = ("strength", "sources", "mirrored", "turned")
"""Options of engines in the order they are told; others follow by name."""


def asked_words(recipe: FillRecipe) -> dict[str, str]:
    """Each thing that was not left to the program, by its name; the engine is told elsewhere."""
    options = recipe.options
    names = [name for name in _LISTED if name in options]
    names += sorted(name for name in options if name not in _LISTED)
    words = {name: _word(options[name]) for name in names}
    words |= {
        "grown by": f"{recipe.grow} px" if recipe.grow else "",
        "feathered by": f"{recipe.feather} px" if recipe.feather is not None else "",
        "context": f"{recipe.context} px" if recipe.context is not None else "",
        "copied from": "a painted area" if recipe.allowed is not None else "",
        "not copied from": "a painted area" if recipe.forbidden is not None else "",
        "edges": "drawn by hand" if recipe.edges is not None else "",
    }
    return {name: word for name, word in words.items() if word}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
