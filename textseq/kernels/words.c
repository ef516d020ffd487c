/* Texts to words, and words to numbers, in one pass over the bytes.

   The words are those of the regular expressions in textseq/text/patterns.py; tests compare the
   two. Texts are UTF-8 without the characters that NOT_SIMPLE there matches: what stays beyond
   ASCII are letters and signs of Latin-1, dashes, quotation marks, the ellipsis and the euro sign.

   A text goes through two buffers: `plain` holds it in lower case with typographic variants
   replaced, `split` with spaces put between the pieces of a contraction. Both end in zero bytes,
   so that a look at the next few bytes needs no check. Each word cut from `split` is looked up in
   a hash table, which numbers the words in the order of their first occurrence. */

#include "word_table.h"
#include "word_text.h"

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

#define PACKED(a, b, c, d)                                                                         \
    (uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24

static const uint8_t *abbreviation(const uint8_t *at, const uint8_t *run_end) {
    static const uint32_t SHORTENED[] = {
        PACKED('m', 'r', 0, 0),   PACKED('m', 'r', 's', 0),   PACKED('m', 's', 0, 0),
        PACKED('d', 'r', 0, 0),   PACKED('p', 'r', 'o', 'f'), PACKED('s', 't', 0, 0),
        PACKED('j', 'r', 0, 0),   PACKED('s', 'r', 0, 0),     PACKED('g', 'e', 'n', 0),
        PACKED('g', 'o', 'v', 0), PACKED('s', 'e', 'n', 0),   PACKED('r', 'e', 'p', 0),
        PACKED('l', 't', 0, 0),   PACKED('c', 'o', 'l', 0),   PACKED('c', 'a', 'p', 't'),
        PACKED('s', 'g', 't', 0), PACKED('i', 'n', 'c', 0),   PACKED('c', 'o', 'r', 'p'),
        PACKED('l', 't', 'd', 0), PACKED('v', 's', 0, 0),     PACKED('e', 't', 'c', 0),
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
    int is_decade = KIND[at[1]] == DIGIT && at[2] == '0' && at[3] == 's';
    return is_decade && !is_boundary_word(at[4]) ? at + 4 : at[1] == '\'' ? at + 2 : at + 1;
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
        /* plain (length + PADDING,) and split (2 * length + PADDING,), one behind the other. */
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

/* Number whole words: those that were met before as they were, the others next.

   bytes    the words end to end, PADDING zero bytes behind the last
   lengths  (n) bytes of each
   codes    (n) set to the number of each
   Returns how many distinct words there are by now; -1 if there is no memory: the table can then
   only be closed. */
int64_t words_number(WordTable *table, const uint8_t *bytes, const int64_t *lengths, int64_t n,
                     int32_t *codes) {
    table->n_codes = 0;
    if (!reserve((void **)&table->codes, &table->room_codes, n, 4))
        return -1;
    for (int64_t word = 0; word < n; word++) {
        if (!append(table, bytes, lengths[word]))
            return -1;
        bytes += lengths[word];
    }
    if (!look_up(table))
        return -1;
    if (n)
        memcpy(codes, table->codes, (size_t)n * 4);
    return table->n_words;
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
    /* Open addressing, at most half full: slots (n_slots,) hold a pair's number, -1 where empty. */
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
