"""Two steps of PatchMatch spelt out for the processor's vector unit.

A row of a patch is 7 pixels of 4 channels: 28 bytes to compare, 7 vectors of 4 floats to add up.
numba's optimiser unrolls such short loops into single numbers, a tenth as fast; LLVM makes of these
what any processor has.
"""

# numba and llvmlite come without types, and numba demands that these have none.
# ruff: noqa: ANN001, ANN201, ANN202
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingParameterType=false, reportUntypedFunctionDecorator=false

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_FLOAT = ir.FloatType()
_PIXEL = ir.VectorType(_FLOAT, 4)
_PIXELS = 7
_FAST = ("fast",)
_INT, _SHORT = ir.IntType(32), ir.IntType(16)
_LOADED = 32
"""Bytes read for a patch's row of 28; the rest is not looked at but has to be there."""
_BYTES = ir.VectorType(ir.IntType(8), _LOADED)
_SUMS = ir.VectorType(_INT, _LOADED)


def _pointer(context, builder, kind, array, index):
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(data, [index])


def _pixel(builder, start, at):
    """A pointer to the pixel `at` pixels behind `start`."""
    place = builder.gep(start, [ir.Constant(ir.IntType(64), 4 * at)])
    return builder.bitcast(place, _PIXEL.as_pointer())


def _apart_in(rows):
    """An intrinsic that compares some of the rows of two patches of bytes."""

    @intrinsic
    def apart(typing, codes, t, s, width):
        """Sum of squared differences of patches at `t` and `s` of flat `codes`, `width` a row."""
        signature = types.int64(codes, types.uint64, types.uint64, types.uint64)

        def generate(context, builder, signature, given):
            start = context.make_array(signature.args[0])(context, builder, given[0]).data
            total = ir.Constant(_SUMS, [0] * _LOADED)
            for row in rows:
                below = builder.mul(given[3], ir.Constant(ir.IntType(64), row))
                here, there = (
                    _wide(builder, builder.gep(start, [builder.add(at, below)]))
                    for at in given[1:3]
                )
                total = builder.add(total, _squares(builder, builder.sub(here, there)))
            return builder.zext(_sum(builder, total), ir.IntType(64))

        return signature, generate

    return apart


def _wide(builder, start):
    """The 32 bytes at a pointer as 16-bit numbers."""
    loaded = builder.load(builder.bitcast(start, _BYTES.as_pointer()), align=1)
    return builder.zext(loaded, ir.VectorType(_SHORT, _LOADED))


def _squares(builder, apart):
    """The squares of a patch's 28 differences, four zeros behind them."""
    mask = ir.Constant(apart.type, [-1] * 4 * _PIXELS + [0] * (_LOADED - 4 * _PIXELS))
    wide = builder.sext(builder.and_(apart, mask), _SUMS)
    return builder.mul(wide, wide, flags=["nsw"])


def _sum(builder, vector):
    kind = ir.FunctionType(_INT, [vector.type])
    name = f"llvm.vector.reduce.add.v{vector.type.count}i32"
    return builder.call(builder.module.declare_intrinsic(name, (), kind), [vector])


apart_first = _apart_in((0, 3, 6))
apart_then = _apart_in((1, 5))
apart_last = _apart_in((2, 4))


@intrinsic
def add_row(typing, votes, v, rows, s, shifts, heavy):
    """Add (28 floats at `s` of flat `rows`, plus 4 `shifts` on each pixel) * `heavy` to `votes`."""
    signature = types.void(votes, types.uint64, rows, types.uint64, shifts, types.float32)

    def generate(context, builder, signature, given):
        zero = ir.Constant(ir.IntType(64), 0)
        here = _pointer(context, builder, signature.args[0], given[0], given[1])
        there = _pointer(context, builder, signature.args[2], given[2], given[3])
        start = _pointer(context, builder, signature.args[4], given[4], zero)
        shift = builder.load(_pixel(builder, start, 0), align=4)
        weight = ir.Constant(_PIXEL, ir.Undefined)
        for lane in range(4):
            weight = builder.insert_element(weight, given[5], ir.Constant(ir.IntType(32), lane))
        for at in range(_PIXELS):
            source = builder.load(_pixel(builder, there, at), align=4)
            moved = builder.fadd(source, shift, flags=_FAST)
            place = _pixel(builder, here, at)
            so_far = builder.load(place, align=4)
            total = builder.fadd(so_far, builder.fmul(moved, weight, flags=_FAST), flags=_FAST)
            builder.store(total, place, align=4)
        return context.get_dummy_value()

    return signature, generate
