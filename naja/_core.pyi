"""What is written in C, as far as it is public; attributes that naja/dispatcher.py adds are here, too."""

from collections.abc import Callable
from types import CodeType
from typing import Any, Generic, ParamSpec, TypeVar

from naja.typing import Signature

P = ParamSpec("P")
R = TypeVar("R", covariant=True)

def __getattr__(name: str) -> Any: ...  # private: between naja's own modules

class Type:
    """The type of a compiled value; what a kind does not have raises AttributeError."""

    def __init__(self, name: str) -> None: ...
    aligned: bool
    argument_types: tuple[Type, ...]
    array_type: Type
    base: Type
    bitwidth: int
    code: str
    count: int
    dtype: Any
    elements: tuple[Type, ...]
    fields: Any
    frozen: bool
    has_step: bool
    id: int
    instance_class: type
    is_own: bool
    is_unicode: bool
    key_type: Type
    kind: str
    layout: str
    leaves: tuple[str, ...]
    literal_value: Any
    managed: bool
    mutable: bool
    nalternatives: int
    name: str
    ndim: int
    object: Any
    owners: tuple[int, ...]
    pointee: Type
    readonly: bool
    lender: Any
    record_fields: tuple[tuple[str, int, Type, str | None], ...]
    initial: str | None
    reflected: bool
    return_type: Type
    shape: Any
    signed: bool
    size: int
    type: Type
    typed: bool
    types: Any
    underlying_float: Type
    unit: str
    value_type: Type
    what: str
    yield_type: Type
    def is_precise(self) -> bool: ...
    def __call__(self, *args: Any) -> Any: ...
    def __getitem__(self, index: Any) -> Any: ...

class Dispatcher(Generic[P, R]):
    """A function that is compiled for the types it is called with."""

    def __init__(
        self,
        function: Callable[P, R],
        switches: dict[str, Any] = ...,
        targetoptions: dict[str, Any] = ...,
    ) -> None: ...
    __name__: str
    __qualname__: str
    __code__: CodeType
    __wrapped__: Callable[P, R]
    doc: str | None
    func_code: CodeType
    is_compiling: bool
    locals: dict[str, Any]
    nopython_signatures: list[Signature]
    overloads: dict[tuple[Type, ...], Overload]
    py_func: Callable[P, R]
    signatures: list[tuple[Type, ...]]
    stats: Any
    targetoptions: dict[str, Any]
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...
    def compile(self, sig: Any) -> Overload: ...
    def disable_compile(self, val: bool = True) -> None: ...
    def dump(self, tab: str = "") -> None: ...
    def enable_caching(self) -> None: ...
    def explain(self, signature: Any = None) -> Any: ...
    def fold_argument_types(self, args: Any, kws: Any) -> Any: ...
    def get_annotation_info(self, signature: Any = None) -> dict[Any, str]: ...
    def get_call_template(self, args: Any, kws: Any) -> Any: ...
    def get_compile_result(self, sig: Any, **options: Any) -> Overload: ...
    def get_function_type(self) -> Any: ...
    def get_metadata(self, signature: Any = None) -> dict[Any, Any]: ...
    def get_overload(self, types: Any, /) -> Overload: ...
    def inspect_asm(self, signature: Any = None) -> Any: ...
    def inspect_calls(self, signature: Any = None) -> Any: ...
    def inspect_cfg(self, signature: Any = None, show_wrapper: Any = None, **options: Any) -> Any: ...
    def inspect_llvm(self, signature: Any = None) -> Any: ...
    def inspect_types(
        self,
        file: Any = None,
        signature: Any = None,
        pretty: bool = False,
        style: str = "default",
        **options: Any,
    ) -> None: ...
    def parallel_diagnostics(self, signature: Any = None, level: int = 1) -> None: ...
    def recompile(self) -> None: ...
    def typeof_pyval(self, value: Any) -> Type: ...

class Overload:
    """One compiled version of a function."""

    args: tuple[Type, ...]
    assembly: str | None
    c_address: int
    calls_text: str | None
    cross_address: int
    dispatcher: Dispatcher[Any, Any]
    entry_point: Callable[..., Any]
    from_cache: bool
    image: bytes
    library: Any
    lifted: tuple[Any, ...]
    llvm_ir: str | None
    metadata: dict[str, Any]
    native_address: int
    objectmode: bool
    reference_value: Any
    reload_init: tuple[Any, ...]
    remarks_text: str | None
    result: Type
    signature: Signature
    stats: dict[str, Any]
    type_annotation: str
    types_text: str | None
    typing_error: None
    vector_text: str | None
