/* The maximum of hidden states over each row's own steps, and which step it came from. */

#include <stdint.h>

/* states (n_rows, n_steps, width) at the given strides, of which a row's first lengths[row]
   steps are read; largest and argmax (n_rows, width). A row of no step gives 0 and argmax -1.
   A NaN is larger than everything, and the first of equal values is taken. */
void max_over_time(const float *states, int64_t row_stride, int64_t step_stride,
                   const int64_t *lengths, int64_t n_rows, int64_t width, float *largest,
                   int32_t *argmax) {
    for (int64_t row = 0; row < n_rows; row++, largest += width, argmax += width) {
        const float *state = states + row * row_stride;
        for (int64_t unit = 0; unit < width; unit++) {
            largest[unit] = lengths[row] ? state[unit] : 0.0f;
            argmax[unit] = lengths[row] ? 0 : -1;
        }
        for (int32_t step = 1; step < lengths[row]; step++) {
            state += step_stride;
            for (int64_t unit = 0; unit < width; unit++) {
                int larger = state[unit] > largest[unit] ||
                             (state[unit] != state[unit] && largest[unit] == largest[unit]);
                largest[unit] = larger ? state[unit] : largest[unit];
                argmax[unit] = larger ? step : argmax[unit];
            }
        }
    }
}
