"""Building LLVM IR, as llvmlite's module of this name does.

What is built is text: every value knows how it is written, a block is its lines.  So a value that outlives its module,
or one that is put where it does not belong, is an error that LLVM's parser reports, and never a dangling address.
"""

# ruff: noqa: F401
from naja.llvm.builder import IRBuilder
from naja.llvm.types import (
    ArrayType,
    DoubleType,
    FloatType,
    FunctionType,
    HalfType,
    IdentifiedStructType,
    IntType,
    LabelType,
    LiteralStructType,
    PointerType,
    Type,
    VectorType,
    VoidType,
)
from naja.llvm.values import (
    Argument,
    Block,
    Constant,
    Function,
    GlobalVariable,
    Instruction,
    Module,
    PhiInstr,
    SwitchInstr,
    Undefined,
    Value,
)
