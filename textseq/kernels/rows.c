/* The optimisers' updates, in one pass over the weights they change.

   `rows` names the rows of a table (width floats each) that `gradient` belongs to, row by row;
   NULL stands for the first n_rows in order. Shapes: table and its moments `first` and `second`
   (V, width), gradient (n_rows, width). All is float, contiguous, and rounded as torch's
   formula but for the order of a few multiplications. */

#include <math.h>
#include <stdint.h>

#define LINE 16 /* floats in a cache line */
#define AHEAD 8 /* rows fetched before their turn: they lie far apart */

static void fetch(const float *row, int64_t width) {
    for (int64_t i = 0; i < width; i += LINE)
        __builtin_prefetch(row + i, 1);
}

/* Adam (Kingma & Ba 2015, algorithm 1). `shrink` multiplies the weights first (AdamW's decay, else
   1); `decay` times the weights is added to the gradient (Adam's, else 0). `rate` is the learning
   rate over 1 - beta1^t, `correction` the root of 1 - beta2^t. */
void adam_rows(float *table, float *first, float *second, const int64_t *rows, int64_t n_rows,
               int64_t width, const float *gradient, float beta1, float beta2, float epsilon,
               float rate, float correction, float shrink, float decay) {
    for (int64_t r = 0; r < n_rows; r++) {
        int64_t start = (rows ? rows[r] : r) * width;
        if (rows && r + AHEAD < n_rows) {
            int64_t later = rows[r + AHEAD] * width;
            fetch(table + later, width);
            fetch(first + later, width);
            fetch(second + later, width);
        }
        float *restrict w = table + start, *restrict m = first + start;
        float *restrict v = second + start;
        const float *restrict g = gradient + r * width;
        for (int64_t i = 0; i < width; i++) {
            float slope = g[i] + decay * w[i];
            m[i] += (slope - m[i]) * (1 - beta1);
            v[i] = v[i] * beta2 + slope * slope * (1 - beta2);
            w[i] = w[i] * shrink - rate * (m[i] / (sqrtf(v[i]) / correction + epsilon));
        }
    }
}

/* Gradient descent with momentum; weight decay as Adam's. */
void sgd_rows(float *table, float *first, const int64_t *rows, int64_t n_rows, int64_t width,
              const float *gradient, float momentum, float rate, float decay) {
    for (int64_t r = 0; r < n_rows; r++) {
        int64_t start = (rows ? rows[r] : r) * width;
        if (rows && r + AHEAD < n_rows) {
            int64_t later = rows[r + AHEAD] * width;
            fetch(table + later, width);
            fetch(first + later, width);
        }
        float *restrict w = table + start, *restrict m = first + start;
        const float *restrict g = gradient + r * width;
        for (int64_t i = 0; i < width; i++) {
            m[i] = m[i] * momentum + (g[i] + decay * w[i]);
            w[i] -= rate * m[i];
        }
    }
}

/* The sum of squares, in double: the squares of a huge gradient overflow floats before it does. */
double sum_of_squares(const float *values, int64_t n) {
    double sums[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int lane = 0; lane < 8; lane++)
            sums[lane] += (double)values[i + lane] * values[i + lane];
    for (; i < n; i++)
        sums[0] += (double)values[i] * values[i];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) +
           ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}
