/* Logistic regression on sparse features, each scaled by how well it tells two classes apart.

   Row i of the features has values[bounds[i]] to values[bounds[i + 1]], in those columns. */

#include <math.h>
#include <stdint.h>

#define NEVER -18.0 /* log odds of a dual variable that no pass has raised */
#define EXACT 1e-4  /* of a dual variable's log odds */

static double share_of(double log_odds) { return 1 / (1 + exp(-log_odds)); }

/* Sebastiano Vigna's splitmix64. */
static uint64_t drawn(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* The t of t + slope * share(t) = goal, which ascends in t: Newton's steps, within known ends. */
static double solved(double t, double slope, double goal) {
    double low = goal - slope, high = goal;
    for (int step = 0; step < 60; step++) {
        if (!(t > low && t < high))
            t = (low + high) / 2;
        double share = share_of(t), miss = t + slope * share - goal;
        if (fabs(miss) < EXACT)
            break;
        *(miss > 0 ? &high : &low) = t;
        t -= miss / (1 + slope * share * (1 - share));
    }
    return t;
}

/* Set `squares` (n_columns) to the squares of the scales: the absolute logarithm of the ratio of a
   column's shares in rows that are `there` and in others, over the mean squared length that this
   gives the rows. `sums` (n_columns, 2) is overwritten. */
static void find_squares(const float *values, const int32_t *columns, const int64_t *bounds,
                         int64_t n_rows, int64_t n_columns, const double *counts,
                         const uint8_t *there, double smoothing, float *squares, double *sums) {
    double totals[2] = {0, 0}, length = 0;
    for (int64_t j = 0; j < 2 * n_columns; j++)
        sums[j] = smoothing;
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t k = bounds[i]; k < bounds[i + 1]; k++)
            sums[2 * (int64_t)columns[k] + there[i]] += counts[i];
    for (int64_t j = 0; j < 2 * n_columns; j++)
        totals[j % 2] += sums[j];
    for (int64_t j = 0; j < n_columns; j++)
        squares[j] = (float)fabs(log(sums[2 * j + 1] / totals[1] * (totals[0] / sums[2 * j])));
    for (int64_t k = 0; k < bounds[n_rows]; k++)
        length += (double)values[k] * values[k] * squares[columns[k]];
    if (length > 0)
        for (int64_t j = 0; j < n_columns; j++)
            squares[j] = (float)(squares[j] * n_rows / length);
}

/* Fit `weights` (n_columns) and `bias` to whether rows are `there`; return the passes taken.

   Coordinate ascent on the dual problem (Yu, Huang & Lin 2011, "Dual coordinate descent methods
   for logistic regression and maximum entropy models"): a row's variable lies between 0 and
   strength * counts[i] and is known by the log odds of its share of that, which are the negative
   margin of the row at the optimum. Passes end when no margin was further than `tolerance` from
   there. `log_odds` (n_rows), `squares` (n_columns), `sums` (n_columns, 2), `norms` (n_rows) and
   `order` (n_rows) are overwritten. */
int64_t fit_logistic(const float *values, const int32_t *columns, const int64_t *bounds,
                     int64_t n_rows, int64_t n_columns, const double *counts, const uint8_t *there,
                     double strength, double smoothing, double tolerance, int64_t most_passes,
                     float *weights, double *bias, double *log_odds, float *squares, double *sums,
                     double *norms, int64_t *order) {
    find_squares(values, columns, bounds, n_rows, n_columns, counts, there, smoothing, squares,
                 sums);
    /* The scaled features' weights times their scales: those of the features as they are. */
    for (int64_t j = 0; j < n_columns; j++)
        weights[j] = 0;
    *bias = 0;
    for (int64_t i = 0; i < n_rows; i++) {
        norms[i] = 1; /* of the bias */
        for (int64_t k = bounds[i]; k < bounds[i + 1]; k++)
            norms[i] += (double)values[k] * values[k] * squares[columns[k]];
        log_odds[i] = NEVER;
        order[i] = i;
    }
    uint64_t state = 0;
    int64_t pass = 0;
    double worst = INFINITY;
    while (worst > tolerance && pass < most_passes) {
        worst = 0;
        pass++;
        for (int64_t last = n_rows - 1; last > 0; last--) {
            int64_t other = (int64_t)(drawn(&state) % (uint64_t)(last + 1)), kept = order[last];
            order[last] = order[other];
            order[other] = kept;
        }
        for (int64_t turn = 0; turn < n_rows; turn++) {
            int64_t i = order[turn];
            double most = strength * counts[i], sum = *bias;
            if (most <= 0)
                continue;
            for (int64_t k = bounds[i]; k < bounds[i + 1]; k++)
                sum += (double)values[k] * weights[columns[k]];
            double margin = there[i] ? sum : -sum;
            double before = most * share_of(log_odds[i]);
            worst = fmax(worst, fabs(margin + log_odds[i]));
            log_odds[i] = solved(log_odds[i], norms[i] * most, norms[i] * before - margin);
            double step = most * share_of(log_odds[i]) - before;
            if (!there[i])
                step = -step;
            *bias += step;
            float moved = (float)step;
            for (int64_t k = bounds[i]; k < bounds[i + 1]; k++)
                weights[columns[k]] += moved * values[k] * squares[columns[k]];
        }
    }
    return pass;
}
