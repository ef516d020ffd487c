/* Texts to words, and words to numbers, in one pass over the bytes.

   The words are those of the regular expressions in textseq/text/patterns.py; tests compare the
   two. Texts are UTF-8 whose only characters beyond ASCII are those of SIMPLE_TEXT there: letters
   and signs of Latin-1, dashes, quotation marks, the ellipsis and the euro sign.

   A text goes through two buffers: `plain` holds it in lower case with typographic variants
   replaced, `split` with spaces put between the pieces of a contraction. Both end in zero bytes,
   so that a look at the next few bytes needs no check. Each word cut from `split` is looked up in
   a hash table, which gives words the numbers 0, 1, ... in the order of their first occurrence. */

#include "bytes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    PADDING = 32, /* zero bytes after a text, more than any look ahead */
    BATCH = 128,  /* words looked up together, so that the processor fetches their slots at once */
};

typedef struct {
    uint64_t hash;
    uint32_t length; /* modulo 2^32 */
    int32_t code;    /* -1 in an empty slot */
} Slot;

typedef struct {
    const uint8_t *start;
    int64_t length;
    uint64_t hash;
} Word;

typedef struct {
    Slot *slots; /* open addressing, at most half full */
    int64_t n_slots;
    int64_t *ends; /* where each distinct word ends in `letters` */
    int64_t n_words, room_words;
    uint8_t *letters; /* the distinct words, a newline after each, then zero bytes */
    int64_t n_letters, room_letters;
    int32_t *codes; /* the number of every word of every text */
    int64_t n_codes, room_codes;
    uint8_t *text; /* the two buffers of the text at work */
    int64_t room_text;
    Word batch[BATCH];
    int n_batch;
} WordTable;

/* ---- Growing arrays ---- */

/* Make room for `needed` items; returns 0 if there is no memory. */
static int reserve(void **items, int64_t *room, int64_t needed, size_t item_bytes) {
    if (needed <= *room)
        return 1;
    int64_t larger = *room + *room / 2 > needed ? *room + *room / 2 : needed;
    void *moved = realloc(*items, (size_t)larger * item_bytes);
    if (!moved)
        return 0;
    *items = moved;
    *room = larger;
    return 1;
}

/* ---- The table of distinct words ---- */

/* Every step can be undone, so different inputs have different results. */
static uint64_t mixed(uint64_t x) {
    x *= 0x9E3779B97F4A7C15u;
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    return x ^ x >> 29;
}

/* The first 8 bytes of a word, those beyond its end set to one that UTF-8 does not have: words of
   up to 8 bytes have the same hash only if they are the same. */
static uint64_t hash_of(const uint8_t *word, int64_t length) {
    if (length < 8)
        return mixed(load8(word) | ~UINT64_C(0) << 8 * length);
    uint64_t hash = mixed(load8(word));
    for (int64_t at = 8; at < length; at += 8)
        hash = mixed(hash ^ load8(word + (at + 8 < length ? at : length - 8))) + (uint64_t)length;
    return hash;
}

static int64_t word_start(const WordTable *table, int64_t code) {
    return code ? table->ends[code - 1] + 1 : 0;
}

/* Make the table larger; words met first, most of them frequent, get the first choice of slots. */
static int rehash(WordTable *table, int64_t n_slots) {
    Slot *slots = malloc((size_t)n_slots * sizeof *slots);
    if (!slots)
        return 0;
    memset(slots, -1, (size_t)n_slots * sizeof *slots);
    for (int64_t code = 0; code < table->n_words; code++) {
        int64_t start = word_start(table, code), length = table->ends[code] - start;
        uint64_t hash = hash_of(table->letters + start, length);
        uint64_t mask = (uint64_t)(n_slots - 1), place = hash & mask;
        while (slots[place].code >= 0)
            place = (place + 1) & mask;
        slots[place] = (Slot){hash, (uint32_t)length, (int32_t)code};
    }
    free(table->slots);
    table->slots = slots;
    table->n_slots = n_slots;
    return 1;
}

static int is_at(const WordTable *table, const Slot *slot, const Word *word) {
    if (slot->hash != word->hash || slot->length != (uint32_t)word->length)
        return 0;
    if (word->length <= 8)
        return 1;
    int64_t start = word_start(table, slot->code);
    return table->ends[slot->code] - start == word->length &&
           !memcmp(table->letters + start, word->start, (size_t)word->length);
}

static int add_word(WordTable *table, const Word *word) {
    int64_t end = table->n_letters + word->length;
    if (table->n_words == INT32_MAX ||
        !reserve((void **)&table->ends, &table->room_words, table->n_words + 1, 8) ||
        !reserve((void **)&table->letters, &table->room_letters, end + 1 + PADDING, 1))
        return 0;
    memcpy(table->letters + table->n_letters, word->start, (size_t)word->length);
    memset(table->letters + end, 0, 1 + PADDING);
    table->letters[end] = '\n';
    table->ends[table->n_words++] = end;
    table->n_letters = end + 1;
    return 1;
}

/* Look up the words of the batch, and append their numbers. */
static int look_up(WordTable *table) {
    for (int place_in_batch = 0; place_in_batch < table->n_batch; place_in_batch++) {
        const Word *word = &table->batch[place_in_batch];
        uint64_t mask = (uint64_t)(table->n_slots - 1), place = word->hash & mask;
        while (table->slots[place].code >= 0 && !is_at(table, &table->slots[place], word))
            place = (place + 1) & mask;
        Slot *slot = &table->slots[place];
        if (slot->code < 0) {
            if (!add_word(table, word))
                return 0;
            *slot = (Slot){word->hash, (uint32_t)word->length, (int32_t)(table->n_words - 1)};
        }
        table->codes[table->n_codes++] = slot->code;
        if (2 * table->n_words > table->n_slots && !rehash(table, 4 * table->n_slots))
            return 0;
    }
    table->n_batch = 0;
    return 1;
}

static int append(WordTable *table, const uint8_t *start, int64_t length) {
    uint64_t hash = hash_of(start, length);
    __builtin_prefetch(&table->slots[hash & (uint64_t)(table->n_slots - 1)]);
    table->batch[table->n_batch++] = (Word){start, length, hash};
    return table->n_batch < BATCH || look_up(table);
}

/* ---- Characters ---- */

enum { SKIPPED, LETTER, DIGIT, SIGN, BEYOND_ASCII };

static const uint8_t KIND[256] = {
    ['!' ... '/'] = SIGN,   [':' ... '@'] = SIGN,   ['[' ... '`'] = SIGN,
    ['{' ... '~'] = SIGN,   ['0' ... '9'] = DIGIT,  ['A' ... 'Z'] = LETTER,
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
static int is_skipped(const uint8_t *at) {
    return *at == 0xC2 && (at[1] <= 0xA0 || at[1] == 0xAD);
}

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

/* ---- What is rewritten before the cut ---- */

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

/* ---- The cut. Each function returns where the word from `at` on ends, 0 if there is none. ---- */

typedef struct {
    const uint8_t *end;
    int may_hold_mail;
    /* No e-mail address starts before it: what makes ten times the text ten times the time. */
    const uint8_t *no_mail_before;
} Text;

static const uint8_t *web_address(const Text *text, const uint8_t *body) {
    const uint8_t *at = body;
    while (at < text->end && !is_space(at) && *at != '<' && *at != '>')
        at += character_at(at);
    at = at < text->end ? at : text->end;
    while (at > body && at[-1] < 0x80 && strchr(".,;:!?'\")]}", at[-1]) && at[-1])
        at--;
    return at > body ? at : 0;
}

static const uint8_t *mail_address(Text *text, const uint8_t *at) {
    if (at < text->no_mail_before)
        return 0;
    const uint8_t *first_name = run_of(at, name_at), *name = first_name;
    for (int joined = 0; joined < 2 && *name && strchr(".+-", *name) && name_at(name + 1); joined++)
        name = run_of(name + 1, name_at);
    const uint8_t *host = name + 1, *end = 0;
    if (*name == '@' && alphanumeric_at(host)) {
        host = run_of(host, alphanumeric_at);
        while ((*host == '.' || *host == '-') && alphanumeric_at(host + 1))
            end = host = run_of(host + 1, alphanumeric_at);
    }
    if (!end)
        text->no_mail_before = first_name;
    return end;
}

static const uint8_t *initials(const uint8_t *at) {
    int count = 0;
    for (int64_t bytes; (bytes = letter_at(at)) && at[bytes] == '.'; count++)
        at += bytes + 1;
    return count >= 2 ? at : 0;
}

#define PACKED(a, b, c, d) (uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24

static const uint8_t *abbreviation(const uint8_t *at, const uint8_t *run_end) {
    static const uint32_t SHORTENED[] = {
        PACKED('m', 'r', 0, 0),     PACKED('m', 'r', 's', 0),   PACKED('m', 's', 0, 0),
        PACKED('d', 'r', 0, 0),     PACKED('p', 'r', 'o', 'f'), PACKED('s', 't', 0, 0),
        PACKED('j', 'r', 0, 0),     PACKED('s', 'r', 0, 0),     PACKED('g', 'e', 'n', 0),
        PACKED('g', 'o', 'v', 0),   PACKED('s', 'e', 'n', 0),   PACKED('r', 'e', 'p', 0),
        PACKED('l', 't', 0, 0),     PACKED('c', 'o', 'l', 0),   PACKED('c', 'a', 'p', 't'),
        PACKED('s', 'g', 't', 0),   PACKED('i', 'n', 'c', 0),   PACKED('c', 'o', 'r', 'p'),
        PACKED('l', 't', 'd', 0),   PACKED('v', 's', 0, 0),     PACKED('e', 't', 'c', 0),
    };
    int64_t length = run_end - at;
    if (length < 2 || length > 4)
        return 0;
    if (length == 2 && says(at, "ph.d."))
        return at + 5;
    uint32_t run = 0;
    for (int64_t place = 0; place < length; place++)
        run |= (uint32_t)lower(at[place]) << 8 * place;
    int found = 0;
    for (size_t place = 0; place < sizeof SHORTENED / sizeof *SHORTENED; place++)
        found |= SHORTENED[place] == run;
    return found ? run_end + 1 : 0;
}

static const uint8_t *number(const uint8_t *at) {
    const uint8_t *end = 0;
    while (KIND[*at] == DIGIT)
        at++;
    while ((*at == '.' || *at == ',' || *at == ':') && KIND[at[1]] == DIGIT) {
        for (at++; KIND[*at] == DIGIT;)
            at++;
        end = at;
    }
    return end;
}

/* Words that go on after the letters and digits they start with, which end at `run_end`. */
static const uint8_t *beyond_run(Text *text, const uint8_t *at, const uint8_t *run_end) {
    const uint8_t *end = 0;
    uint8_t next = *run_end;
    if (next == ':' && (says(at, "http://") || says(at, "https://")))
        end = web_address(text, run_end + 3);
    else if (next == '.' && says(at, "www."))
        end = web_address(text, run_end + 1);
    if (!end && text->may_hold_mail)
        end = mail_address(text, at);
    if (!end && next == '\'' && run_end == at + 1) {
        if (says(at, "n't") && !is_boundary_word(at[3]))
            end = at + 3;
        int64_t first = letter_at(at + 2);
        if (says(at, "o'") && first && letter_at(at + 2 + first))
            end = run_of(at + 2, letter_at);
    }
    if (!end && next == '.') {
        end = initials(at);
        end = end ? end : abbreviation(at, run_end);
    }
    return !end && KIND[*at] == DIGIT ? number(at) : end;
}

static const uint8_t *after_apostrophe(const uint8_t *at) {
    static const char *const ENDINGS[] = {"'s", "'re", "'ve", "'ll", "'d", "'m", "'em"};
    for (size_t place = 0; place < sizeof ENDINGS / sizeof *ENDINGS; place++) {
        const uint8_t *end = at + strlen(ENDINGS[place]);
        if (says(at, ENDINGS[place]) && !is_boundary_word(*end))
            return end;
    }
    int is_decade = KIND[at[1]] == DIGIT && at[2] == '0' && at[3] == 's' && !is_boundary_word(at[4]);
    return is_decade ? at + 4 : at[1] == '\'' ? at + 2 : at + 1;
}

/* Words that start with a sign of ASCII. */
static const uint8_t *sign(const uint8_t *at) {
    const uint8_t *end = at + 1;
    switch (*at) {
    case '@':
        return *end == '_' || letter_at(end) ? run_of(end, name_at) : end;
    case '\'':
        return after_apostrophe(at);
    case '`':
        return *end == '`' ? end + 1 : end;
    case '-':
        if ((lower(at[1]) == 'l' || lower(at[1]) == 'r') && at[2] && strchr("rcs", lower(at[2])) &&
            says(at + 3, "b-"))
            return at + 5; /* a bracket, spelt out */
        /* fall through */
    case '.':
    case '*':
    case '=':
    case '~':
    case '+':
    case '_':
        while (*end == *at)
            end++;
    }
    return end;
}

static int cut_text(WordTable *table, const uint8_t *at, int64_t length) {
    Text text = {at + length, memchr(at, '@', (size_t)length) != 0, at};
    while ((at += *at == ' ') < text.end) {
        const uint8_t *end = at;
        int64_t run = leading_alphanumerics(load8(at));
        if (run || letter_at(at)) {
            for (end += run; run == 8; end += run)
                run = leading_alphanumerics(load8(end));
            if (*end >= 0x80)
                end = run_of(end, alphanumeric_at);
            if (KIND[*end] == SIGN) {
                const uint8_t *further = beyond_run(&text, at, end);
                end = further ? further : end;
            }
        } else if (KIND[*at] == SIGN) {
            end = sign(at);
        } else if (KIND[*at] == SKIPPED || is_skipped(at)) {
            at += character_at(at);
            continue;
        } else {
            end = at + character_at(at);
        }
        end = end < text.end ? end : text.end;
        if (!append(table, at, end - at))
            return 0;
        at = end;
    }
    return look_up(table);
}

/* ---- What Python calls ---- */

void words_close(WordTable *table) {
    if (!table)
        return;
    free(table->slots);
    free(table->ends);
    free(table->letters);
    free(table->codes);
    free(table->text);
    free(table);
}

/* Return an empty table, null if there is no memory. */
WordTable *words_open(void) {
    WordTable *table = calloc(1, sizeof *table);
    if (table && !rehash(table, 1024)) {
        words_close(table);
        return 0;
    }
    return table;
}

/* Cut texts that lie end to end, and append the numbers of their words.

   bytes      the texts, UTF-8
   lengths    (n_texts) bytes of each
   is_cut     (n_texts) 1 for texts that are words already, a newline after each but the last
   n_words    (n_texts) set to the number of words of each text
   Returns 0 if there is no memory: the table can then only be closed. */
int words_cut(WordTable *table, const uint8_t *bytes, const int64_t *lengths, const uint8_t *is_cut,
              int64_t n_texts, int lowercase, int64_t *n_words) {
    for (int64_t text = 0; text < n_texts; text++) {
        int64_t length = lengths[text], before = table->n_codes;
        if (!reserve((void **)&table->text, &table->room_text, 3 * length + 2 * PADDING, 1) ||
            !reserve((void **)&table->codes, &table->room_codes, before + length, 4))
            return 0;
        uint8_t *plain = table->text, *split = plain + length + PADDING;
        if (is_cut[text]) {
            memcpy(plain, bytes, (size_t)length);
            memset(plain + length, 0, PADDING);
            const uint8_t *word = plain, *end = word + length, *newline;
            for (; word < end; word = newline + 1) {
                newline = memchr(word, '\n', (size_t)(end - word));
                newline = newline ? newline : end;
                if (newline > word && !append(table, word, newline - word))
                    return 0;
            }
            if (!look_up(table))
                return 0;
        } else {
            int64_t n_plain = make_plain(bytes, length, plain, lowercase);
            memset(plain + n_plain, 0, PADDING);
            int64_t n_split = make_split(plain, n_plain, split);
            memset(split + n_split, 0, PADDING);
            if (!cut_text(table, split, n_split))
                return 0;
        }
        n_words[text] = table->n_codes - before;
        bytes += length;
    }
    return 1;
}

/* Say how much words_read will write: the numbers, and the bytes of the distinct words. */
void words_size(const WordTable *table, int64_t *n_codes, int64_t *n_letters) {
    *n_codes = table->n_codes;
    *n_letters = table->n_letters;
}

/* Copy out the number of every word cut, and the distinct words, a newline after each. */
void words_read(const WordTable *table, int32_t *codes, uint8_t *letters) {
    if (table->n_codes)
        memcpy(codes, table->codes, (size_t)table->n_codes * 4);
    if (table->n_letters)
        memcpy(letters, table->letters, (size_t)table->n_letters);
}

/* ---- Over the numbers of words ---- */

/* Count how often, and in how many texts, each word occurs.

   offsets          (n_texts + 1) where each text's codes start
   last_text        (n_distinct) filled with -1
   counts, texts    (n_distinct) filled with 0 */
void words_count(const int32_t *codes, const int64_t *offsets, int64_t n_texts, int64_t *last_text,
                 int64_t *counts, int64_t *texts) {
    for (int64_t text = 0; text < n_texts; text++)
        for (int64_t at = offsets[text]; at < offsets[text + 1]; at++) {
            int32_t code = codes[at];
            counts[code]++;
            texts[code] += last_text[code] != text;
            last_text[code] = text;
        }
}

/* Number pairs of codes 0, 1, ... in the order of their first occurrence.

   keys     (n) a pair each: one code times 2^32, plus the other
   codes    (n) set to the number of each pair
   firsts   (n) its first n_distinct are set to where each distinct pair came first
   Returns n_distinct, -1 if there is no memory. */
int64_t words_pairs(const uint64_t *keys, int64_t n, int32_t *codes, int64_t *firsts) {
    int64_t n_slots = 1024, n_distinct = 0;
    int32_t *slots = malloc((size_t)n_slots * sizeof *slots);
    if (!slots)
        return -1;
    memset(slots, -1, (size_t)n_slots * sizeof *slots);
    for (int64_t at = 0; at < n; at++) {
        uint64_t mask = (uint64_t)(n_slots - 1), place = mixed(keys[at]) & mask;
        while (slots[place] >= 0 && keys[firsts[slots[place]]] != keys[at])
            place = (place + 1) & mask;
        if (slots[place] < 0) {
            firsts[n_distinct] = at;
            slots[place] = (int32_t)n_distinct++;
        }
        codes[at] = slots[place];
        if (2 * n_distinct > n_slots) {
            free(slots);
            n_slots *= 4;
            slots = n_distinct < INT32_MAX ? malloc((size_t)n_slots * sizeof *slots) : 0;
            if (!slots)
                return -1;
            memset(slots, -1, (size_t)n_slots * sizeof *slots);
            for (int64_t pair = 0; pair < n_distinct; pair++) {
                place = mixed(keys[firsts[pair]]) & (uint64_t)(n_slots - 1);
                while (slots[place] >= 0)
                    place = (place + 1) & (uint64_t)(n_slots - 1);
                slots[place] = (int32_t)pair;
            }
        }
    }
    free(slots);
    return n_distinct;
}
