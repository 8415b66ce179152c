package io.alldocs.cache.internal.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Checks whether text that arrives in parts is exactly one JSON value (RFC 8259), without building a tree. Every byte
 * is checked. Like {@code JSON.parse}, it limits neither depth nor length. Within strings it accepts bytes that are not
 * UTF-8. Not thread-safe.
 */
public final class JsonCheck {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long QUOTES = 0x2222222222222222L;
    private static final long BACKSLASHES = 0x5c5c5c5c5c5c5c5cL;
    private static final long SPACES = 0x2020202020202020L;

    private static final byte[][] WORDS = {{'t', 'r', 'u', 'e'}, {'f', 'a', 'l', 's', 'e'}, {'n', 'u', 'l', 'l'}};

    // States of the parser, which determine what may come next. Numbers and literals have a state after each of their
    // parts.
    private static final int VALUE = 0;
    private static final int FIRST_VALUE = 1;
    private static final int FIRST_NAME = 2;
    private static final int NAME = 3;
    private static final int COLON = 4;
    private static final int BEHIND_VALUE = 5;
    private static final int IN_TEXT = 6;
    private static final int ESCAPE = 7;
    private static final int HEX = 8;
    private static final int WORD = 9;
    private static final int SIGN = 10;
    private static final int ZERO = 11;
    private static final int DIGITS = 12;
    private static final int POINT = 13;
    private static final int FRACTION = 14;
    private static final int EXPONENT = 15;
    private static final int EXPONENT_SIGN = 16;
    private static final int EXPONENT_DIGITS = 17;
    private static final int BROKEN = 18;

    private int state;
    private int depth;
    /** One bit per open bracket: 1 for an object. */
    private long[] objects = new long[4];

    private boolean inName;
    private boolean anything;
    private boolean object;
    private boolean markup;
    private int left;
    private byte[] word = WORDS[0];

    /** Resets the state for a new text. */
    public void reset() {
        state = VALUE;
        depth = 0;
        anything = false;
        object = false;
        markup = false;
        objects = objects.length > 64 ? new long[4] : objects;
    }

    /** Returns whether the text so far is invalid JSON, so that no continuation can make it valid. */
    public boolean isBroken() {
        return state == BROKEN;
    }

    /** Returns whether the text is one complete value if it ends here. */
    public boolean isWhole() {
        return anything && depth == 0 && (state == BEHIND_VALUE || endsNumber());
    }

    /** Returns whether the text is, or begins like, an object. */
    public boolean isObject() {
        return object;
    }

    /** Returns whether the text so far is nothing but white space. */
    public boolean isEmpty() {
        return !anything;
    }

    /** Returns whether the text begins like HTML or XML. */
    public boolean isMarkup() {
        return markup;
    }

    private boolean endsNumber() {
        return state == ZERO || state == DIGITS || state == FRACTION || state == EXPONENT_DIGITS;
    }

    /** Checks the next part of the text. */
    public void accept(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (state == IN_TEXT) {
                at = text(bytes, at, to);
            } else if (state == BROKEN) {
                return;
            } else {
                next(bytes[at++]);
            }
        }
    }

    /**
     * Skips a string up to its end or its next escape, eight bytes at a time. Also skips the strings that follow, as
     * long as a single colon or comma separates them.
     */
    private int text(byte[] bytes, int from, int to) {
        int at = from;
        while (true) {
            at = special(bytes, at, to);
            if (at >= to) {
                return to;
            }
            byte octet = bytes[at++];
            if (octet != '"') {
                state = octet == '\\' ? ESCAPE : BROKEN;
                return at;
            }
            boolean next = at + 1 < to && bytes[at + 1] == '"' && bytes[at] == (inName ? ':' : ',') && depth > 0;
            if (!next) {
                state = inName ? COLON : BEHIND_VALUE;
                return at;
            }
            inName = !inName && inObject();
            at += 2;
        }
    }

    /** Returns the index of the next quote, backslash or control character, or {@code to} if there is none. */
    private static int special(byte[] bytes, int from, int to) {
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            long eight = (long) LONGS.get(bytes, at);
            long quote = eight ^ QUOTES;
            long backslash = eight ^ BACKSLASHES;
            // The lowest high bit marks the first quote, backslash or control character. Bits above it may be false
            // positives.
            long found = (((quote - ONES) | (backslash - ONES) | (eight - SPACES)) & ~eight) & HIGH_BITS;
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >> 3);
            }
        }
        while (at < to) {
            byte octet = bytes[at];
            if (octet == '"' || octet == '\\' || (octet >= 0 && octet < ' ')) {
                return at;
            }
            at++;
        }
        return at;
    }

    private void next(byte octet) {
        switch (state) {
            case VALUE, FIRST_VALUE -> value(octet);
            case FIRST_NAME, NAME -> name(octet);
            case COLON -> {
                if (octet == ':') {
                    state = VALUE;
                } else if (!isSpace(octet)) {
                    state = BROKEN;
                }
            }
            case BEHIND_VALUE -> behindValue(octet);
            case ESCAPE -> escape(octet);
            case HEX -> {
                if (Character.digit(octet, 16) < 0) {
                    state = BROKEN;
                } else if (--left == 0) {
                    state = IN_TEXT;
                }
            }
            case WORD -> {
                if (octet != word[word.length - left]) {
                    state = BROKEN;
                } else if (--left == 0) {
                    state = BEHIND_VALUE;
                }
            }
            default -> number(octet);
        }
    }

    private void value(byte octet) {
        if (isSpace(octet)) {
            return;
        }
        boolean first = !anything;
        anything = true;
        markup = first && octet == '<';
        switch (octet) {
            case '"' -> {
                inName = false;
                state = IN_TEXT;
            }
            case '{' -> {
                object |= first;
                open(true);
            }
            case '[' -> open(false);
            case ']' -> {
                if (state == FIRST_VALUE) {
                    close(false);
                } else {
                    state = BROKEN;
                }
            }
            case 't' -> word(0);
            case 'f' -> word(1);
            case 'n' -> word(2);
            case '-' -> state = SIGN;
            case '0' -> state = ZERO;
            default -> state = octet >= '1' && octet <= '9' ? DIGITS : BROKEN;
        }
    }

    private void word(int index) {
        word = WORDS[index];
        left = word.length - 1;
        state = WORD;
    }

    private void name(byte octet) {
        if (octet == '"') {
            inName = true;
            state = IN_TEXT;
        } else if (octet == '}' && state == FIRST_NAME) {
            close(true);
        } else if (!isSpace(octet)) {
            state = BROKEN;
        }
    }

    private void behindValue(byte octet) {
        if (isSpace(octet)) {
            return;
        }
        switch (octet) {
            case ',' -> state = depth == 0 ? BROKEN : inObject() ? NAME : VALUE;
            case '}' -> close(true);
            case ']' -> close(false);
            default -> state = BROKEN;
        }
    }

    private void escape(byte octet) {
        switch (octet) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> state = IN_TEXT;
            case 'u' -> {
                left = 4;
                state = HEX;
            }
            default -> state = BROKEN;
        }
    }

    private void number(byte octet) {
        boolean digit = octet >= '0' && octet <= '9';
        switch (state) {
            case SIGN -> state = octet == '0' ? ZERO : digit ? DIGITS : BROKEN;
            case POINT -> state = digit ? FRACTION : BROKEN;
            case EXPONENT -> state = digit ? EXPONENT_DIGITS : octet == '+' || octet == '-' ? EXPONENT_SIGN : BROKEN;
            case EXPONENT_SIGN -> state = digit ? EXPONENT_DIGITS : BROKEN;
            default -> {
                boolean exponent = octet == 'e' || octet == 'E';
                if (digit && state != ZERO) {
                    return;
                }
                if (octet == '.' && (state == ZERO || state == DIGITS)) {
                    state = POINT;
                } else if (exponent && state != EXPONENT_DIGITS) {
                    state = EXPONENT;
                } else if (digit || exponent || octet == '.') {
                    state = BROKEN;
                } else {
                    state = BEHIND_VALUE;
                    behindValue(octet);
                }
            }
        }
    }

    private void open(boolean asObject) {
        int index = depth >> 6;
        if (index == objects.length) {
            objects = Arrays.copyOf(objects, 2 * index);
        }
        long bit = 1L << depth;
        objects[index] = asObject ? objects[index] | bit : objects[index] & ~bit;
        depth++;
        state = asObject ? FIRST_NAME : FIRST_VALUE;
    }

    private void close(boolean asObject) {
        if (depth == 0 || inObject() != asObject) {
            state = BROKEN;
            return;
        }
        depth--;
        state = BEHIND_VALUE;
    }

    private boolean inObject() {
        int top = depth - 1;
        return (objects[top >> 6] & 1L << top) != 0;
    }

    /** Returns whether the byte is JSON white space (RFC 8259 §2). */
    private static boolean isSpace(byte octet) {
        return octet == ' ' || octet == '\n' || octet == '\r' || octet == '\t';
    }
}
