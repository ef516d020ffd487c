/* layout.h as this build was compiled: a list of names and numbers, for layout.py to compare. */

#include "layout.h"

#include <stddef.h>

/* Where a field lies. Its type is in the name, as a number may stand where a pointer stood; a field
   of any other type does not compile. */
#define FIELD(field)                                                                               \
    {_Generic(((Layer *)0)->field,                                                                 \
         int64_t: "int64_t Layer." #field,                                                         \
         float *: "pointer Layer." #field,                                                         \
         const float *: "pointer Layer." #field,                                                   \
         const int64_t *: "pointer Layer." #field),                                                \
     offsetof(Layer, field)}

#define KIND(enumeration, kind) {#enumeration "." #kind, kind}

static const struct {
    const char *name;
    int64_t value;
} LAYOUT[] = {
    {"SLACK", SLACK},
    KIND(CellKind, RNN_TANH),
    KIND(CellKind, RNN_RELU),
    KIND(CellKind, LSTM),
    KIND(CellKind, GRU),
    KIND(CellKind, JANET),
    {"len(CellKind)", N_CELL_KINDS},
    KIND(LossKind, CROSS_ENTROPY),
    KIND(LossKind, BINARY_CROSS_ENTROPY),
    KIND(LossKind, SQUARED_ERROR),
    {"len(LossKind)", N_LOSS_KINDS},
    KIND(LineKind, BLANK),
    KIND(LineKind, SOUND),
    KIND(LineKind, DOUBTFUL),
    KIND(LineKind, TOO_LONG),
    {"len(LineKind)", N_LINE_KINDS},
    {"sizeof(Layer)", sizeof(Layer)},
    FIELD(cell),
    FIELD(reverse),
    FIELD(n_rows),
    FIELD(n_steps),
    FIELD(n_slots),
    FIELD(inputs),
    FIELD(units),
    FIELD(order),
    FIELD(lengths),
    FIELD(weight_ih),
    FIELD(weight_hh),
    FIELD(bias_ih),
    FIELD(bias_hh),
    FIELD(x),
    FIELD(x_row),
    FIELD(x_step),
    FIELD(index),
    FIELD(n_table),
    FIELD(start_h),
    FIELD(start_c),
    FIELD(states),
    FIELD(states_row),
    FIELD(states_step),
    FIELD(end_h),
    FIELD(end_c),
    FIELD(gates),
    FIELD(operands),
    FIELD(cells),
    FIELD(grad_states),
    FIELD(grad_end_h),
    FIELD(grad_end_c),
    FIELD(grad_states_row),
    FIELD(grad_states_step),
    FIELD(grad_x),
    FIELD(grad_start_h),
    FIELD(grad_start_c),
    FIELD(grad_bias),
    FIELD(grad_weight_hh),
    FIELD(grad_weight_ih),
};

int64_t layout_size(void) { return sizeof LAYOUT / sizeof *LAYOUT; }

const char *layout_name(int64_t entry) { return LAYOUT[entry].name; }

int64_t layout_value(int64_t entry) { return LAYOUT[entry].value; }
