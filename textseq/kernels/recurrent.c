/* Recurrent layers: all steps of a batch, forwards and backwards, in one call.

   Shapes: B rows, T steps, D inputs, H units; G gates of the weights; G' sums under the gates,
   more than G for the gru alone, whose candidate keeps the input's and the state's part apart.
   A tile takes U units, U = WIDTH * blocks(cell), and units are padded to P, a multiple of U; the
   padding of h and of c stays zero throughout.

   SLOTS. Rows are taken longest first, so that those still running at step t are the first n(t) of
   them: nothing is computed for padding, nor kept. A slot is one row at one step; slots are
   numbered step by step, S in all. Rows of 2, 4 and 1 steps, with `order` 1, 0, 2:

                 t = 0     t = 1     t = 2     t = 3
       row 1    slot 0    slot 3    slot 5    slot 6
       row 0    slot 1    slot 4
       row 2    slot 2
       n(t)          3         2         1         1         S = 7

   A step is thus a matrix of n(t) rows without gaps, and in it a row is always the `at`-th, for
   which order[at] names it. The slot before slot s of step t is s - n(t - 1).

   OPERANDS (S, P + D). One matrix product multiplies [h_{t-1} | x_t] with the weights of all gates;
   the gates are then applied while the sums are in registers:

       slot s   | h_{t-1}: H floats, then zeros up to P | x_t: D floats |

   Where x is a table whose rows come again and again, each row is multiplied once, ahead of all
   steps, and x_t's part of the operands is not used.

   PACKED WEIGHTS (P / U, P + D, G, U), in the order in which tiles read them:

       units 0 .. U-1    | k = 0: gate 0, .. gate G-1 | k = 1: .. | .. | k = P+D-1: .. |
       units U .. 2U-1   | k = 0: ..
                           a gate's part is U floats, for k < P of W_hh, beyond of W_ih

   On the way back a tile is W = 4 * WIDTH of the C columns of W_hh or W_ih: (C / W, G, P, W).

   KEPT for the gradient, slot by slot: operands; gates (S, G', P); of the lstm, cells (S, P).

                 G   G'   gates[s]                                          cells[s]
       rnn       1   1    h_t
       lstm      4   4    input    forget   candidate   output              c_t
       gru       3   4    reset    update   candidate   W_hh h + b_hh of the candidate
       janet     2   2    forget   candidate

   The way back turns gates[s] into the gradient of the sums under them, in the same memory. */

#include <pthread.h>
#include <stdlib.h>

#include "layout.h"
#include "simd.h"

/* Rows of one tile: as many as leave its sums in registers. */
#if defined(__AVX512F__)
#define ROWS 6
#elif defined(__aarch64__)
#define ROWS 5
#else
#define ROWS 3
#endif

/* Slots whose gradient goes into the weights' at once: as many as stay in the cache. */
#define CHUNK 128

INLINE int weight_gates(int cell) {
    return cell == LSTM ? 4 : cell == GRU ? 3 : cell == JANET ? 2 : 1;
}

/* Sums a unit has: the gru's candidate keeps the input's and the state's part apart. */
INLINE int sums(int cell) { return cell == GRU ? 4 : weight_gates(cell); }

/* Vectors of units in a tile: cells of few gates take more units, to fill the registers. */
INLINE int blocks(int cell) { return cell <= RNN_RELU ? 2 : cell == JANET ? 2 : 1; }

/* The sum that gate `gate` of the weights adds to, for the state's and the input's part. */
INLINE int sum_of(int cell, int gate, int of_input) {
    return cell == GRU && gate == 2 && !of_input ? 3 : gate;
}

/* Whether this build multiplies faster than torch's own layers, which choose their instructions
   when they run: a plain build for x86 does not. */
int recurrent_is_worthwhile(void) {
#if defined(__FMA__) || defined(__aarch64__)
    return 1;
#else
    return 0;
#endif
}

static int64_t padded_to(int64_t count, int64_t multiple) {
    return (count + multiple - 1) / multiple * multiple;
}

int64_t recurrent_padded_units(int64_t cell, int64_t units) {
    return padded_to(units, WIDTH * blocks((int)cell));
}

int64_t recurrent_sums(int64_t cell) { return sums((int)cell); }

static float *allocate(int64_t count) {
    void *memory = NULL;
    return posix_memalign(&memory, 64, (size_t)(count ? count : 1) * sizeof(float)) ? NULL : memory;
}

static float *zeros(int64_t count) {
    float *memory = allocate(count);
    return memory ? memset(memory, 0, (size_t)count * sizeof(float)) : NULL;
}

/* Weights as tiles read them, (P / U, P + D, G, U): for each tile of units, for each operand k,
   gate by gate. Zero where a unit or a k is padding. */
static void pack_forward(const Layer *layer, float *packed) {
    int cell = (int)layer->cell, gates = weight_gates(cell), tile = WIDTH * blocks(cell);
    int64_t units = layer->units, padded = recurrent_padded_units(cell, units);
    for (int64_t first = 0; first < padded; first += tile)
        for (int of_input = 0; of_input < 2; of_input++) {
            const float *weight = of_input ? layer->weight_ih : layer->weight_hh;
            int64_t columns = of_input ? layer->inputs : units;
            int64_t last = first + tile < units ? tile : units - first;
            for (int64_t k = 0; k < (of_input ? columns : padded); k++)
                for (int gate = 0; gate < gates; gate++, packed += tile) {
                    /* Down column k of the gate's weights, (H, D) or (H, H). */
                    const float *from = weight + (gate * units + first) * columns + k;
                    for (int64_t unit = 0; unit < tile; unit++)
                        packed[unit] = k < columns && unit < last ? from[unit * columns] : 0.0f;
                }
        }
}

/* Both biases under each sum, (G', P). */
static void pack_bias(const Layer *layer, int64_t padded, float *packed) {
    int cell = (int)layer->cell;
    for (int of_input = 0; of_input < 2; of_input++) {
        const float *bias = of_input ? layer->bias_ih : layer->bias_hh;
        for (int gate = 0; bias && gate < weight_gates(cell); gate++)
            for (int64_t unit = 0; unit < layer->units; unit++)
                packed[sum_of(cell, gate, of_input) * padded + unit] +=
                    bias[gate * layer->units + unit];
    }
}

/* sums[row][parts[column]] += operands[row][k] * packed[k][column], for k under `depth`.

   operands (rows, depth), each row by a pointer of its own; packed (depth, columns * WIDTH); sums
   (rows, columns) of vectors, which stay in registers: with all numbers but `depth` known to the
   compiler, a weight that is loaded serves all rows, and an operand all columns. */
INLINE void multiply(int rows, int columns, const int *parts, vector sums_of[ROWS][4],
                     const float *const *operands, const float *packed, int64_t depth) {
    for (int64_t k = 0; k < depth; k++, packed += columns * WIDTH) {
        vector weights[4];
        for (int column = 0; column < columns; column++)
            weights[column] = load(packed + column * WIDTH);
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                sums_of[row][parts[column]] += operands[row][k] * weights[column];
    }
}

typedef struct {
    const float *packed;
    int64_t padded, depth, inputs;
} Weights;

/* The buffers of one step, row after row; gates may be NULL. */
typedef struct {
    const float *operands, *cells_before;
    const float **begun;          /* of each row, what its sums start from, (G', P) */
    int begun_with_inputs;        /* whether W_ih x_t is in it, or the bias alone */
    float *gates, *cells, *fresh; /* fresh: h_t */
} Step;

/* Load what the sums of a tile start from: (rows, G', U) out of each row's (G', P). */
INLINE void begin(int cell, int rows, int64_t padded, const float *const *begun, int64_t unit,
                  vector total[ROWS][4]) {
    for (int at = 0; at < rows; at++)
        for (int part = 0; part < sums(cell); part++)
            for (int block = 0; block < blocks(cell); block++)
                total[at][part * blocks(cell) + block] =
                    load(begun[at] + part * padded + unit + block * WIDTH);
}

/* Add to a tile's sums, (rows, G', U), W_hh h or W_ih x: operands (rows, P) or (rows, D). */
INLINE void add(int cell, int rows, const Weights *weights, int of_input,
                const float *const *operands, int64_t unit, vector total[ROWS][4]) {
    const int wide = blocks(cell), columns = weight_gates(cell) * wide;
    int parts[4];
    for (int column = 0; column < columns; column++)
        parts[column] = sum_of(cell, column / wide, of_input) * wide + column % wide;
    const float *packed = weights->packed + unit * weights->depth * weight_gates(cell);
    if (of_input)
        packed += weights->padded * columns * WIDTH;
    multiply(rows, columns, parts, total, operands, packed,
             of_input ? weights->inputs : weights->padded);
}

/* One tile of a step: `rows` rows from `row`, U units from `unit`. Reads h_{t-1} and x_t, writes
   h_t, c_t and, if they are kept, the gates. */
INLINE void forward_tile(int cell, int rows, const Weights *weights, const Step *step, int64_t row,
                         int64_t unit) {
    const int parts = sums(cell), wide = blocks(cell);
    const int64_t padded = weights->padded, depth = weights->depth;
    const float *states[ROWS], *inputs[ROWS];
    vector total[ROWS][4];
    for (int at = 0; at < rows; at++) {
        states[at] = step->operands + (row + at) * depth;
        inputs[at] = states[at] + padded;
    }
    /* Sums (rows, G', U) = bias + W_hh h_{t-1} + W_ih x_t. */
    begin(cell, rows, padded, step->begun + row, unit, total);
    add(cell, rows, weights, 0, states, unit, total);
    if (!step->begun_with_inputs)
        add(cell, rows, weights, 1, inputs, unit, total);
    /* The gates, for one vector of units of one row at a time. */
    for (int at = 0; at < rows; at++)
        for (int block = 0; block < wide; block++) {
            int64_t column = unit + block * WIDTH, here = (row + at) * padded + column;
            vector h, kept[4] = {{0}};
            vector before = load(step->operands + (row + at) * depth + column);
#define SUM(part) total[at][(part) * wide + block]
            if (cell == RNN_TANH) {
                h = kept[0] = tanh_of(SUM(0));
            } else if (cell == RNN_RELU) {
                h = kept[0] = blend(SUM(0) < 0.0f, broadcast(0.0f), SUM(0));
            } else if (cell == LSTM) {
                vector input = kept[0] = sigmoid_of(SUM(0));
                vector forget = kept[1] = sigmoid_of(SUM(1));
                vector candidate = kept[2] = tanh_of(SUM(2));
                vector output = kept[3] = sigmoid_of(SUM(3));
                vector c = forget * load(step->cells_before + here) + input * candidate;
                store(step->cells + here, c);
                h = output * tanh_of(c);
            } else if (cell == GRU) {
                vector reset = kept[0] = sigmoid_of(SUM(0));
                vector update = kept[1] = sigmoid_of(SUM(1));
                kept[3] = SUM(3);
                vector candidate = kept[2] = tanh_of(SUM(2) + reset * SUM(3));
                h = (1.0f - update) * candidate + update * before;
            } else { /* JANET: write is 1 - sigmoid(s - 1), and not kept: it follows from forget */
                vector forget = kept[0] = sigmoid_of(SUM(0));
                vector write = sigmoid_of(1.0f - SUM(0));
                vector candidate = kept[1] = tanh_of(SUM(1));
                h = forget * before + write * candidate;
            }
#undef SUM
            store(step->fresh + here, h);
            if (step->gates)
                for (int part = 0; part < parts; part++)
                    store(step->gates + ((row + at) * parts + part) * padded + column, kept[part]);
        }
}

/* The bias and the inputs' part of the sums, (rows, G', P), for `rows` rows of inputs (rows, D)
   that lie `stride` apart. */
INLINE void project_tile(int cell, int rows, const Weights *weights, const float *bias,
                         const float *x, int64_t stride, int64_t unit, float *projected) {
    const float *inputs[ROWS], *begun[ROWS];
    vector total[ROWS][4];
    for (int at = 0; at < rows; at++)
        inputs[at] = x + at * stride, begun[at] = bias;
    begin(cell, rows, weights->padded, begun, unit, total);
    add(cell, rows, weights, 1, inputs, unit, total);
    for (int at = 0; at < rows; at++)
        for (int part = 0; part < sums(cell); part++)
            for (int block = 0; block < blocks(cell); block++)
                store(projected + (at * sums(cell) + part) * weights->padded + unit + block * WIDTH,
                      total[at][part * blocks(cell) + block]);
}

/* Call with as many rows as fit into a tile, then with what is left. The number is a constant each
   time: the loops over a tile's rows are unrolled, and its sums need no memory. */
#define FOR_TILES(call, first, count)                                                              \
    for (int64_t row = first; row < (count);) {                                                    \
        int64_t left = (count) - row;                                                              \
        if (left >= ROWS) {                                                                        \
            call(ROWS);                                                                            \
            row += ROWS;                                                                           \
        } else if (left == 1) {                                                                    \
            call(1);                                                                               \
            row += 1;                                                                              \
        } else if (left == 2 || ROWS == 3) {                                                       \
            call(2);                                                                               \
            row += 2;                                                                              \
        } else if (left == 3 || ROWS == 4) {                                                       \
            call(3);                                                                               \
            row += 3;                                                                              \
        } else if (left == 4 || ROWS == 5) {                                                       \
            call(4);                                                                               \
            row += 4;                                                                              \
        } else {                                                                                   \
            call(5);                                                                               \
            row += 5;                                                                              \
        }                                                                                          \
    }

static void copy(float *to, const float *from, int64_t count) {
    memcpy(to, from, (size_t)count * sizeof(float));
}

/* Where in its row the cell is at a step. */
static int64_t position_of(const Layer *layer, int64_t row, int64_t step) {
    return layer->reverse ? layer->lengths[row] - 1 - step : step;
}

static const float *input_of(const Layer *layer, int64_t row, int64_t step) {
    return layer->x + row * layer->x_row + position_of(layer, row, step) * layer->x_step;
}

/* Make ready what a row reads at a step: the projected row, or x beside the state. */
static void read_input(const Layer *layer, int64_t at, int64_t step, const float *projected,
                       int64_t stride, const float **begun, float *operand_x) {
    int64_t row = layer->order[at], position = position_of(layer, row, step);
    if (projected)
        begun[at] =
            projected +
            stride * (layer->index ? layer->index[row * layer->n_steps + position] : position);
    else
        copy(operand_x, input_of(layer, row, step), layer->inputs);
}

/* Rows, longest first, that have more than `step` steps; never more than `most`. */
static int64_t running(const Layer *layer, int64_t step, int64_t most) {
    while (most > 0 && layer->lengths[layer->order[most - 1]] <= step)
        most--;
    return most;
}

INLINE int forward(int cell, const Layer *layer) {
    const int64_t units = layer->units, inputs = layer->inputs, n_rows = layer->n_rows;
    const int64_t padded = recurrent_padded_units(cell, units), depth = padded + inputs;
    const int parts = sums(cell), keep = layer->gates != NULL;
    /* packed (P / U, P + D, G, U), bias (G', P). Of the step at hand: fresh, which is h_t, and
       cells (B, P), and operands (B, P + D); the last two are for where nothing is kept. */
    float *packed = allocate(padded * weight_gates(cell) * depth), *bias = zeros(parts * padded);
    float *fresh = zeros(n_rows * padded), *cells = zeros(n_rows * padded);
    float *operands = zeros(n_rows * depth);
    /* Inputs that come more than once are multiplied once, and those of a row that is alone
       all together, since its steps would each read the whole of W_ih: projected (n_table or T,
       G', P) is the bias and W_ih x, which sums then start from. */
    const int ahead = layer->index || (!keep && n_rows == 1);
    const int64_t n_projected = !ahead ? 0 : layer->index ? layer->n_table : layer->n_steps;
    const int64_t stride = parts * padded;
    float *projected = ahead ? allocate(n_projected * stride) : NULL;
    const float **begun = malloc((size_t)(n_rows + 1) * sizeof *begun);
    int failed = !(packed && bias && fresh && cells && operands && begun && (projected || !ahead));
    if (failed)
        goto end;
    pack_forward(layer, packed);
    pack_bias(layer, padded, bias);
    const Weights weights = {packed, padded, depth, inputs};
    for (int64_t unit = 0; unit < padded; unit += WIDTH * blocks(cell)) {
#define TILE(rows)                                                                                 \
    project_tile(cell, rows, &weights, bias, layer->x + row * layer->x_step, layer->x_step, unit,  \
                 projected + row * stride)
        FOR_TILES(TILE, 0, n_projected)
#undef TILE
    }

    /* Before the first step: operands (n(0), P + D) and cells (n(0), P) from start_* and x. Every
       row, also one without steps, gets its start_* as end_*, and zeros beyond its end. */
    int64_t n_active = running(layer, 0, n_rows), slot = 0;
    Step step = {.operands = keep ? layer->operands : operands,
                 .cells_before = cells,
                 .begun = begun,
                 .begun_with_inputs = ahead,
                 .gates = layer->gates,
                 .cells = keep && cell == LSTM ? layer->cells : cells,
                 .fresh = fresh};
    for (int64_t at = 0; at < n_rows; at++) {
        int64_t row = layer->order[at];
        float *operand = (float *)step.operands + at * depth;
        if (layer->start_h) {
            copy(layer->end_h + row * units, layer->start_h + row * units, units);
            if (cell == LSTM) {
                copy(layer->end_c + row * units, layer->start_c + row * units, units);
                copy(cells + at * padded, layer->start_c + row * units, units);
            }
        } else {
            memset(layer->end_h + row * units, 0, (size_t)units * sizeof(float));
            if (cell == LSTM)
                memset(layer->end_c + row * units, 0, (size_t)units * sizeof(float));
        }
        for (int64_t t = layer->lengths[row]; t < layer->n_steps; t++)
            memset(layer->states + row * layer->states_row + t * layer->states_step, 0,
                   (size_t)units * sizeof(float));
        if (at >= n_active)
            continue;
        memset(operand, 0, (size_t)padded * sizeof(float));
        if (layer->start_h)
            copy(operand, layer->start_h + row * units, units);
        begun[at] = bias;
        read_input(layer, at, 0, projected, stride, begun, operand + padded);
    }
    for (int64_t t = 0; n_active; t++) {
        /* (n(t), P + D) operands to (n(t), G', P) sums, gates and h_t (n(t), P). Rows go by within
           a tile of units, whose weights, (P + D, G, U), stay in the cache for all of them. */
        for (int64_t unit = 0; unit < padded; unit += WIDTH * blocks(cell)) {
#define TILE(rows) forward_tile(cell, rows, &weights, &step, row, unit)
            FOR_TILES(TILE, 0, n_active)
#undef TILE
        }
        /* h_t goes into `states`, and into the operand of the row's next slot or, after its last
           step, into end_h. Where all is kept the next operands are the next n(t + 1) slots, else
           those of the step just done: h_{t-1} was read by all tiles. */
        int64_t n_next = running(layer, t + 1, n_active);
        float *following = keep ? layer->operands + (slot + n_active) * depth : operands;
        for (int64_t at = 0; at < n_active; at++) {
            int64_t row = layer->order[at];
            float *h = fresh + at * padded;
            int64_t position = position_of(layer, row, t);
            copy(layer->states + row * layer->states_row + position * layer->states_step, h, units);
            if (at < n_next) {
                copy(following + at * depth, h, padded);
                read_input(layer, at, t + 1, projected, stride, begun,
                           following + at * depth + padded);
            } else {
                copy(layer->end_h + row * units, h, units);
                if (cell == LSTM)
                    copy(layer->end_c + row * units, step.cells + at * padded, units);
            }
        }
        step.operands = following;
        slot += n_active;
        if (keep) {
            step.gates = layer->gates + slot * parts * padded;
            if (cell == LSTM) {
                step.cells_before = step.cells;
                step.cells = layer->cells + slot * padded;
            }
        }
        n_active = n_next;
    }
end:
    free(packed), free(bias), free(fresh), free(cells), free(operands), free(projected);
    free(begun);
    return failed;
}

/* Weights for the way back, (C / W, G, P, W) of the C columns of W_hh or W_ih, W = 4 * WIDTH: for
   each tile of columns, for each sum k that depends on them, the columns. What is padding is left
   as it was, which is zero. */
static void pack_backward(const Layer *layer, int of_input, float *packed) {
    int cell = (int)layer->cell, gates = weight_gates(cell);
    const float *weight = of_input ? layer->weight_ih : layer->weight_hh;
    int64_t units = layer->units, columns = of_input ? layer->inputs : units;
    int64_t padded = recurrent_padded_units(cell, units);
    for (int64_t first = 0; first < columns; first += 4 * WIDTH)
        for (int gate = 0; gate < gates; gate++, packed += padded * 4 * WIDTH)
            for (int64_t unit = 0; unit < units; unit++) {
                const float *from = weight + (gate * units + unit) * columns;
                for (int64_t column = first; column < columns && column < first + 4 * WIDTH;
                     column++)
                    packed[unit * 4 * WIDTH + column - first] = from[column];
            }
}

/* to[row][0:W] += gradient of the sums times the packed weights, W = 4 * WIDTH: grad_sums
   (rows, G', P), packed (G, P, W), to (rows, W) whose rows lie `stride` apart. */
INLINE void backward_tile(int cell, int rows, int of_input, const float *grad_sums,
                          const float *packed, float *to, int64_t padded, int64_t stride) {
    const int parts = sums(cell), identity[4] = {0, 1, 2, 3};
    const float *operands[ROWS];
    vector total[ROWS][4];
    for (int at = 0; at < rows; at++)
        for (int column = 0; column < 4; column++)
            total[at][column] = load(to + at * stride + column * WIDTH);
    for (int gate = 0; gate < weight_gates(cell); gate++, packed += padded * 4 * WIDTH) {
        for (int at = 0; at < rows; at++)
            operands[at] = grad_sums + (at * parts + sum_of(cell, gate, of_input)) * padded;
        multiply(rows, 4, identity, total, operands, packed, padded);
    }
    for (int at = 0; at < rows; at++)
        for (int column = 0; column < 4; column++)
            store(to + at * stride + column * WIDTH, total[at][column]);
}

/* One slot on the way back, all its units: the gates (G', P) become the gradient of the sums under
   them, which grad_bias (G', P) adds up over all slots. grad_h and grad_c (P,) hold the gradients
   of h_t and c_t, and then of h_{t-1} and c_{t-1} as far as it does not go through the sums; the
   rest of h_{t-1}'s is grad_sums times W_hh, which the caller adds. before is h_{t-1}. */
INLINE void backward_gates(int cell, int64_t padded, float *gates, const float *before,
                           const float *c_before, const float *c, float *grad_h, float *grad_c,
                           float *grad_bias) {
    const int parts = sums(cell);
    for (int64_t unit = 0; unit < padded; unit += WIDTH) {
        vector h = load(grad_h + unit), grad[4], onwards = {0};
#define KEPT(part) load(gates + (part) * padded + unit)
        if (cell == RNN_TANH) {
            vector state = KEPT(0);
            grad[0] = h * (1.0f - state * state);
        } else if (cell == RNN_RELU) {
            grad[0] = blend(KEPT(0) > 0.0f, h, broadcast(0.0f));
        } else if (cell == LSTM) { /* c = forget c_before + input candidate, h = output tanh(c) */
            vector input = KEPT(0), forget = KEPT(1), candidate = KEPT(2), output = KEPT(3);
            vector squashed = tanh_of(load(c + unit));
            vector grad_cell = load(grad_c + unit) + h * output * (1.0f - squashed * squashed);
            grad[0] = grad_cell * candidate * input * (1.0f - input);
            grad[1] = grad_cell * load(c_before + unit) * forget * (1.0f - forget);
            grad[2] = grad_cell * input * (1.0f - candidate * candidate);
            grad[3] = h * squashed * output * (1.0f - output);
            store(grad_c + unit, grad_cell * forget);
        } else if (cell == GRU) { /* h = (1 - update) candidate + update before */
            vector reset = KEPT(0), update = KEPT(1), candidate = KEPT(2), inner = KEPT(3);
            vector grad_candidate = h * (1.0f - update) * (1.0f - candidate * candidate);
            grad[0] = grad_candidate * inner * reset * (1.0f - reset);
            grad[1] = h * (load(before + unit) - candidate) * update * (1.0f - update);
            grad[2] = grad_candidate;
            grad[3] = grad_candidate * reset;
            onwards = h * update;
        } else { /* JANET: h = forget before + write candidate, both gates of the same sum s */
            vector forget = KEPT(0), candidate = KEPT(1);
            /* 1 - sigmoid(s - 1) = e (1 - sigmoid(s)) / (sigmoid(s) + e (1 - sigmoid(s))) */
            vector shut = 2.71828183f * (1.0f - forget), write = shut / (forget + shut);
            grad[0] = h * (load(before + unit) * forget * (1.0f - forget) -
                           candidate * write * (1.0f - write));
            grad[1] = h * write * (1.0f - candidate * candidate);
            onwards = h * forget;
        }
#undef KEPT
        for (int part = 0; part < parts; part++) {
            store(gates + part * padded + unit, grad[part]);
            float *bias = grad_bias + part * padded + unit;
            store(bias, load(bias) + grad[part]);
        }
        store(grad_h + unit, onwards);
    }
}

/* to[row][0:W] += grad_sums[slot][row] * operands[slot][0:W], over the slots, W = 4 * WIDTH: to
   (rows, W), a tile of the weights' gradient, whose rows are sums, `stride` apart; grad_sums and
   operands (n_slots, ...), `sums_stride` and `depth` apart. */
INLINE void outer_tile(int rows, const float *grad_sums, int64_t sums_stride, const float *operands,
                       int64_t depth, int64_t n_slots, float *to, int64_t stride) {
    vector total[ROWS][4];
    for (int at = 0; at < rows; at++)
        for (int column = 0; column < 4; column++)
            total[at][column] = load(to + at * stride + column * WIDTH);
    for (int64_t slot = 0; slot < n_slots; slot++) {
        vector operand[4];
        for (int column = 0; column < 4; column++)
            operand[column] = load(operands + column * WIDTH);
        for (int at = 0; at < rows; at++)
            for (int column = 0; column < 4; column++)
                total[at][column] += grad_sums[at] * operand[column];
        grad_sums += sums_stride;
        operands += depth;
    }
    for (int at = 0; at < rows; at++)
        for (int column = 0; column < 4; column++)
            store(to + at * stride + column * WIDTH, total[at][column]);
}

/* Add to the gradient of W_hh, or of W_ih, what some slots (or rows of a table) contribute:
   (G' P, P or D) += grad_sums (n_slots, G' P) transposed times operands (n_slots, P or D), which
   lie `depth` apart. */
INLINE void add_to_weights(int cell, const Layer *layer, int of_input, const float *grad_sums,
                           const float *operands, int64_t depth, int64_t n_slots) {
    const int64_t padded = recurrent_padded_units(cell, layer->units), all = sums(cell) * padded;
    const int64_t columns = of_input ? layer->inputs : layer->units;
    const int64_t stride = padded_to(of_input ? layer->inputs : padded, SLACK);
    float *to = of_input ? layer->grad_weight_ih : layer->grad_weight_hh;
    for (int64_t first = 0; first < columns; first += 4 * WIDTH) {
#define TILE(rows)                                                                                 \
    outer_tile(rows, grad_sums + row, all, operands + first, depth, n_slots,                       \
               to + row * stride + first, stride)
        if (cell == GRU) { /* of the candidate's two sums only one has these weights */
            FOR_TILES(TILE, 0, 2 * padded)
            int64_t own = sum_of(cell, 2, of_input) * padded;
            FOR_TILES(TILE, own, own + padded)
        } else {
            FOR_TILES(TILE, 0, all)
        }
#undef TILE
    }
}

INLINE void add_row(float *restrict to, const float *restrict from, int64_t count) {
    for (int64_t k = 0; k < count; k++)
        to[k] += from[k];
}

/* The gradient of some rows' inputs, (n_rows, D padded to whole tiles), from that of their sums,
   (n_rows, G', P), and W_ih as packed for the way back. */
INLINE void inputs_back(int cell, const Layer *layer, const float *packed, const float *grad_sums,
                        int64_t n_rows, float *to) {
    const int64_t padded = recurrent_padded_units(cell, layer->units), wide = 4 * WIDTH;
    const int64_t stride = padded_to(layer->inputs, wide);
    memset(to, 0, (size_t)(n_rows * stride) * sizeof(float));
    for (int64_t first = 0; first < layer->inputs; first += wide) {
        const float *tile = packed + first * weight_gates(cell) * padded;
#define TILE(rows)                                                                                 \
    backward_tile(cell, rows, 1, grad_sums + row * sums(cell) * padded, tile,                      \
                  to + row * stride + first, padded, stride)
        FOR_TILES(TILE, 0, n_rows)
#undef TILE
    }
}

INLINE int backward(int cell, const Layer *layer) {
    const int64_t units = layer->units, inputs = layer->inputs, n_rows = layer->n_rows;
    const int64_t padded = recurrent_padded_units(cell, units), depth = padded + inputs;
    const int64_t wide = 4 * WIDTH, stride = padded_to(padded, wide);
    const int64_t stride_x = padded_to(inputs, wide);
    const int parts = sums(cell), gates = weight_gates(cell);
    /* Weights (stride / W, G, P, W), W = 4 * WIDTH; of each row at the step at hand the gradients
       of h (B, stride), c (B, P) and x (B or n_table, stride_x); of a table's projected rows
       (n_table, G', P). Columns are padded to whole tiles, which write all they cover. */
    float *packed = zeros(gates * padded * stride), *packed_x = zeros(gates * padded * stride_x);
    float *grad_h = zeros(n_rows * stride), *grad_c = zeros(n_rows * padded);
    const int64_t n_table = layer->index ? layer->n_table : 0, all = parts * padded;
    float *grad_x = allocate((layer->index ? n_table : n_rows) * stride_x);
    float *start_c = zeros(n_rows * padded), *grad_projected = zeros(n_table * all);
    float *table = zeros(n_table * inputs + SLACK);
    int failed =
        !(packed && packed_x && grad_h && grad_c && grad_x && start_c && grad_projected && table);
    if (failed)
        goto end;
    pack_backward(layer, 0, packed);
    if (layer->grad_x)
        pack_backward(layer, 1, packed_x);
    memset(layer->grad_bias, 0, (size_t)(parts * padded) * sizeof(float));
    for (int of_input = 0; of_input < 2; of_input++) {
        int64_t columns = padded_to(of_input ? inputs : padded, SLACK);
        memset(of_input ? layer->grad_weight_ih : layer->grad_weight_hh, 0,
               (size_t)(parts * padded * columns) * sizeof(float));
    }
    if (layer->start_c)
        for (int64_t at = 0; at < n_rows; at++)
            copy(start_c + at * padded, layer->start_c + layer->order[at] * units, units);

    /* Step t has the n(t) slots from `slot`. Slots from there to chunk_end have the gradient of
       their sums, but not yet added it to that of the weights. n_later is n(t + 1). */
    int64_t n_later = 0, slot = layer->n_slots, chunk_end = slot;
    for (int64_t t = layer->n_steps - 1; t >= 0; t--) {
        int64_t n_active = running(layer, t, n_rows);
        slot -= n_active;
        float *grad_sums = layer->gates + slot * parts * padded;
        int64_t n_before = t ? running(layer, t - 1, n_rows) : 0;
        const float *c = cell == LSTM ? layer->cells + slot * padded : NULL;
        const float *c_before = t && c ? c - n_before * padded : start_c;
        /* The gradient of h_t, (n(t), H): from step t + 1, where it stands already, or from end_h,
           and from whoever read `states`. It turns gates into grad_sums (n(t), G', P). */
        for (int64_t at = 0; at < n_active; at++) {
            int64_t row = layer->order[at];
            float *h = grad_h + at * stride;
            if (at >= n_later) { /* the row's last step */
                if (layer->grad_end_h)
                    copy(h, layer->grad_end_h + row * units, units);
                if (layer->grad_end_c)
                    copy(grad_c + at * padded, layer->grad_end_c + row * units, units);
            }
            if (layer->grad_states) {
                const float *from = layer->grad_states + row * layer->grad_states_row +
                                    position_of(layer, row, t) * layer->grad_states_step;
                for (int64_t unit = 0; unit < units; unit++)
                    h[unit] += from[unit];
            }
            backward_gates(cell, padded, grad_sums + at * parts * padded,
                           layer->operands + (slot + at) * depth, c_before + at * padded,
                           c + at * padded, h, grad_c + at * padded, layer->grad_bias);
        }
        /* grad_h (n(t), H) += grad_sums (n(t), G, P) times W_hh (G H, H): now of h_{t-1}. */
        for (int64_t first = 0; first < units; first += wide) {
            const float *tile = packed + first * gates * padded;
#define TILE(rows)                                                                                 \
    backward_tile(cell, rows, 0, grad_sums + row * parts * padded, tile,                           \
                  grad_h + row * stride + first, padded, stride)
            FOR_TILES(TILE, 0, n_active)
#undef TILE
        }
        /* grad_x likewise by W_ih. What a table's row read at many positions gets is summed over
           them first, (G', P), and multiplied once, after all steps. */
        if (layer->index) {
            for (int64_t at = 0; at < n_active; at++) {
                int64_t row = layer->order[at], position = position_of(layer, row, t);
                add_row(grad_projected + layer->index[row * layer->n_steps + position] * all,
                        grad_sums + at * parts * padded, parts * padded);
            }
        } else if (layer->grad_x) {
            inputs_back(cell, layer, packed_x, grad_sums, n_active, grad_x);
            for (int64_t at = 0; at < n_active; at++)
                add_row(layer->grad_x + (input_of(layer, layer->order[at], t) - layer->x),
                        grad_x + at * stride_x, inputs);
        }
        n_later = n_active;
        /* Weights' gradients (G' P, P) and (G' P, D) from many slots at once: each time costs a
           reading and a writing of them. */
        if (chunk_end - slot >= CHUNK || !t) {
            const float *operands = layer->operands + slot * depth;
            add_to_weights(cell, layer, 0, grad_sums, operands, depth, chunk_end - slot);
            if (!layer->index)
                add_to_weights(cell, layer, 1, grad_sums, operands + padded, depth,
                               chunk_end - slot);
            chunk_end = slot;
        }
    }
    if (layer->index) {
        copy(table, layer->x, n_table * inputs);
        add_to_weights(cell, layer, 1, grad_projected, table, inputs, n_table);
        if (layer->grad_x)
            inputs_back(cell, layer, packed_x, grad_projected, n_table, grad_x);
        for (int64_t row = 0; layer->grad_x && row < n_table; row++)
            add_row(layer->grad_x + row * inputs, grad_x + row * stride_x, inputs);
    }
    /* What is left in grad_h and grad_c is of start_h and start_c; a row without steps has these as
       its end, and their gradient. */
    for (int64_t at = 0; at < n_rows; at++) {
        int64_t row = layer->order[at];
        int never_ran = layer->lengths[row] == 0;
        if (layer->grad_start_h) {
            const float *from = never_ran && layer->grad_end_h ? layer->grad_end_h + row * units
                                                               : grad_h + at * stride;
            copy(layer->grad_start_h + row * units, from, units);
        }
        if (layer->grad_start_c) {
            const float *from = never_ran && layer->grad_end_c ? layer->grad_end_c + row * units
                                                               : grad_c + at * padded;
            copy(layer->grad_start_c + row * units, from, units);
        }
    }
end:
    free(packed), free(packed_x), free(grad_h), free(grad_c), free(grad_x), free(start_c);
    free(grad_projected), free(table);
    return failed;
}

/* Every cell gets code of its own, with its gates and equations known to the compiler. */
#define FOR_CELL(way)                                                                              \
    switch (layer->cell) {                                                                         \
    case RNN_TANH:                                                                                 \
        return way(RNN_TANH, layer);                                                               \
    case RNN_RELU:                                                                                 \
        return way(RNN_RELU, layer);                                                               \
    case LSTM:                                                                                     \
        return way(LSTM, layer);                                                                   \
    case GRU:                                                                                      \
        return way(GRU, layer);                                                                    \
    default:                                                                                       \
        return way(JANET, layer);                                                                  \
    }

/* Fill states and end_*, and what is kept for the gradient. Nonzero if memory ran out. */
int recurrent_forward(const Layer *layer) { FOR_CELL(forward) }

static void *forward_in_thread(void *layer) { return recurrent_forward(layer) ? layer : NULL; }

/* Both directions of a layer side by side, the second in a thread of its own. */
int recurrent_forward_both(const Layer *layers) {
    pthread_t second;
    void *failed = NULL;
    if (pthread_create(&second, NULL, forward_in_thread, (void *)(layers + 1)))
        return recurrent_forward(layers) || recurrent_forward(layers + 1);
    int first_failed = recurrent_forward(layers);
    pthread_join(second, &failed);
    return first_failed || failed;
}

/* Turn gates into the gradient of the sums; fill grad_*. Nonzero if memory ran out. */
int recurrent_backward(const Layer *layer) { FOR_CELL(backward) }
