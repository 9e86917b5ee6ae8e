/* The line editor: bytes in, text and picture out. */
#include "base/mem.h"
#include "cli/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static int set_up(void **state) { return line_create((struct line **)state, NULL); }

static int tear_down(void **state)
{
    line_destroy(*state);
    return 0;
}

/* Types all of it; the last event. */
static enum line_event type(struct line *l, const char *bytes)
{
    size_t used;
    enum line_event event = line_feed(l, bytes, strlen(bytes), &used);
    assert_int_equal(used, strlen(bytes));
    return event;
}

#define TYPED(keys, text)                                                                                              \
    do {                                                                                                               \
        line_clear(*state);                                                                                            \
        type(*state, keys);                                                                                            \
        assert_string_equal(line_text(*state), text);                                                                  \
    } while (0)

static void edits(void **state)
{
    TYPED("hello", "hello");
    TYPED("hello\x7f\x08p", "help");
    TYPED("abc\033[D\033[DX", "aXbc");
    TYPED("abc\x01X\x05Y", "XabcY");
    TYPED("abc\x01\x04", "bc");
    TYPED("abc\x01\033[3~", "bc");
    TYPED("abc\033[H\033[CX\033[FY", "aXbcY");
    TYPED("one two three\x17\x17", "one ");
    TYPED("one two\x01\x0b", "");
    TYPED("one two\033[D\x15", "o");
    TYPED("one two\033b\033bX", "Xone two");
    TYPED("one two\033[1;5D\033d", "one ");
    TYPED("a\tb", "a    b");
    TYPED("\x7fx\033[D\033[D\033[C\033[Cy", "xy");
    TYPED("a\033[99;99;99Zb\033Oqc\033xd", "abcd");
}

static void speaks_chinese(void **state)
{
    TYPED("你好世界", "你好世界");
    TYPED("你好世界\x7f", "你好世");
    TYPED("你好世界\033[D\033[D啊", "你好啊世界");
    TYPED("你好世界\x17", "你好世");
    TYPED("abc你好\x17\x17\x17", "");
    TYPED("e\xcc\x81x\x7f\x7f", "");
    /* A character may come in pieces; broken and control bytes are left out. */
    size_t used;
    line_clear(*state);
    line_feed(*state, "\xe4\xbd", 2, &used);
    line_feed(*state, "\xa0", 1, &used);
    assert_string_equal(line_text(*state), "你");
    TYPED("a\xff\xfe\xe4 b\xc2\x9b"
          "c",
          "a bc");
}

static void enter_ends_and_the_rest_waits(void **state)
{
    size_t used;
    assert_int_equal(line_feed(*state, "one\ntwo", 7, &used), LINE_DONE);
    assert_int_equal(used, 4);
    assert_string_equal(line_text(*state), "one");
    assert_int_equal(type(*state, "\r"), LINE_DONE);
    line_clear(*state);
    assert_int_equal(type(*state, "\x04"), LINE_END);
    assert_int_equal(type(*state, "a\x01\x04"), LINE_MORE);
    assert_int_equal(type(*state, "a\033\nb\r"), LINE_DONE);
    assert_string_equal(line_text(*state), "a\nb");
}

static void a_paste_is_one_text(void **state)
{
    assert_int_equal(type(*state, "\033[200~one\rtwo\n\x03\x04\x01三\033[201~"), LINE_MORE);
    assert_string_equal(line_text(*state), "one\ntwo\n三");
    type(*state, "\033[A\033[AX\033[BY");
    assert_string_equal(line_text(*state), "onXe\ntwoY\n三");
    type(*state, "\033[BZ");
    assert_string_equal(line_text(*state), "onXe\ntwoY\n三Z");
    line_clear(*state);
    char *large = mem_alloc(LINE_MAX_BYTES + 2);
    memset(large, 'a', LINE_MAX_BYTES + 1);
    large[LINE_MAX_BYTES + 1] = '\0';
    type(*state, large);
    assert_int_equal(strlen(line_text(*state)), LINE_MAX_BYTES);
    mem_free(large);
}

static void remembers(void **state)
{
    line_remember(*state, "first");
    line_remember(*state, "second");
    line_remember(*state, "second");
    line_remember(*state, "");
    TYPED("now\033[A", "second");
    TYPED("now\033[A\033[A", "first");
    TYPED("now\033[A\033[A\033[A\033[A", "first");
    TYPED("now\033[A\033[A\033[B\033[B", "now");
    TYPED("now\033[B\x10\x0e", "now");
    TYPED("\033[A!", "second!");
    for (int i = 0; i < LINE_HISTORY + 5; i++)
        line_remember(*state, i % 2 ? "odd" : "even");
    TYPED("\033[A", "even");
}

/* A tiny terminal: 8 rows of so many columns; a wide character fills its second cell with '_'. */
struct screen {
    size_t columns, row, column;
    char cells[8][64];
};

static void show(struct screen *s, const char *out, size_t n)
{
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)out[i];
        if (c == 0x1B) {
            int k = 0;
            for (i += 2; out[i] >= '0' && out[i] <= '9'; i++)
                k = k * 10 + out[i] - '0';
            switch (out[i++]) {
            case 'A': s->row -= (size_t)k; break;
            case 'C': s->column += (size_t)k; break;
            case 'J':
                memset(&s->cells[s->row][s->column], ' ', 63 - s->column);
                for (size_t r = s->row + 1; r < 8; r++)
                    memset(s->cells[r], ' ', 63);
                break;
            default: fail();
            }
            assert_true(s->row < 8 && s->column < s->columns);
        } else if (c == '\r') {
            s->column = 0;
            i++;
        } else if (c == '\n') {
            s->row++;
            i++;
            assert_true(s->row < 8);
        } else {
            size_t len = c < 0x80 ? 1 : c < 0xE0 ? 2 : 3, width = len == 3 && c != 0xE2 ? 2 : 1;
            assert_true(s->column + width <= s->columns);
            s->cells[s->row][s->column] = (char)(len == 1 ? c : '#');
            if (width == 2)
                s->cells[s->row][s->column + 1] = '_';
            s->column += width;
            i += len;
        }
    }
}

static void draw(struct line *l, struct screen *s, size_t rows)
{
    struct buf out;
    buf_init(&out, 1u << 20);
    line_render(l, "> ", s->columns, rows, &out);
    show(s, out.data, out.len);
    buf_finish(&out);
}

static void check_row(const struct screen *s, size_t row, const char *want)
{
    size_t n = strlen(want);
    assert_memory_equal(s->cells[row], want, n);
    for (size_t i = n; i < 63; i++)
        assert_int_equal(s->cells[row][i], ' ');
}

static void draws(void **state)
{
    struct screen s = { .columns = 10 };
    memset(s.cells, ' ', sizeof(s.cells));
    type(*state, "hello");
    draw(*state, &s, 8);
    check_row(&s, 0, "> hello");
    assert_int_equal(s.column, 7);
    type(*state, "world");
    draw(*state, &s, 8);
    check_row(&s, 0, "> hellowor");
    check_row(&s, 1, "ld");
    assert_true(s.row == 1 && s.column == 2);
    type(*state, "\x7f\x7f"); /* exactly full: the cursor stands on the next row */
    draw(*state, &s, 8);
    check_row(&s, 0, "> hellowor");
    check_row(&s, 1, "");
    assert_true(s.row == 1 && s.column == 0);
    type(*state, "\x01");
    draw(*state, &s, 8);
    assert_true(s.row == 0 && s.column == 2);
    line_clear(*state);
    type(*state, "a你好世界"); /* nine columns and a wide one: it is not cut */
    draw(*state, &s, 8);
    check_row(&s, 0, "> a#_#_#_");
    check_row(&s, 1, "#_");
    type(*state, "\033[D");
    draw(*state, &s, 8);
    assert_true(s.row == 1 && s.column == 0);
    line_clear(*state);
    type(*state, "\033[200~a\nb\n\033[201~");
    draw(*state, &s, 8);
    check_row(&s, 0, "> a");
    check_row(&s, 1, "b");
    assert_true(s.row == 2 && s.column == 0);
}

static void a_text_higher_than_the_terminal(void **state)
{
    struct screen s = { .columns = 10 };
    memset(s.cells, ' ', sizeof(s.cells));
    type(*state, "\033[200~1\n2\n3\n4\n5\n6\n7\n8\n9\033[201~");
    draw(*state, &s, 5);
    check_row(&s, 0, "6");
    check_row(&s, 3, "9");
    assert_true(s.row == 3 && s.column == 1);
    for (int i = 0; i < 8; i++)
        type(*state, "\033[A");
    draw(*state, &s, 5);
    check_row(&s, 0, "> 1");
    check_row(&s, 3, "4");
    assert_int_equal(s.row, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(edits),     T(speaks_chinese), T(enter_ends_and_the_rest_waits),   T(a_paste_is_one_text),
        T(remembers), T(draws),          T(a_text_higher_than_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
