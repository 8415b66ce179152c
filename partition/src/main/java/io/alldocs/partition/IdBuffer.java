package io.alldocs.partition;

/** Stores one id without creating a String. Not thread-safe. */
final class IdBuffer {
    private static final char[] DESIGN = "_design/".toCharArray();

    private char[] chars = new char[256];
    private int length;

    /** Copies the text. Returns false if the text is empty or contains an unpaired surrogate. */
    boolean set(char[] text, int from, int count) {
        if (chars.length < count) {
            chars = new char[Math.max(count, 2 * chars.length)];
        }
        System.arraycopy(text, from, chars, 0, count);
        length = count;
        return count > 0 && isUnicode();
    }

    private boolean isUnicode() {
        for (int i = 0; i < length; i++) {
            if (Character.isSurrogate(chars[i])) {
                return Keys.unpairedSurrogate(toString()) < 0;
            }
        }
        return true;
    }

    /** Compares in the order of UTF-8 bytes, which for valid Unicode is the order of code points. */
    int compareTo(char[] text, int from, int count) {
        int shared = Math.min(length, count);
        for (int i = 0; i < shared; i++) {
            char a = chars[i];
            char b = text[from + i];
            if (a != b) {
                return codePointRank(a) - codePointRank(b);
            }
        }
        return length - count;
    }

    /**
     * Ranks surrogates above all other characters: they encode the highest code points, although their own values lie
     * below U+E000.
     */
    private static int codePointRank(char c) {
        return Character.isSurrogate(c) ? c + 0x10000 : c;
    }

    boolean isDesignDocument() {
        return length >= DESIGN.length && java.util.Arrays.equals(chars, 0, DESIGN.length, DESIGN, 0, DESIGN.length);
    }

    @Override
    public String toString() {
        return new String(chars, 0, length);
    }
}
