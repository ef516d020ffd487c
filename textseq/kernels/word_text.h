/* The characters of a text that is cut into words, and what is rewritten before the cut. */

#include <stdint.h>
#include <string.h>

enum { SKIPPED, LETTER, DIGIT, SIGN, BEYOND_ASCII };

static const uint8_t KIND[256] = {
    ['!' ... '/'] = SIGN,   [':' ... '@'] = SIGN,         ['[' ... '`'] = SIGN,
    ['{' ... '~'] = SIGN,   ['0' ... '9'] = DIGIT,        ['A' ... 'Z'] = LETTER,
    ['a' ... 'z'] = LETTER, [128 ... 255] = BEYOND_ASCII,
};

static int is_alphanumeric(uint8_t byte) { return KIND[byte] == LETTER || KIND[byte] == DIGIT; }

/* How many of 8 bytes are letters or digits of ASCII before the first that is not. In every byte,
   adding 128 - c sets the highest bit if the rest of it is at least c. */
static int64_t leading_alphanumerics(uint64_t bytes) {
    const uint64_t each = 0x0101010101010101u, high = 128 * each;
    uint64_t plain = bytes & ~high, letter = plain | 32 * each;
    uint64_t is_letter = (letter + (128 - 'a') * each) & ~(letter + (127 - 'z') * each);
    uint64_t is_digit = (plain + (128 - '0') * each) & ~(plain + (127 - '9') * each);
    uint64_t others = (~(is_letter | is_digit) | bytes) & high;
    return others ? __builtin_ctzll(others) / 8 : 8;
}

/* What the \b of the patterns has words made of: ASCII only. */
static int is_boundary_word(uint8_t byte) { return is_alphanumeric(byte) || byte == '_'; }

static uint8_t lower(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte | 32 : byte; }

/* Bytes of the letter at `at`, 0 if there is none. */
static int64_t letter_at(const uint8_t *at) {
    if (KIND[*at] == LETTER)
        return 1;
    if (*at == 0xC3) /* all but the signs of times and division */
        return at[1] == 0x97 || at[1] == 0xB7 ? 0 : 2;
    return *at == 0xC2 && (at[1] == 0xAA || at[1] == 0xB5 || at[1] == 0xBA) ? 2 : 0;
}

static int64_t name_at(const uint8_t *at) { /* also digits and _ */
    return is_boundary_word(*at) ? 1 : letter_at(at);
}

static int64_t alphanumeric_at(const uint8_t *at) {
    return is_alphanumeric(*at) ? 1 : letter_at(at);
}

static int64_t character_at(const uint8_t *at) { return *at < 0x80 ? 1 : *at < 0xE0 ? 2 : 3; }

static int is_space(const uint8_t *at) {
    return *at == ' ' || (*at >= '\t' && *at <= '\r') ||
           (*at == 0xC2 && (at[1] == 0x85 || at[1] == 0xA0));
}

/* White space, control characters and the soft hyphen are no words. */
static int is_skipped(const uint8_t *at) { return *at == 0xC2 && (at[1] <= 0xA0 || at[1] == 0xAD); }

/* Whether a text goes on with `word` (in lower case), whatever its case there. */
static int says(const uint8_t *at, const char *word) {
    for (; *word; word++, at++)
        if (lower(*at) != (uint8_t)*word)
            return 0;
    return 1;
}

static const uint8_t *run_of(const uint8_t *at, int64_t (*member_at)(const uint8_t *)) {
    for (int64_t bytes; (bytes = member_at(at));)
        at += bytes;
    return at;
}

/* ---- Rewriting ---- */

static int64_t without_typography(const uint8_t *text, int64_t length, uint8_t *to, int lowercase) {
    int64_t written = 0;
    for (int64_t at = 0; at < length;) {
        uint8_t byte = text[at], next = at + 1 < length ? text[at + 1] : 0;
        uint8_t last = at + 2 < length ? text[at + 2] : 0;
        if (byte == 0xC2 && next == 0xB4) { /* acute accent */
            to[written++] = '\'';
            at += 2;
        } else if (byte == 0xE2 && next == 0x80 && (last == 0x98 || last == 0x99)) {
            to[written++] = '\'';
            at += 3;
        } else if (byte == 0xE2 && next == 0x80 && (last == 0x9C || last == 0x9D)) {
            to[written++] = '"';
            at += 3;
        } else if (byte == 0xE2 && next == 0x80 && last == 0xA6) {
            memcpy(to + written, "...", 3);
            written += 3;
            at += 3;
        } else if (byte == 0xC3 && lowercase && next >= 0x80 && next <= 0x9E && next != 0x97) {
            to[written++] = byte;
            to[written++] = next | 0x20;
            at += 2;
        } else {
            to[written++] = lowercase ? lower(byte) : byte;
            at++;
        }
    }
    return written;
}

/* Copy a text in lower case with plain punctuation. */
static int64_t make_plain(const uint8_t *text, int64_t length, uint8_t *to, int lowercase) {
    uint8_t all = 0, from = lowercase ? 'A' : 255, letters = lowercase ? 26 : 0;
    for (int64_t at = 0; at < length; at++) { /* written so that compilers vectorise it */
        uint8_t byte = text[at];
        all |= byte;
        to[at] = byte | (uint8_t)((uint8_t)(byte - from) < letters) << 5;
    }
    return all < 0x80 ? length : without_typography(text, length, to, lowercase);
}

typedef uint8_t Bytes __attribute__((vector_size(16)));

static Bytes load16(const uint8_t *from) {
    Bytes bytes;
    memcpy(&bytes, from, sizeof bytes);
    return bytes;
}

/* Whether "..", "n't" or "c?n" may start in the next 16 bytes. */
static int may_split(const uint8_t *at) {
    Bytes first = load16(at), second = load16(at + 1), third = load16(at + 2);
    Bytes letter = first | 32;
    Bytes found = (Bytes)((first == '.') & (second == '.')) |
                  (Bytes)((letter == 'n') & (second == '\'')) |
                  (Bytes)((letter == 'c') & ((third | 32) == 'n'));
    uint64_t halves[2];
    memcpy(halves, &found, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/* Copy a text with contractions and dots set apart; at most twice as long. */
static int64_t make_split(const uint8_t *text, int64_t length, uint8_t *to) {
    uint8_t *start = to;
    const uint8_t *at = text, *end = text + length;
    while (at < end) {
        if (end - at >= 16 && !may_split(at)) {
            memcpy(to, at, 16);
            to += 16;
            at += 16;
            continue;
        }
        for (const uint8_t *stop = end - at > 16 ? at + 16 : end; at < stop;) {
            if (*at == '.' && at[1] == '.') {
                memcpy(to, " ...", 4);
                to += 4;
                while (*at == '.')
                    at++;
            } else if (says(at, "n't")) {
                *to = ' ';
                memcpy(to + 1, at, 3);
                to += 4;
                at += 3;
            } else if (says(at, "cannot") && (at == text || !is_boundary_word(at[-1])) &&
                       (!is_boundary_word(at[6]) || says(at + 6, "n't"))) {
                memcpy(to, at, 3);
                to[3] = ' ';
                memcpy(to + 4, at + 3, 3);
                to += 7;
                at += 6;
            } else {
                *to++ = *at++;
            }
        }
    }
    return to - start;
}
