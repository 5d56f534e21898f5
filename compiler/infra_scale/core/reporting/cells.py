"""The terminal width of a text: two columns for a Chinese character, none for a combining accent."""


def cells(text: str) -> int:
    """The columns of `text`."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width  # noqa: PLC0415 (only for what is not ASCII)

    joining = ("Mn", "Me", "Cf")
    return sum(0 if category(one) in joining else 1 + (east_asian_width(one) in "WF") for one in text)


def window(text: str, start: int, room: int, *, context: int) -> tuple[str, int]:
    """The part of `text` that fits into `room`, with at most `context` before `start`; and the offset of `start`."""
    if cells(text) <= room:
        return text, start
    cut = max(0, min(start - min(context, room // 2), len(text) - room))
    shown, start = text[cut : cut + room], start - cut
    while cells(shown) > room:
        if len(shown) > start + 1:
            shown = shown[:-1]
        else:
            shown, start = shown[1:], start - 1
    return shown, start
