"""Two steps of PatchMatch spelt out for the processor's vector unit.

A row of a patch is 7 pixels of 4 floats, so 7 vectors of 4. numba's optimiser unrolls such short
loops into single numbers, a tenth as fast; LLVM makes of these what any processor has.
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


def _pointer(context, builder, kind, array, index):
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(data, [index])


def _pixel(builder, start, at):
    """A pointer to the pixel `at` pixels behind `start`."""
    place = builder.gep(start, [ir.Constant(ir.IntType(64), 4 * at)])
    return builder.bitcast(place, _PIXEL.as_pointer())


@intrinsic
def row_apart(typing, target, t, source, s):
    """Sum of squared differences of the 28 floats at `t` of one flat array and `s` of another."""
    signature = types.float32(target, types.uint64, source, types.uint64)

    def generate(context, builder, signature, given):
        here = _pointer(context, builder, signature.args[0], given[0], given[1])
        there = _pointer(context, builder, signature.args[2], given[2], given[3])
        total = ir.Constant(_PIXEL, [0.0] * 4)
        for at in range(_PIXELS):
            one = builder.load(_pixel(builder, here, at), align=4)
            other = builder.load(_pixel(builder, there, at), align=4)
            apart = builder.fsub(one, other, flags=_FAST)
            total = builder.fadd(total, builder.fmul(apart, apart, flags=_FAST), flags=_FAST)
        lanes = [
            builder.extract_element(total, ir.Constant(ir.IntType(32), lane)) for lane in range(4)
        ]
        pairs = [
            builder.fadd(lanes[0], lanes[2], flags=_FAST),
            builder.fadd(lanes[1], lanes[3], flags=_FAST),
        ]
        return builder.fadd(*pairs, flags=_FAST)

    return signature, generate


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
