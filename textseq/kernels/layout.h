/* The memory that Python and C share, and the numbers they call things by.

   layout.py has the same structure, kinds and constants once more. layout.c lists those of this
   file, and each build's are compared with Python's when it is opened. */
#ifndef TEXTSEQ_LAYOUT_H
#define TEXTSEQ_LAYOUT_H

#include <stdint.h>

/* Columns of a tile of recurrent.c on the way back are at most so many, whatever the build. */
#define SLACK 64

/* The last name of each enumeration is how many kinds there are. */
enum cell_kind { RNN_TANH, RNN_RELU, LSTM, GRU, JANET, N_CELL_KINDS };

/* What bags.c trains on. */
enum loss_kind { CROSS_ENTROPY, BINARY_CROSS_ENTROPY, SQUARED_ERROR, N_LOSS_KINDS };

/* What a line turned out to be to vectors.c. */
enum line_kind { BLANK, SOUND, DOUBTFUL, TOO_LONG, N_LINE_KINDS };

/* One direction of a recurrent layer, and the batch it runs over. */
typedef struct {
    int64_t cell, reverse;
    int64_t n_rows, n_steps, n_slots, inputs, units;
    const int64_t *order;   /* (n_rows,) rows, longest first */
    const int64_t *lengths; /* (n_rows,) of each row, in the rows' own order */
    const float *weight_ih, *weight_hh, *bias_ih, *bias_hh; /* (G * H, ...); bias_hh may be NULL */
    const float *x; /* (n_rows, n_steps, inputs) at these strides */
    int64_t x_row, x_step;
    /* (n_rows, n_steps), or NULL: where given, x is a table (n_table, inputs) and this tells
       the row of it that stands at a position. Each row is then multiplied once, both ways. */
    const int64_t *index;
    int64_t n_table;
    const float *start_h, *start_c; /* (n_rows, H), or NULL for zeros */
    float *states; /* (n_rows, n_steps, H) at these strides; zeros beyond a row's length */
    int64_t states_row, states_step;
    float *end_h, *end_c; /* (n_rows, H) */
    /* Kept for the gradient; NULL where none will be asked for. Going back, `gates` is
       overwritten by the gradient of the sums under the gates. */
    float *gates;    /* (n_slots, G', P); G' = 4 for gru, whose candidate has two parts */
    float *operands; /* (n_slots, P + inputs), and SLACK more floats that may be read */
    float *cells;    /* (n_slots, P), of the lstm: c_t */
    /* Gradients that come in, each of which may be NULL ... */
    const float *grad_states, *grad_end_h, *grad_end_c;
    int64_t grad_states_row, grad_states_step;
    /* ... and go out; x's (at x's strides) is added to, and may be NULL. */
    float *grad_x, *grad_start_h, *grad_start_c;
    float *grad_bias; /* (G', P) */
    /* (G' * P, P) and (G' * P, inputs), their columns padded to a multiple of SLACK. Rows that no
       weight belongs to (of the gru's parts) stay zero. */
    float *grad_weight_hh, *grad_weight_ih;
} Layer;

#endif
