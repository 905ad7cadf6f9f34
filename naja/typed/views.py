"""Views of `naja.typed.Dict`: those of `collections.abc`, iterating in C."""

from collections import abc


class KeysView(abc.KeysView):
    """The keys of a dict."""

    __slots__ = ()


class ValuesView(abc.ValuesView):
    """The values of a dict."""

    __slots__ = ()

    def __iter__(self):
        return self._mapping._iterate_values()


class ItemsView(abc.ItemsView):
    """The items of a dict."""

    __slots__ = ()

    def __iter__(self):
        return self._mapping._iterate_items()
