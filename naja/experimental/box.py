"""Where the memory of an instance lies."""

__all__ = ["box_get_dataptr", "box_get_meminfoptr"]


def box_get_dataptr(instance):
    """Return the address of the first member of a jitclass's instance."""
    return instance._data_address


def box_get_meminfoptr(instance):
    """Return the address of the memory block of a jitclass's instance."""
    return instance._block_address
