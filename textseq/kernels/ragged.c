/* Rows of unequal length, copied end to end. */

#include <stdint.h>
#include <string.h>

/* Copy row r from values + starts[r] to out + offsets[r], until offsets[r + 1]; all are counted in
   items of `size` bytes. */
void copy_rows(const char *values, const int64_t *starts, int64_t n_rows, int64_t size, char *out,
               const int64_t *offsets) {
    for (int64_t r = 0; r < n_rows; r++) {
        memcpy(out + offsets[r] * size, values + starts[r] * size,
               (offsets[r + 1] - offsets[r]) * size);
    }
}
