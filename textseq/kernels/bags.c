/* One training step of a mean of word vectors under a linear layer, for a share of a batch.

   Of each text b with tokens t: v_b = mean_t table[id_t] (dropped tokens count as zeros), then
   dropout on v_b, outputs z_b = W v_b + bias, the loss of z_b, and the gradients of W, bias and
   of the table's rows, all in one pass over the texts, whose vectors never leave the cache.
   The order of every sum is fixed, so that the same input gives the same bits.

   Texts lie end to end in `ids`, text i at ids[offsets[i]] to ids[offsets[i + 1]]. The gradient
   of the table holds only the rows that the batch touches, in the order of `touched`;
   slots[id] tells which of them belongs to an id. */

#include "layout.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 16
typedef float lanes __attribute__((vector_size(4 * LANES)));

/* Give the distinct ids of the texts `rows` the slots from n_touched on; return the new number.
   A slot of -1 marks an id not met. `touched` has room for one more than there are ids: every
   token writes, and only a new one moves on, as a guess at which is new would often fail. */
int64_t number_ids(const int64_t *ids, const int64_t *offsets, const int64_t *rows, int64_t n_rows,
                   int32_t *slots, int64_t *touched, int64_t n_touched) {
    for (int64_t r = 0; r < n_rows; r++) {
        if (r + 1 < n_rows)
            __builtin_prefetch(ids + offsets[rows[r + 1]]);
        for (int64_t t = offsets[rows[r]]; t < offsets[rows[r] + 1]; t++) {
            int32_t slot = slots[ids[t]];
            touched[n_touched] = ids[t];
            slots[ids[t]] = slot < 0 ? (int32_t)n_touched : slot;
            n_touched += slot < 0;
        }
    }
    return n_touched;
}

/* Forget the numbers given, for the next batch. */
void forget_ids(int32_t *slots, const int64_t *touched, int64_t n_touched) {
    for (int64_t u = 0; u < n_touched; u++)
        slots[touched[u]] = -1;
}

static float dot(const float *a, const float *b, int64_t n) {
    lanes sums = {0}, x, y;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        sums += x * y;
    }
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    for (; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void add_scaled(float *restrict sum, const float *restrict values, float scale, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        sum[i] += scale * values[i];
}

/* Sum the table's rows of the kept tokens; four at a time, which spares `sum` three of four trips
   through the cache. */
static void sum_rows(const float *table, int64_t width, const int64_t *ids, const uint8_t *kept,
                     int64_t n, float *restrict sum) {
    const float *waiting[4];
    int n_waiting = 0;
    memset(sum, 0, width * sizeof *sum);
    for (int64_t t = 0; t < n; t++) {
        if (kept && !kept[t])
            continue;
        waiting[n_waiting++] = table + ids[t] * width;
        if (n_waiting == 4) {
            const float *a = waiting[0], *b = waiting[1], *c = waiting[2], *d = waiting[3];
            for (int64_t i = 0; i < width; i++)
                sum[i] += (a[i] + b[i]) + (c[i] + d[i]);
            n_waiting = 0;
        }
    }
    for (int w = 0; w < n_waiting; w++)
        add_scaled(sum, waiting[w], 1.0f, width);
}

/* The cross-entropy of softmax(outputs (n,)), and its gradient (n,), which is softmax less one-hot.
   The largest output is taken off first, so that no exponential overflows. */
static double class_loss(const float *outputs, int64_t n, int64_t target, float *grad_outputs) {
    float largest = outputs[0];
    for (int64_t k = 1; k < n; k++)
        largest = outputs[k] > largest ? outputs[k] : largest;
    float total = 0;
    for (int64_t k = 0; k < n; k++) {
        grad_outputs[k] = expf(outputs[k] - largest);
        total += grad_outputs[k];
    }
    for (int64_t k = 0; k < n; k++)
        grad_outputs[k] /= total;
    grad_outputs[target] -= 1;
    return logf(total) - (outputs[target] - largest);
}

/* The mean over labels of the binary cross-entropy of outputs (n,), and its gradient (n,). No
   exponential overflows in the loss, and in the gradient 1 / (1 + inf) is the 0 that it should be.
 */
static double label_loss(const float *outputs, int64_t n, const float *targets,
                         float *grad_outputs) {
    float loss = 0;
    for (int64_t k = 0; k < n; k++) {
        float z = outputs[k];
        loss += fmaxf(z, 0) - z * targets[k] + log1pf(expf(-fabsf(z)));
        grad_outputs[k] = (1 / (1 + expf(-z)) - targets[k]) / n;
    }
    return loss / n;
}

/* Return the sum of the losses of the texts `rows`; write the gradient of `scale` times that sum.

   kept_tokens (one byte for each token of these texts, in their order), kept_values
   (n_rows x width) and row_weights (n_rows) may be NULL. `targets` holds int64 classes or floats,
   one row for every text of the data. weight and its gradient are (n_outputs, width), that of the
   table (n_touched, width). The gradients are written anew; `scratch` has room for
   2 width + 2 n_outputs floats. */
double bag_gradients(const float *table, int64_t width, const int64_t *ids, const int64_t *offsets,
                     const int64_t *rows, int64_t n_rows, const uint8_t *kept_tokens,
                     float token_scale, const uint8_t *kept_values, float value_scale,
                     const float *weight, const float *bias, int64_t n_outputs, int loss_kind,
                     const void *targets, const float *row_weights, float scale,
                     const int32_t *slots, int64_t n_touched, float *grad_weight, float *grad_bias,
                     float *grad_table, float *scratch) {
    float *restrict vector = scratch, *restrict grad_vector = scratch + width;
    float *outputs = scratch + 2 * width, *grad_outputs = outputs + n_outputs;
    double loss = 0;
    memset(grad_table, 0, n_touched * width * sizeof(float));
    memset(grad_weight, 0, n_outputs * width * sizeof(float));
    memset(grad_bias, 0, n_outputs * sizeof(float));
    for (int64_t r = 0; r < n_rows; r++) {
        /* vector (width,): the mean over all tokens, with zeros for those dropped, then dropout. */
        const int64_t *own = ids + offsets[rows[r]];
        int64_t length = offsets[rows[r] + 1] - offsets[rows[r]];
        float share = token_scale / (length ? length : 1);
        sum_rows(table, width, own, kept_tokens, length, vector);
        for (int64_t i = 0; i < width; i++)
            vector[i] *= share;
        const uint8_t *kept = kept_values ? kept_values + r * width : NULL;
        if (kept)
            for (int64_t i = 0; i < width; i++)
                vector[i] *= kept[i] * value_scale;
        /* outputs (n_outputs,) = weight (n_outputs, width) vector (width,) + bias. */
        for (int64_t k = 0; k < n_outputs; k++)
            outputs[k] = bias[k] + dot(weight + k * width, vector, width);

        /* The loss, and its gradient by the outputs, (n_outputs,). */
        double own_loss;
        if (loss_kind == CROSS_ENTROPY) {
            own_loss =
                class_loss(outputs, n_outputs, ((const int64_t *)targets)[rows[r]], grad_outputs);
        } else if (loss_kind == BINARY_CROSS_ENTROPY) {
            own_loss = label_loss(outputs, n_outputs, (const float *)targets + rows[r] * n_outputs,
                                  grad_outputs);
        } else {
            float error = outputs[0] - ((const float *)targets)[rows[r]];
            own_loss = error * error;
            grad_outputs[0] = 2 * error;
        }
        float row_weight = row_weights ? row_weights[rows[r]] : 1.0f;
        loss += own_loss * row_weight;

        /* grad_weight (n_outputs, width) += grad (n_outputs,) times vector (width,), and
           grad_vector (width,) = grad times weight, in one pass over both. */
        memset(grad_vector, 0, width * sizeof *grad_vector);
        for (int64_t k = 0; k < n_outputs; k++) {
            float grad = grad_outputs[k] * row_weight * scale;
            grad_bias[k] += grad;
            add_scaled(grad_weight + k * width, vector, grad, width);
            add_scaled(grad_vector, weight + k * width, grad, width);
        }
        if (kept)
            for (int64_t i = 0; i < width; i++)
                grad_vector[i] *= kept[i] * value_scale;
        /* Of a mean, every kept token's row (width,) gets the same share. */
        for (int64_t t = 0; t < length; t++)
            if (!kept_tokens || kept_tokens[t])
                add_scaled(grad_table + slots[own[t]] * width, grad_vector, share, width);
        kept_tokens = kept_tokens ? kept_tokens + length : NULL;
    }
    return loss;
}
