"""What extensions use of llvmlite's module of this name: libraries and symbols that code is linked with."""

import ctypes

__all__ = ["add_symbol", "address_of_symbol", "get_host_cpu_name", "load_library_permanently"]

_symbols = {}


def load_library_permanently(filename):
    """Load a shared library whose functions compiled code may call.

    Parameters
    ----------
    filename : str or None
        Its path; None is the process itself.

    Raises
    ------
    RuntimeError
        If it cannot be loaded.
    """
    try:
        ctypes.CDLL(filename, mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise RuntimeError(str(error)) from None


def add_symbol(name, address):
    """Give a symbol an address.

    Parameters
    ----------
    name : str
    address : int
    """
    from naja import _core

    _symbols[name] = address
    _core.add_symbol(name, address)


def address_of_symbol(name):
    """Return the address of a symbol, or None.

    Parameters
    ----------
    name : str

    Returns
    -------
    int or None
    """
    if name in _symbols:
        return _symbols[name]
    try:
        return ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p).value
    except AttributeError:
        return None


def get_host_cpu_name():
    """Return a name of this machine's processor.

    llvmlite gives LLVM's name for its kind; this is the system's, which needs no LLVM.

    Returns
    -------
    str
    """
    import platform

    from naja import config

    return config.CPU_NAME or platform.processor() or platform.machine()
